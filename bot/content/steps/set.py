"""`set`: gives slots fixed values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pydantic import Field

from bot.content.check.facts import Facts
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowCheck, Given, Kind
from bot.engine import flow as f
from bot.engine.steps import set
from bot.reading.clean import Said
from bot.reading.find import read
from bot.reading.results import Doubtful


class Set(Kind):
    step = set.Set
    into = "values"

    set: dict[str, str] = Field({})

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        for name, value in step.values.items():
            if check.names.slot(name, (*loc, "set", name), key=True):
                spec = check.flow.slots[name]
                if spec.type == "choice":
                    check.source.one_of((*loc, "set", name), value, (*spec.values, *spec.or_))
                elif check.names.literal(value, (*loc, "set", name)) and not _fits(spec, value):
                    check.source.error(
                        (*loc, "set", name), "set-value", name=value, slot=name, type=spec.type
                    )

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        for slot, value in step.values.items():
            facts = {**given.reading.without(facts, slot), slot: frozenset({value})}
        yield "", facts

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        return ", ".join(f"{k} = {v}" for k, v in step.values.items())


def _fits(slot: f.Slot, value: str) -> bool:
    """Checks whether that is a value of the slot's type, as an answer would be kept."""
    if slot.type not in _SETTABLE:
        return False
    found = read(replace(slot, not_before="", not_after=""), Said(value), _ANY_DAY)
    return value in (found, found.value if isinstance(found, Doubtful) else None)


_SETTABLE = ("text", "number", "pattern", "date", "time", "id_number", "name", "mobile", "address")
_ANY_DAY = "2026-01-01"  # reading needs one; a whole date does not depend on it
