"""Checks one flow against its names: every step, slot, outcome and path exists and fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.content.check.by_time import check_by_time
from bot.content.check.names import Names
from bot.content.read.source import Loc, Source, nearest
from bot.content.read.words import cond
from bot.content.steps import KINDS, keys, kind_of
from bot.engine import flow as f
from bot.reading.clean import Said
from bot.reading.find import read
from bot.reading.patterns import LONGEST, compiled

FORMS = ("on", "again", "link")
"""Keys by which a form of `next` is known; a map without one routes outcomes."""


class FlowCheck:
    def __init__(self, names: Names) -> None:
        self.names, self.flow, self.source = names, names.flow, names.source
        steps = self.flow.steps.values()
        self.used = {*self.flow.takes, *(name for s in steps for name in s.fills)}

    def check(self) -> None:
        flow, flows = self.flow, self.names.content.flows
        for i, name in enumerate(flow.takes):
            self.names.slot(name, ("takes", i))
        for i, name in enumerate(flow.requires):
            if self.names.other(name, ("requires", i)) and not flows[name].lasts:
                self.source.error(("requires", i), "never-done", name=name)
        if flow.undo:
            self.names.other(flow.undo, ("undo",))
        self._next(self.source.data.get("exhausted", "stop"), ("exhausted",))
        for step in flow.steps.values():
            self._step(step, ("steps", step.id))
        for slot in flow.slots.values():
            self._slot(slot, ("slots", slot.name))
        self._renamed()
        if flow.by_time:
            check_by_time(self.names)

    # --- slots ---
    def _slot(self, slot: f.Slot, loc: Loc) -> None:
        if slot.keep and not self.flow.lasts:
            self.source.error((*loc, "keep"), "keep", name=self.flow.name)
        if slot.comment and slot.type != "text":
            self.source.error((*loc, "keep"), "keep-comment")
        if (slot.type == "pattern") != bool(slot.pattern) or bool(slot.pattern) != bool(slot.example):
            self.source.error(loc, "pattern-alone", key=True)
        elif slot.pattern and compiled(slot.pattern) is None:
            self.source.error((*loc, "pattern"), "pattern", name=slot.pattern, most=LONGEST)
        elif slot.pattern and read(slot, Said(slot.example), "") != slot.example:
            self.source.error((*loc, "example"), "pattern-example", name=slot.example)
        if slot.type == "choice" and bool(slot.values) == bool(slot.entries_of):
            self.source.error(loc, "choice", key=True)
        source = slot.entries_of
        known = bool(source) and self.names.slot(source, (*loc, "from"))
        if known and self.flow.slots[source].type != "list":
            self.source.error((*loc, "from"), "from-list", name=source)
        seen: set[str] = set()
        for key, words in (("values", slot.values), ("or", slot.or_)):
            for i, value in enumerate(words):
                if not re.fullmatch(r"[A-Za-z0-9_]+", value):
                    self.source.error((*loc, key, i), "unsafe-value", name=value)
                if value in seen:
                    self.source.error((*loc, key, i), "value-twice", name=value)
                seen.add(value)
                if value in ("else", *FORMS):
                    self.source.error((*loc, key, i), "value-word", name=value)
        for value, test in slot.only.items():
            self.names.condition(test, (*loc, "only", value))
        if slot.name not in self.used:
            self.source.warn(loc, "unused-slot", key=True, name=slot.name)

    def _renamed(self) -> None:
        """Checks that each `renamed` name is gone and has one successor; otherwise answers are lost."""
        for part, named in (("steps", self.flow.steps), ("slots", self.flow.slots)):
            seen: dict[str, str] = {}
            for name, one in named.items():
                if not one.renamed:
                    continue
                if one.renamed in named:
                    self.source.error((part, name, "renamed"), "renamed-exists", name=one.renamed)
                if one.renamed in seen:
                    self.source.error(
                        (part, name, "renamed"), "renamed-twice", name=one.renamed, first=seen[one.renamed]
                    )
                seen.setdefault(one.renamed, name)

    # --- steps ---
    def _step(self, step: f.Step, loc: Loc) -> None:
        raw = self.source.data["steps"][step.id]
        if step.id in ("end", "stop", "else", *FORMS):
            self.source.error(loc, "step-word", key=True, name=step.id)
        kind = kind_of(step)
        for key in raw.keys() - keys(kind) - KINDS.keys():
            homes = " / ".join(name for name, other in KINDS.items() if key in keys(other))
            self.source.error((*loc, key), "key-of-other-step", key=True, name=key, kind=homes)
        if "next" in raw:
            self._next(raw["next"], (*loc, "next"), step)
        kind.check(self, step, loc)

    def _outcomes(self, step: f.Step | None, routes: dict[str, Any], loc: Loc) -> None:
        """Checks the outcomes a step can have: all routed, and no others. None: `exhausted`."""
        found = kind_of(step).outcomes(self.flow, step) if step else None
        if step is None or found is None:
            meant = next((key for key in routes if nearest(key, FORMS, 80)), "")
            if meant:
                self.source.error((*loc, meant), "unknown-key", key=True, name=meant, known=FORMS)
            else:
                self.source.error(loc, "no-outcomes", key=True, name=step.kind if step else "exhausted")
            return
        if (step.slot and step.slot not in self.flow.slots) or (step.port and step.action is None):
            return
        outcomes, more = found
        own = tuple(o for o in outcomes if o != "unavailable" or o in routes)  # it has a default way
        self._complete(routes, loc, own, more)

    def offer(self, target: f.Target, loc: Loc) -> None:
        if target.page:
            self.names.page(target.page, loc)
        elif self.names.other(target.flow, (*loc, "link") if target.given else loc):
            self._given(target.flow, target.given, loc)

    def handed_in(self, flow: str, arguments: Mapping[str, f.Argument], loc: Loc) -> None:
        """Checks what a step hands to a flow: it takes that, and the values are some of its own."""
        there = self.names.content.flows.get(flow)
        for name, argument in arguments.items():
            at: Loc = (*loc, "with", name)
            slot = there.slots.get(name) if there else None
            if there is not None and name not in there.takes:
                self.source.error(at, "not-taken", key=True, name=name, known=there.takes, flow=flow)
            elif argument.value is not None and slot and slot.type == "choice":
                self.source.one_of((*at, "value"), argument.value, (*slot.values, *slot.or_))
            for path in argument.paths:
                self.names.path(path, at)

    def _given(self, flow: str, given: Mapping[str, str], loc: Loc) -> None:
        self.handed_in(flow, {name: f.Argument(paths=(path,)) for name, path in given.items()}, loc)

    # --- next ---
    def _next(self, raw: Any, loc: Loc, step: f.Step | None = None) -> None:
        """`step`: whose outcomes it may distinguish."""
        if isinstance(raw, str):
            if raw not in ("end", "stop"):
                self.names.step(raw, loc)
        elif isinstance(raw, list):
            for i, case in enumerate(raw):
                self._case(case, (*loc, i), i + 1 == len(raw), step)
        elif "again" in raw:
            self.names.step(raw["again"], (*loc, "again"))
            self._next(raw["else"], (*loc, "else"), step)
        elif "link" in raw:
            if self.names.other(raw["link"], (*loc, "link")):
                self._given(raw["link"], raw.get("with", {}), loc)
        elif "on" in raw:
            known = self.names.path(raw["on"], (*loc, "on"))
            routes = {k: v for k, v in raw.items() if k != "on"}
            closed = self.names.closed(raw["on"])
            if known:
                self._complete(routes, loc, closed, more=not closed)
            self._routes(routes, loc, step)
        else:
            before = len(self.source.findings)
            self._outcomes(step, raw, loc)
            if not any(x.code in ("no-outcomes", "unknown-key") for x in self.source.findings[before:]):
                self._routes(raw, loc, step)

    def _routes(self, routes: dict[str, Any], loc: Loc, step: f.Step | None) -> None:
        for key, value in routes.items():
            self._next(value, (*loc, key), step)

    def _case(self, case: Any, loc: Loc, last: bool, step: f.Step | None) -> None:
        if last and "else" not in case and not any(x.code == "else-early" for x in self.source.findings):
            self.source.error(loc, "no-else")
        if not last and "else" in case and "if" not in case:
            self.source.error(loc, "else-early")
        if "if" in case:
            self.names.condition(cond(case["if"], Source(""), ()), (*loc, "if"))
        for key in ("then", "else"):
            if key in case:
                self._next(case[key], (*loc, key), step)

    def _complete(
        self, routes: dict[str, Any], loc: Loc, outcomes: tuple[str, ...], more: bool = False
    ) -> None:
        """Checks that every outcome is routed, or `else`, and none that is impossible (`more`: an open
        set)."""
        odd = [key for key in routes if key != "else" and key not in outcomes and (outcomes or not more)]
        for key in odd:
            self.names.outcome(key, outcomes, (*loc, key))
        missing = [o for o in outcomes if o not in routes]
        if odd or "else" in routes:
            return  # an odd one is probably a missing one, misspelt
        if missing:
            self.source.error(loc, "unrouted", key=True, missing=", ".join(missing))
        elif more:
            self.source.error(loc, "unrouted-open", key=True)
