"""`need`: requires that another flow counts as done, with what it is handed, before this one goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.engine import own_texts, stack
from bot.engine.flow import Outcomes, Step, Value
from bot.engine.turn import Turn


@dataclass(frozen=True)
class Need(Step):
    kind = "need"
    quiet = False

    flow: str = ""

    def reach(self, turn: Turn) -> bool:
        given = self._given(turn)
        if self._met(turn, given):
            self.next.follow(turn, "met")
        else:
            stack.go_into(turn, self.flow, "need", given)
        return False

    def _given(self, turn: Turn) -> dict[str, Value]:
        found = {name: turn.argument(argument) for name, argument in self.arguments.items()}
        return {name: "" if value is None else value for name, value in found.items()}

    def _met(self, turn: Turn, given: dict[str, Value]) -> bool:
        """Checks whether the flow counts as done and has kept just what this step hands in."""
        done = stack.done(turn, self.flow)
        return done and given.items() <= turn.session.kept[self.flow].slots.items()

    def without(self, off: Collection[str], person: str) -> Step:
        """Returns the step as unmet, if its flow is switched off."""
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
        reached = reached and (not self.arguments or self._met(turn, self._given(turn)))
        if not reached:
            own_texts.say_unfinished(turn, turn.frame)
        self.next.follow(turn, "met" if reached else "unmet")
