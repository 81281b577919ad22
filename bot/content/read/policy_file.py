"""config/policy.yaml: the values that differ by city, opening hours, banks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.content.read import models as m
from bot.content.read.source import Finding, Loc, Source, nearest, worded
from bot.content.read.validation import mapping, model
from bot.content.read.words import whole
from bot.engine.hours import Hours

NUMBERS = ("temporary_days", "evidence_days")
"""Values that the program itself uses as numbers."""
PARTS = ("hours", "banks")
"""The sections beside the values."""
Policy = dict[str, dict[str, str]]
UNKNOWN = "unknown-policy"
_ASKED = re.compile(r"policy\.([a-z][a-z0-9_]*)")


def read_policy(source: Source) -> tuple[Policy, dict[str, tuple[Hours, ...]], list[Mapping[str, str]]]:
    """Returns values by name, hours by name, banks; findings at the source."""
    data = dict(mapping(source))
    hours, banks = data.pop("hours", {}), data.pop("banks", [])
    policy: Policy = {}
    for name, raw in data.items():
        if not (isinstance(raw, dict) and m.PolicyModel.model_fields.keys() & raw.keys()):
            missing = [part for part in PARTS if not isinstance(source.data, dict) or part not in source.data]
            if nearest(name, missing):
                source.error((name,), "unknown-key", key=True, name=name, known=missing)
                continue
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


def misspelt(sources: Mapping[str, Source]) -> None:
    """Reports an unused value with a name close to a missing one: one of the two names is wrong. The lines
    that use it then only say that it is missing."""
    source = sources["config/policy.yaml"]
    written = set(source.data) if isinstance(source.data, dict) else set()
    missing = {_asked_for(x) for s in sources.values() for x in s.findings if x.code == UNKNOWN}
    missing |= set(NUMBERS) - written
    asked = {
        *NUMBERS,
        *PARTS,
        *(w for s in sources.values() for line in s.lines for w in _ASKED.findall(line)),
    }
    for name in sorted(written - asked):
        if twin := nearest(name, written & asked, alike=85):
            source.warn((name,), "policy-idle", key=True, name=name, twin=twin)
    close = {name: nearest(name, written - asked, alike=80) for name in sorted(missing - written)}
    for name, other in close.items():
        if other:
            source.error((other,), "policy-name", key=True, name=other, wanted=name)
    for other_source in sources.values():
        found = other_source.findings
        found[:] = [
            _bare(x) if x.code == UNKNOWN and close.get(_asked_for(x)) else x
            for x in found
            if not _unread(x, written)
        ]


def _unread(finding: Finding, written: set[str]) -> bool:
    """Checks whether the missing value exists, with a finding of its own."""
    if finding.code == "unknown-value-here":
        return finding.name.startswith("policy.") and finding.name.split(".")[1] in written
    return finding.code == UNKNOWN and _asked_for(finding) in written


def _asked_for(finding: Finding) -> str:
    return finding.name.partition(".")[0]


def _bare(finding: Finding) -> Finding:
    english, chinese = worded(UNKNOWN, {"name": finding.name})
    return replace(finding, sentence=english, zh=chinese)


def _hours(source: Source, spans: object, loc: Loc) -> tuple[Hours, ...]:
    if not isinstance(spans, list):
        source.error(loc, "hours")
        return ()
    found = [model(source, m.HoursModel, span, (*loc, i)) for i, span in enumerate(spans)]
    made = [hours(source, span, (*loc, i)) for i, span in enumerate(found) if span is not None]
    return tuple(span for span in made if span is not None)


def hours(source: Source, span: m.HoursModel, loc: Loc) -> Hours | None:
    """Returns None with a finding if it closes before it opens."""
    found = span.read()
    if found.start >= found.end:
        source.error((*loc, "to"), "hours-order", name=span.to)
        return None
    return found
