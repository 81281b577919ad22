"""`collect`: asks for the value of a slot unless it is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.content.check.facts import Facts
from bot.content.check.variants import paths
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowCheck, FlowTexts, Given, Kind
from bot.engine import flow as f
from bot.engine.scope import EXAMPLE
from bot.engine.steps import collect


class Collect(Kind):
    step = collect.Collect
    into = "slot"
    told = (None, False)
    box = ("[/", "/]")
    fill = "#eef5ff"

    collect: str = ""

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        if check.names.slot(step.slot, (*loc, "collect")):
            type_ = check.flow.slots[step.slot].type
            if type_ in ("record", "list"):
                check.source.error((*loc, "collect"), "collect-type", name=type_)

    @classmethod
    def outcomes(cls, flow: f.Flow, step: Any) -> tuple[tuple[str, ...], bool]:
        slot = flow.slots.get(step.slot)
        if slot is None:
            return (), True
        return (*(slot.values if _closed(slot) else ()), *slot.or_), not _closed(slot)

    @classmethod
    def words(cls, texts: FlowTexts, step: Any) -> None:
        slot, words = texts.flow.slots.get(step.slot), texts.words.slots.get(step.slot)
        if slot is None:
            return
        source, tries = texts.source, texts.flow.tries
        loc: Loc = ("slots", step.slot)
        if words is None or words.ask is None:
            where: Loc = loc if words else ("slots",)
            known = () if words else texts.words.slots
            source.error(where, "missing-ask", key=True, name=step.slot, known=known)
            return
        texts.asks(step, words, code=slot.type == "code")
        for value in (*slot.values, *slot.or_):
            if value not in words.values:
                source.error((*loc, "values"), "missing-value", key=True, name=value, slot=slot.name)
        if len(words.again) < tries - 1:
            source.error((*loc, "again"), "again", key=True, wanted=tries - 1, name=step.slot)
        if not words.label:
            source.error(loc, "label", key=True, name=step.slot)
        for i, again in enumerate(words.again if slot.type == "pattern" else ()):
            if any(f"{slot.name}.{EXAMPLE}" not in paths(v) for v in again.variants):
                source.error((*loc, "again", i), "no-example", name=f"{slot.name}.{EXAMPLE}")
        if slot.type == "code" and not any(p == "code" for v in words.ask.variants for p in paths(v)):
            source.error((*loc, "ask"), "no-code")

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Answered now, or given before and skipped: a value for each route, then the others."""
        slot, reading = given.flow.slots.get(step.slot), given.reading
        if slot is None:
            yield "", facts
            return

        def told(values: frozenset[str] | None) -> frozenset[str] | None:
            return values if slot.name in given.tested else None  # only tested values are distinguished

        sure, known = reading.values(facts, slot.name)
        if _closed(slot) and not sure:
            known = frozenset(
                v for v in slot.values if reading.holding(facts, slot.only.get(v, ())) is not None
            ) | frozenset(slot.or_)
        routes = step.next.routes if isinstance(step.next, f.Outcomes) else {}
        for value in routes:
            own = value in slot.or_ or value in slot.values
            if own and (known is None or value in known):
                offered = facts if sure else reading.holding(facts, slot.only.get(value, ()))
                yield value, {**(offered or facts), slot.name: told(frozenset({value}))}
        if not _closed(slot):
            yield "else", facts if sure else reading.saved(facts, slot)
        elif known is None or known - frozenset(routes):
            yield "else", {**facts, slot.name: told(known - frozenset(routes) if known is not None else None)}

    @classmethod
    def stops(cls, flow: f.Flow, step: Any) -> bool:
        return step.slot in flow.slots and flow.slots[step.slot].type == "code"


def _closed(slot: f.Slot) -> bool:
    return slot.type == "choice" and not slot.entries_of
