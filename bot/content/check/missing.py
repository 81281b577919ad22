"""Reports a name that is used in many places and missing: one finding where it belongs, not one per place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.content.read.files import PAGES, POLICY
from bot.content.read.policy_file import NUMBERS, place
from bot.content.read.source import Finding, Source, drop

MANY = 3
"""Number of places from which a name counts as right and what it names as missing; fewer may be typing
errors."""
_FILES = {
    "unknown-policy": POLICY,
    "unknown-hours": POLICY,
    "unknown-page": PAGES,
    "unknown-flow": "",
}

_OF_VALUES = ("missing-value", "unknown-value", "unrouted", "unknown-outcome", "unreachable")
"""Findings about a choice's value."""


def gather(sources: dict[str, Source]) -> None:
    """Changes the findings in place. Call it after all other checks."""
    _renamed_words(sources)
    asked: dict[tuple[str, str], list[Finding]] = {}
    policy = sources[POLICY]
    read = isinstance(policy.data, dict)  # else its own finding says it all
    if read and not isinstance(policy.data.get("hours", {}), dict):
        drop(set_of(sources), lambda x: x.code == "unknown-hours")
    for finding in sorted(x for source in set_of(sources) for x in source.findings):
        if key := _asked_for(finding):
            asked.setdefault(key, []).append(finding)
    for (code, name), places in asked.items():
        if _FILES[code] == POLICY and not read:
            continue
        orphans = {x.file for x in places if x.code == "words-without-flow"}
        many = len(places) >= MANY or len(orphans) > 1 or (orphans and len(places) > len(orphans))
        if many or (code == "unknown-policy" and name in NUMBERS):
            _gone(sources, code, name, places)
    _forms(sources)
    _unsafe_values(sources)
    if read:
        for name in NUMBERS:
            if name not in policy.data and ("unknown-policy", name) not in asked:
                policy.error((), "missing-key", name=name)


def set_of(sources: Mapping[str, Source]) -> list[Source]:
    """Returns each source once: a file may have two names."""
    return list({id(source): source for source in sources.values()}.values())


def _asked_for(finding: Finding) -> tuple[str, str] | None:
    if finding.code == "unknown-path":
        return "unknown-flow", finding.name.partition(".")[0]
    if finding.code == "words-without-flow":
        return "unknown-flow", finding.name
    return (finding.code, finding.name.partition(".")[0]) if finding.code in _FILES else None


def _gone(sources: dict[str, Source], code: str, name: str, places: list[Finding]) -> None:
    file = _FILES[code] or f"flows/{name}.yaml"
    if file not in sources and code == "unknown-flow" and not any(x.code != "unknown-path" for x in places):
        return  # a slot's name, not a flow's
    also = {("no-person", name), ("unknown-value-here", f"policy.{name}")}
    mine = set(places)
    drop(set_of(sources), lambda x: x in mine or (x.code, x.name) in also)
    if code == "unknown-policy" and any(x.wanted == name for x in sources[POLICY].findings):
        return  # it is there, misspelt
    there = sources.setdefault(file, Source(file))
    there.error((), "gone", at=(1, 1), name=name, file=file, count=len(places), used=places_of(places))


def places_of(findings: Collection[Finding]) -> str:
    """Returns the first places, to look at."""
    return "、".join(f"{x.file}:{x.line}" for x in sorted(findings)[:MANY])


def _unsafe_values(sources: Mapping[str, Source]) -> None:
    """Drops other findings about a value in the wrong letters: its texts and ways are not checked."""
    for file, source in sources.items():
        wrong = {x.name for x in source.findings if x.code == "unsafe-value"}
        if wrong and file.startswith("flows/"):
            same = [other for other in sources.values() if other.file.rpartition("/")[2] == file[6:]]
            drop(same, lambda x: x.code in _OF_VALUES)


def _forms(sources: Mapping[str, Source]) -> None:
    """Reports a policy value of the wrong form once, where it is written, and nothing else there."""
    policy, seen = sources[POLICY], set[tuple[str, str]]()
    for source in set_of(sources):
        wrong = [x for x in source.findings if x.code == "policy-form"]
        drop([source], lambda x: x.code == "policy-form")
        for finding in wrong:
            if (finding.name, finding.sentence) not in seen:
                line, col = policy.at(place(policy, finding))
                policy.findings[:] = [x for x in policy.findings if (x.line, x.col) != (line, col)]
                policy.findings.append(replace(finding, file=policy.file, line=line, col=col))
                seen.add((finding.name, finding.sentence))


def _renamed_words(sources: Mapping[str, Source]) -> None:
    """Reports once a flow without texts beside texts without a flow: one of the names is wrong."""
    lacking = [x for s in set_of(sources) for x in s.findings if x.code == "missing-words"]
    orphans = [x for s in set_of(sources) for x in s.findings if x.code == "words-without-flow"]
    for folder in {x.file.rpartition("/")[0] for x in orphans}:
        here = [x for x in orphans if x.file.startswith(f"{folder}/")]
        lack = [x for x in lacking if f"{folder}/" in x.sentence and x.file != PAGES]
        if len(here) == len(lack) == 1:
            source, flow = sources[here[0].file], lack[0].file[6:-5]
            source.findings.remove(here[0])
            source.error((), "words-renamed", name=here[0].name, flow=flow)
            sources[lack[0].file].findings.remove(lack[0])
