"""`forget`: deletes what flows have kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from bot.content.check.facts import Facts
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowCheck, Given, Kind
from bot.engine.steps import forget


class Forget(Kind):
    step = forget.Forget
    into = "forget"
    by_time = False

    forget: list[str] = Field([])

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        for i, name in enumerate(step.forget):
            check.names.other(name, (*loc, "forget", i))

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        for name in step.forget:
            facts = {p: v for p, v in facts.items() if not p.startswith(f"{name}.")}
        yield "", facts
