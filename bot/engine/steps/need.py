"""`need`: requires that another flow counts as done before this one goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine import stack
from bot.engine.flow import Step
from bot.engine.turn import Turn


@dataclass(frozen=True)
class Need(Step):
    kind = "need"
    quiet = False

    flow: str = ""

    def reach(self, turn: Turn) -> bool:
        if stack.done(turn, self.flow):
            self.next.follow(turn, "met")
        else:
            stack.go_into(turn, self.flow, "need")
        return False

    def leads(self) -> Iterator[tuple[str, str]]:
        yield "need", self.flow

    def returned(self, turn: Turn, flow: str, reached: bool) -> None:
        if flow != self.flow:
            return
        if not reached:
            turn.say_unfinished(turn.frame)
        self.next.follow(turn, "met" if reached else "unmet")
