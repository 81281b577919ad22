"""config/policy.yaml: the values that differ by city, opening hours, banks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.content.messages import phrase
from bot.content.read import models as m
from bot.content.read.files import POLICY
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


def read_policy(
    source: Source,
) -> tuple[Mapping[str, Policy], dict[str, tuple[Hours, ...]], list[Mapping[str, str]]]:
    """Returns values by name from each day on (ISO 8601; "" before all of them), hours by
    name, banks; findings at the source."""
    data = dict(mapping(source))
    hours, banks = data.pop("hours", {}), data.pop("banks", [])
    dated: dict[str, Policy] = {"": {}}
    for name, raw in data.items():
        if name in m.PolicyModel.model_fields and any(x.code == "empty-value" for x in source.findings):
            continue  # of the one above, not indented
        if not any(m.PolicyModel.model_fields.keys() & part.keys() for _, part in parts(name, raw)):
            missing = [part for part in PARTS if not isinstance(source.data, dict) or part not in source.data]
            if nearest(name, missing):
                source.error((name,), "unknown-key", key=True, name=name, known=missing)
                continue
        for day, found in _values(source, name, raw):
            value = {"value": found.value, "source": found.source, "checked": found.checked}
            dated.setdefault(day, {})[name] = value
    policy: dict[str, Policy] = {}
    before: Policy = {}
    for day in sorted(dated):
        policy[day] = before = before | dated[day]
    if not isinstance(hours, dict):
        source.error(("hours",), "hours")
        hours = {}
    made = {name: _hours(source, spans, ("hours", name)) for name, spans in hours.items()}
    return policy, made, [b for b in banks if isinstance(b, dict)] if isinstance(banks, list) else []


def parts(name: str, raw: Any) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """Yields what is written for a value, with its place: one map, or one for each time."""
    if isinstance(raw, dict):
        yield (name,), raw
    for index, part in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(part, dict):
            yield (name, index), part


def of(raw: Any) -> tuple[str, ...]:
    """Returns the closed set of a value as it is written; of one with dates the first part has it."""
    first = raw[0] if isinstance(raw, list) and raw else raw
    return tuple(first.get("of", ())) if isinstance(first, dict) else ()


def place(source: Source, finding: Finding) -> Loc:
    """Returns where the value stands that a finding is about: of one with dates, the one that it names."""
    raw = source.data.get(finding.name) if isinstance(source.data, dict) else None
    for loc, part in parts(finding.name, raw):
        if f"“{part.get('value')}”" in finding.sentence:
            return (*loc, "value")
    return (finding.name, "value")


def _values(source: Source, name: str, raw: Any) -> Iterator[tuple[str, m.PolicyModel]]:
    """Yields the values of a name with the day from which each holds; "" for the first."""
    among, last = of(raw), ""
    if raw == []:
        source.error((name,), "policy-empty", name=name)
    many = isinstance(raw, list)
    for index, part in enumerate(raw if many else [raw]):
        loc: Loc = (name, index) if many else (name,)
        if isinstance(part, str) and part:
            source.error(loc, "shape", wanted=phrase("a-policy-value"))
            continue
        found = model(source, m.PolicyModel, part, loc)
        if found is None:
            continue
        _value(source, name, loc, found, tuple(found.of) or among)
        if index == 0 and found.from_:
            source.error((*loc, "from"), "policy-before", name=name, day=found.from_)
        elif index and not found.from_:
            source.error(loc, "policy-undated", name=name)
        elif index and found.from_ <= last:
            source.error((*loc, "from"), "policy-order", name=name, day=found.from_, last=last)
        else:
            last = found.from_
            yield last, found


def _value(source: Source, name: str, loc: Loc, found: m.PolicyModel, among: tuple[str, ...]) -> None:
    at = (*loc, "value")
    if not found.value.strip():
        source.error(at, "policy-empty", name=name)
    elif among and found.value not in among:
        source.error(at, "policy-value", name=found.value, known=among, among=", ".join(among))
    if name in NUMBERS and not whole(found.value):
        source.error(at, "number", name=found.value)
    if not found.source.strip():
        source.error((*loc, "source"), "policy-source", name=name)


def misspelt(sources: Mapping[str, Source]) -> None:
    """Reports an unused value with a name close to a missing one: one of the two names is wrong. The lines
    that use it then only say that it is missing."""
    source = sources[POLICY]
    written = set(source.data) if isinstance(source.data, dict) else set()
    missing = {_asked_for(x) for s in sources.values() for x in s.findings if x.code == UNKNOWN}
    missing |= set(NUMBERS) - written
    asked = {
        *NUMBERS,
        *PARTS,
        *(w for s in sources.values() for line in s.lines for w in _ASKED.findall(line)),
    }
    unread = any(x.code in ("missing-file", "no-language") for s in sources.values() for x in s.findings)
    for name in sorted(set() if unread else written - asked):
        if twin := nearest(name, written & asked, alike=85):
            source.warn((name,), "policy-idle", key=True, name=name, twin=twin)
    close = {name: nearest(name, written - asked, alike=80) for name in sorted(missing - written)}
    for name, other in close.items():
        if other:
            source.error((other,), "misnamed", key=True, name=other, wanted=name)
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
    overlap(source, made, loc)
    return tuple(span for span in made if span is not None)


def hours(source: Source, span: m.HoursModel, loc: Loc) -> Hours | None:
    """Returns None with a finding if it closes before it opens, or ends before it begins."""
    found = span.read()
    if found.since > found.until:
        source.error((*loc, "until"), "hours-dates", name=span.until, since=span.since)
        return None
    if found.start >= found.end:
        source.error((*loc, "to"), "hours-order", name=span.to)
        return None
    return found


def overlap(source: Source, spans: Sequence[Hours | None], loc: Loc) -> None:
    """Warns of a span of hours that overlaps one before it."""
    for i, span in enumerate(spans):
        for other in spans[:i]:
            if (
                span
                and other
                and (span.since, span.until) == (other.since, other.until)
                and set(span.days) & set(other.days)
                and span.start < other.end
                and other.start < span.end
            ):
                source.warn((*loc, i), "hours-overlap")
                return
