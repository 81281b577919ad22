"""`need`: requires that another flow counts as done before this one goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.engine import stack
from bot.engine.flow import Outcomes, Step
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

    def without(self, off: Collection[str], person: str) -> Step:
        """As unmet, where that flow is switched off."""
        step = super().without(off, person)
        if self.flow not in off:
            return step
        unmet = [way.then for way in step.next.open("unmet")] if isinstance(step.next, Outcomes) else []
        return replace(step, next=unmet[0] if unmet else step.next).passed_over()

    def leads(self) -> Iterator[tuple[str, str]]:
        yield "need", self.flow

    def returned(self, turn: Turn, flow: str, reached: bool) -> None:
        if flow != self.flow:
            return
        if not reached:
            turn.say_unfinished(turn.frame)
        self.next.follow(turn, "met" if reached else "unmet")
