"""`need`: requires that another flow counts as done before this one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bot.content.check.facts import Facts
from bot.content.read.source import Loc
from bot.content.steps.kind import Kind
from bot.engine.steps import need

if TYPE_CHECKING:
    from bot.content.check.flow_check import FlowCheck
    from bot.content.check.path_analysis import Given


class Need(Kind):
    step = need.Need
    into = "flow"
    ends = ("met", "unmet")
    told = (None, True)
    by_time = False
    box = ("[[", "]]")
    fill = "#f1f1f1"

    need: str = ""

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        flows = check.names.content.flows
        if check.names.other(step.flow, (*loc, "need")) and not flows[step.flow].lasts:
            check.source.error((*loc, "need"), "never-done", name=step.flow)

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        yield "met", facts | given.kept_of(step.flow)
        yield "unmet", facts

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        return title(step.flow)
