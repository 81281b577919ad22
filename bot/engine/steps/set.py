"""`set`: slots are given fixed values."""

from __future__ import annotations

from bot.engine.flow import Step
from bot.engine.turn import Turn


class Set(Step):
    kind = "set"

    def reach(self, turn: Turn) -> bool:
        for slot, value in self.values.items():
            turn.give(slot, value)
        return super().reach(turn)
