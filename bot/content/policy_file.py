"""config/policy.yaml: what differs by city, opening hours, banks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.content import models as m
from bot.content.shape import mapping, model
from bot.content.source import Loc, Source
from bot.content.words import whole
from bot.engine import flow as f

NUMBERS = ("temporary_days", "evidence_days")
"""Values that the program itself counts with."""
Policy = dict[str, dict[str, str]]
_SPAN = re.compile(r"([1-7])(?:-([1-7]))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


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
    made = []
    for i, span in enumerate(spans):
        found = model(source, m.HoursModel, span, (*loc, i))
        if found is None:
            continue
        days = _days(found.days)
        start, end = minutes(found.from_), minutes(found.to)
        if days is None:
            source.error((*loc, i, "days"), "hours-days", name=found.days)
        elif start is None or end is None:
            part = "from" if start is None else "to"
            source.error((*loc, i, part), "hours-clock", name=found.from_ if start is None else found.to)
        elif start >= end:
            source.error((*loc, i, "to"), "hours-order", name=found.to)
        else:
            made.append(f.Hours(days, start, end))
    return tuple(made)


def _days(raw: str) -> tuple[int, ...] | None:
    days: list[int] = []
    for part in raw.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None or int(found[2] or found[1]) < int(found[1]):
            return None
        days += range(int(found[1]), int(found[2] or found[1]) + 1)
    return tuple(days)


def minutes(clock: str) -> int | None:
    """9:30 as minutes of the day; 24:00 is its end."""
    found = _CLOCK.fullmatch(clock.strip())
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 1440:
        return None
    return int(found[1]) * 60 + int(found[2])
