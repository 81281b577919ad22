"""`forget`: deletes what flows have kept."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.flow import Step
from bot.engine.turn import Turn


@dataclass(frozen=True)
class Forget(Step):
    kind = "forget"

    forget: tuple[str, ...] = ()

    def reach(self, turn: Turn) -> bool:
        kept = {k: v for k, v in turn.session.kept.items() if k not in self.forget}
        turn.change(kept=kept, result=None, listed=None, pages_ended=turn.event.at)
        return super().reach(turn)
