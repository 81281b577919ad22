"""Small wrong changes to the content, of the kinds that editors make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from bot.content.read.files import POLICY
from bot.content.read.policy_file import of
from bot.content.read.source import Loc
from bot.engine import flow as f
from bot.engine.content import Content
from bot.kit.replay import texts
from bot.kit.replay.texts import put

KINDS = (
    "changed text",
    "swapped outcome",
    "dropped step",
    "lost try",
    "changed policy value",
    "removed condition",
)


@dataclass(frozen=True)
class Mutant:
    """One change: `value` at `path` of the content. `file`, `loc`: the changed part of a file."""

    kind: str
    name: str
    path: Loc
    value: Any
    file: str
    loc: Loc

    def content(self, content: Content) -> Content:
        made: Content = put(content, self.path, self.value)
        if self.path[0] not in ("flows", "policy"):
            return made
        return replace(made, periods=tuple(put(period, self.path, self.value) for period in made.periods))

    def deployed(self, content: Content) -> Content:
        """Changes content that a replay deploys; leaves it as it is if the part is missing."""
        try:
            return self.content(content)
        except (KeyError, IndexError, TypeError, AttributeError):
            return content


def every(content: Content, policy: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yields all mutants in content order. `policy`: config/policy.yaml as read, with `of`."""
    for written in texts.every(content):
        yield from _text(written)
    for name, flow in content.flows.items():
        yield from _flow(name, flow)
    yield from _policy(content, policy)


# --- words -----------------------------------------------------------------------------------------
def _text(written: texts.Written) -> Iterator[Mutant]:
    for n, variant, loc, _ in written.variants():
        name = f"{written.file}: {'.'.join(map(str, loc))}"
        at = (*written.path, "variants", n)
        words = next((i for i, p in enumerate(variant.parts) if isinstance(p, str) and p.strip()), None)
        if words is not None:
            part = _changed(str(variant.parts[words]))
            yield Mutant("changed text", name, (*at, "parts", words), part, written.file, loc)
        if variant.when:
            yield Mutant("removed condition", name, (*at, "when"), (), written.file, loc)


def _changed(words: str) -> str:
    """Changes one character in the middle."""
    solid = [i for i, c in enumerate(words) if not c.isspace()]
    at = solid[len(solid) // 2]
    return words[:at] + ("错" if words[at] != "错" else "对") + words[at + 1 :]


# --- flows -----------------------------------------------------------------------------------------
def _flow(name: str, flow: f.Flow) -> Iterator[Mutant]:
    file = f"flows/{name}.yaml"
    base: Loc = ("flows", name)
    if any(s.asks for s in flow.steps.values()):
        yield Mutant("lost try", f"{file}: tries", (*base, "tries"), flow.tries - 1, file, ("exhausted",))
    for key, slot in flow.slots.items():
        for value in slot.only:
            at: Loc = (*base, "slots", key, "only")
            rest = {v: c for v, c in slot.only.items() if v != value}
            steps = [s.id for s in flow.steps.values() if s.slot == key]
            yield Mutant(
                "removed condition", f"{file}: slots.{key}.only.{value}", at, rest, file, ("steps", steps[0])
            )
    for key, step in flow.steps.items():
        loc: Loc = ("steps", key)
        at = (*base, "steps", key)
        where = f"{file}: {key}"
        yield from _next(step.next, (*at, "next"), where, file, loc)
        gone = f.Step(step.id, _through(step.next))
        if (type(step), step.next) != (type(gone), gone.next):
            yield Mutant("dropped step", where, at, gone, file, loc)
        if step.retry_times:
            yield Mutant("lost try", f"{where}.retry", (*at, "retry_times"), step.retry_times - 1, file, loc)


def _through(rule: f.Next) -> f.Next:
    """Returns the first way out of a step, as if it asked and did nothing."""
    if isinstance(rule, f.Outcomes | f.Again):
        ways = (way.then for way in rule.ways() if way.at != ("unavailable",))
        return _through(next(ways, f.Finish(reached=True)))
    return rule


def _next(rule: f.Next, path: Loc, where: str, file: str, loc: Loc) -> Iterator[Mutant]:
    if isinstance(rule, f.Outcomes | f.Match):
        keys = list(rule.routes)
        for one, other in pairwise(keys):
            if rule.routes[one] != rule.routes[other]:
                swapped = {**rule.routes, one: rule.routes[other], other: rule.routes[one]}
                yield Mutant(
                    "swapped outcome", f"{where}: {one}/{other}", (*path, "routes"), swapped, file, loc
                )
        for key in keys:
            yield from _next(rule.routes[key], (*path, "routes", key), f"{where}.{key}", file, loc)
    elif isinstance(rule, f.Cases):
        for n, (cond, then) in enumerate(rule.cases):
            if cond:
                yield Mutant(
                    "removed condition", f"{where}: case {n + 1}", (*path, "cases", n), ((), then), file, loc
                )
    elif isinstance(rule, f.Again):
        yield Mutant("lost try", where, (*path, "times"), rule.times - 1, file, loc)


# --- policy ----------------------------------------------------------------------------------------
def _policy(content: Content, raw: Mapping[str, Any]) -> Iterator[Mutant]:
    file = POLICY
    places = _places(content)
    for name, value in content.policy.items():
        said = value["value"]
        among = of(raw.get(name))
        kind, where = "changed policy value", f"{file}: {name}"
        if lasting := [n for n, flow in content.flows.items() if flow.lasts and _lasts(n, name)]:
            for flow in lasting:
                at, seconds = ("flows", flow, "lasts"), content.flows[flow].lasts + 60
                yield Mutant(kind, f"{where} ({flow})", at, seconds, f"flows/{flow}.yaml", ())
            continue
        # replays say it by its name: any value is right, another's place is not
        if name in places and not among:
            path, shows, loc = places[name]
            wrong = next(n for n in places if content.policy[n]["value"] != said)
            yield Mutant(kind, f"{shows}: {name}", path, f.Place(f"policy.{wrong}"), shows, loc)
            continue
        for other in [o for o in among if o != said] or [_other(said)]:
            yield Mutant(kind, f"{where}: {other}", ("policy", name, "value"), other, file, (name,))


def _places(content: Content) -> dict[str, tuple[Loc, str, Loc]]:
    """Returns the first place in a text that shows each value: its path, file and line."""
    found: dict[str, tuple[Loc, str, Loc]] = {}
    for written in texts.every(content):
        for n, variant, loc, _ in written.variants():
            for i, part in enumerate(variant.parts):
                if isinstance(part, f.Place) and part.path.startswith("policy."):
                    path: Loc = (*written.path, "variants", n, "parts", i)
                    found.setdefault(part.path.partition(".")[2], (path, written.file, loc))
    return found


def _lasts(flow: str, name: str) -> bool:
    of_it = name.startswith(flow.partition("_")[0]) or (flow, name) == ("family", "sign_in_lasts")
    return name.endswith("_lasts") and of_it


def _other(said: str) -> str:
    """Returns another number, or other words."""
    if said == "免费":  # an amount: the services take no other words
        return "5元"
    digits = [i for i, c in enumerate(said) if c.isdigit()]
    if not digits:
        return said + "旁"
    at = digits[-1]
    return said[:at] + str((int(said[at]) + 1) % 10) + said[at + 1 :]
