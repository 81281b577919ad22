"""`need`: requires that another flow counts as done before this one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from bot.content.check.facts import Facts
from bot.content.read.models import ArgumentModel
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowBuilder, FlowCheck, Given, Kind
from bot.engine.steps import need


class Need(Kind):
    step = need.Need
    into = "flow"
    ends = ("met", "unmet")
    told = (None, True)
    by_time = False
    box = ("[[", "]]")
    fill = "#f1f1f1"

    need: str = ""
    with_: dict[str, ArgumentModel] = Field({}, alias="with")

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        return super().fields(builder, loc) | {"arguments": builder.arguments(self.with_)}

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        flows = check.names.content.flows
        if check.names.other(step.flow, (*loc, "need")) and not flows[step.flow].lasts:
            check.source.error((*loc, "need"), "never-done", name=step.flow)
        check.handed_in(step.flow, step.arguments, loc)
        there = flows[step.flow].slots if step.flow in flows else {}
        for name in step.arguments:
            if name in there and not there[name].keep:
                path = f"{step.flow}.{name}"
                check.source.error(
                    (*loc, "with", name), "not-kept", key=True, name=path, flow=step.flow, slot=name
                )

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        values = {
            f"{step.flow}.{name}": None if argument.value is None else frozenset({argument.value})
            for name, argument in step.arguments.items()
        }
        yield "met", facts | given.kept_of(step.flow) | values
        yield "unmet", facts

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        given = (f"{k} = {v.value or ' | '.join(v.paths)}" for k, v in step.arguments.items())
        return ", ".join((title(step.flow), *given))
