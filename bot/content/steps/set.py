"""`set`: gives slots fixed values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from bot.content.check.facts import Facts
from bot.content.read.source import Loc
from bot.content.steps.kind import Kind
from bot.engine.steps import set

if TYPE_CHECKING:
    from bot.content.check.flow_check import FlowCheck
    from bot.content.check.path_analysis import Given


class Set(Kind):
    step = set.Set
    into = "values"

    set: dict[str, str] = Field({})

    @classmethod
    def fills(cls, step: Any) -> tuple[str, ...]:
        return tuple(step.values)

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        for name, value in step.values.items():
            if check.names.slot(name, (*loc, "set", name), key=True):
                spec = check.flow.slots[name]
                if spec.type == "choice":
                    check.source.one_of((*loc, "set", name), value, (*spec.values, *spec.or_))
                else:
                    check.names.literal(value, (*loc, "set", name))

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        for slot, value in step.values.items():
            facts = {**given.reading.without(facts, slot), slot: frozenset({value})}
        yield "", facts

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        return ", ".join(f"{k} = {v}" for k, v in step.values.items())
