"""Cross-file checks: cycles, unused flows and pages, duplicate keys, policy that is not checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from bot.content.check.sentences import MONEY
from bot.content.read import models as m
from bot.content.read.files import PAGES
from bot.content.read.forms import day_of, phone
from bot.content.read.policy_file import PARTS, parts
from bot.content.read.source import Loc, Source
from bot.content.read.typo_checks import HAN
from bot.content.read.words import is_yes, normal
from bot.engine import flow as f
from bot.engine.content import Content

DAYS = 180
_KEY_BYTES = 128
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WIDE = re.compile(r"[０-９]+")
_AMOUNTS = ("fee", "postage")
_NO_UNIT = re.compile(r"(?!.*(?:\d ?元|\d ?yuan|RMB ?\d|CNY ?\d)).*\d.*|-.*")
"""An amount without its unit, or below nothing."""


def circles(content: Content, sources: Mapping[str, Source]) -> None:
    """Reports `requires` and `need` that lead back to the flow itself."""
    wants = {name: wanted(flow) for name, flow in content.flows.items()}
    for name, flow in content.flows.items():
        places: list[Loc] = [("requires", i) for i in range(len(flow.requires))]
        places += [("steps", s.id, how) for s in flow.steps.values() for how, _ in s.leads() if how == "need"]
        for loc, first in zip(places, wants[name], strict=True):
            if way := _way(wants, first, name):
                sources[f"flows/{name}.yaml"].error(
                    loc, "requires-circle", name=name, way=" → ".join([name, *way])
                )


def wanted(flow: f.Flow) -> list[str]:
    """Returns the flows that must count as done at its beginning, then those in its middle."""
    return [*flow.requires, *flow.leads("need")]


def _way(wants: Mapping[str, list[str]], start: str, goal: str) -> list[str]:
    todo: list[list[str]] = [[start]]
    seen: set[str] = set()
    while todo:
        way = todo.pop()
        if way[-1] == goal:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            todo += [[*way, one] for one in wants.get(way[-1], ())]
    return []


def nobody_reaches(content: Content, sources: Mapping[str, Source], buttons: Collection[str]) -> None:
    """Reports flows and pages that nothing leads to. `buttons`: flows and page.x that the menu names. A title
    alone is not enough: residents do not know it."""
    content = content.without_off()
    offered = {(t.flow, t.page) for page in content.pages.values() for t in page.offer}
    reached = {
        content.person,
        content.follow,
        content.elsewhere,
        content.location[0],
        *content.scans.values(),
        *content.events.values(),
    }
    for flow in content.flows.values():
        reached |= {*flow.requires, flow.undo}
        for step in flow.steps.values():
            reached |= {name for how, name in step.leads() if how != "offer" or name != flow.name}
            offered |= {("", target.page) for target in step.offer}
            reached |= _links(step.next)
        reached |= _links(flow.exhausted)
    reached |= {flow for flow, _ in offered}
    pages = {page for _, page in offered}
    for language in content.languages.values():
        reached |= {name for name, words in language.flows.items() if words.words}
        pages |= {name for name, words in language.pages.items() if words.words}
    for name in content.flows:
        if name not in reached and name not in buttons:
            sources[f"flows/{name}.yaml"].warn(("flow",), "nobody-reaches", name=name)
    for name in content.pages:
        if name not in pages and f"page.{name}" not in buttons:
            sources[PAGES].warn(("pages", name), "nobody-reaches", key=True, name=name)


def _links(rule: f.Next) -> set[str]:
    return {r.flow for r, _ in rule.leaves() if isinstance(r, f.Link)}


def starts_twice(
    starts: Mapping[str, m.StartModel], pages: Mapping[str, list[str]], sources: Mapping[str, Source]
) -> None:
    """Checks that a menu key, a scene, `follow`, `elsewhere`, `event` or `location` leads to one flow
    only."""
    seen: dict[tuple[str, str], str] = {}
    for name, start in starts.items():
        source = sources[f"flows/{name}.yaml"]
        for kind, words in (("menu", start.menu), ("scan", start.scan)):
            for i, word in enumerate(words):
                _once(source, seen, (kind, word), name, ("start", kind, i))
        if is_yes(start.follow):
            _once(source, seen, ("follow", ""), name, ("start", "follow"))
        if is_yes(start.elsewhere):
            _once(source, seen, ("elsewhere", ""), name, ("start", "elsewhere"))
        if start.event:
            _once(source, seen, ("event", start.event), name, ("start", "event"))
        if start.location:
            _once(source, seen, ("location", ""), name, ("start", "location"))
    for name, keys in pages.items():
        for i, word in enumerate(keys):
            _once(sources[PAGES], seen, ("menu", word), f"page.{name}", ("pages", name, "menu", i))


def _once(
    source: Source, seen: dict[tuple[str, str], str], what: tuple[str, str], name: str, loc: Loc
) -> None:
    kind, word = what
    first, size = seen.setdefault(what, name), len(word.encode())
    if first != name:
        source.error(loc, "start-twice", name=word or kind, other=first)
    elif size > _KEY_BYTES:
        source.error(loc, "menu-long_key", name=name, size=size, limit=_KEY_BYTES)
    if kind == "menu" and re.search(r"\s", word):
        source.error(loc, "key-blank", name=word)


def policy_values(source: Source, today: date | None) -> None:
    """They stand in sentences, where amounts are written with 元. `today`: reports what nobody has checked
    for 180 days, and what another value has followed."""
    data = source.data if isinstance(source.data, dict) else {}
    for name, raw in data.items():
        if name in PARTS:
            continue
        written = [(loc, part) for loc, part in parts(name, raw) if isinstance(part.get("value"), str)]
        for loc, part in written:
            _form(source, name, (*loc, "value"), part["value"])
        if today is not None and written:
            _dates(source, name, written, today)


def translations(source: Source, content: Content) -> None:
    """Reports a value (`fee`) that has other numbers than in another language (`fee_en`): one was changed
    alone."""
    codes = {code.partition("-")[0] for code in content.languages}
    for name, value in content.policy.items():
        head, _, code = name.rpartition("_")
        if code not in codes or head not in content.policy:
            continue
        written = [loc for loc, part in parts(name, source.data[name]) if part["value"] == value["value"]]
        loc, other = (*written[-1], "value"), content.policy[head]["value"]
        if head.startswith(_AMOUNTS) and HAN.search(value["value"]):
            source.warn(loc, "untranslated", language=code)
        elif not _WIDE.search(other) and _numbers(other) != _numbers(value["value"]):
            source.warn(loc, "policy-twin", name=name, value=value["value"], twin=head, other=other)


def _numbers(value: str) -> list[float]:
    return sorted(float(x) for x in _NUMBER.findall(value))


def _form(source: Source, name: str, loc: Loc, value: str) -> None:
    """Reports a value that residents cannot use as it is: a number to call, an amount to pay."""
    if wide := _WIDE.search(value):
        source.error(loc, "full-width", near=wide[0], sign=wide[0], use=normal(wide[0]))
    elif name.endswith("hotline") and value.strip() and not phone(value):
        source.error(loc, "phone", name=value)
    elif money := MONEY.search(value) or (name.startswith(_AMOUNTS) and _NO_UNIT.fullmatch(value)):
        source.warn(loc, "money", near=money[0], name=money[0])


def _dates(source: Source, name: str, written: Sequence[tuple[Loc, Mapping[str, Any]]], today: date) -> None:
    begun = [n for n, (_, part) in enumerate(written) if (day := day_of(part.get("from"))) and day <= today]
    now = max(begun, default=0)
    for loc, part in written[:now]:
        source.warn(loc, "policy-done", name=name, value=part["value"], day=written[now][1]["from"])
    for loc, part in written[now:]:
        if (day := day_of(part.get("checked"))) is None:
            continue
        if day > today:
            source.warn((*loc, "checked"), "policy-ahead", name=name, day=part["checked"])
        elif (today - day).days > DAYS:
            source.warn((*loc, "checked"), "policy-old", name=name, days=(today - day).days, most=DAYS)
