"""config/policy.yaml: what differs by city, opening hours, banks."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content import models as m
from bot.content.forms import minutes, weekdays
from bot.content.shape import mapping, model
from bot.content.source import Loc, Source
from bot.content.words import whole
from bot.engine import flow as f

NUMBERS = ("temporary_days", "evidence_days")
"""Values that the program itself counts with."""
Policy = dict[str, dict[str, str]]


def read_policy(source: Source) -> tuple[Policy, dict[str, tuple[f.Hours, ...]], list[Mapping[str, str]]]:
    """Values by name, hours by name, banks; findings at the source."""
    data = dict(mapping(source))
    hours, banks = data.pop("hours", {}), data.pop("banks", [])
    policy: Policy = {}
    for name, raw in data.items():
        found = model(source, m.PolicyModel, raw, (name,))
        if found is None:
            continue
        if not found.value.strip():
            source.error((name, "value"), "policy-empty", name=name)
        elif found.of and found.value not in found.of:
            source.error(
                (name, "value"), "policy-value", name=found.value, known=found.of, among=", ".join(found.of)
            )
        if name in NUMBERS and not whole(found.value):
            source.error((name, "value"), "number", name=found.value)
        if not found.source.strip():
            source.error((name, "source"), "policy-source", name=name)
        policy[name] = {"value": found.value, "source": found.source, "checked": found.checked}
    if not isinstance(hours, dict):
        source.error(("hours",), "hours")
        hours = {}
    made = {name: _hours(source, spans, ("hours", name)) for name, spans in hours.items()}
    return policy, made, [b for b in banks if isinstance(b, dict)] if isinstance(banks, list) else []


def _hours(source: Source, spans: object, loc: Loc) -> tuple[f.Hours, ...]:
    if not isinstance(spans, list):
        source.error(loc, "hours")
        return ()
    found = [model(source, m.HoursModel, span, (*loc, i)) for i, span in enumerate(spans)]
    made = [hours(source, span, (*loc, i)) for i, span in enumerate(found) if span is not None]
    return tuple(span for span in made if span is not None)


def hours(source: Source, span: m.HoursModel, loc: Loc) -> f.Hours | None:
    """None with a finding where it closes before it opens."""
    days, start, end = weekdays(span.days), minutes(span.from_), minutes(span.to)
    if days is None or start is None or end is None:
        raise AssertionError("the model has seen to their form")
    if start >= end:
        source.error((*loc, "to"), "hours-order", name=span.to)
        return None
    return f.Hours(days, start, end)
