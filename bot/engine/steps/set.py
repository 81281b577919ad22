"""`set`: gives slots fixed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.flow import Step
from bot.engine.turn import Turn


@dataclass(frozen=True)
class Set(Step):
    kind = "set"

    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def fills(self) -> tuple[str, ...]:
        return tuple(self.values)

    def reach(self, turn: Turn) -> bool:
        for slot, value in self.values.items():
            turn.give(slot, value)
        return super().reach(turn)
