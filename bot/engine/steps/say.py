"""`say`: sends a text, and may offer what comes next."""

from __future__ import annotations

from bot.engine import asking
from bot.engine.flow import Step
from bot.engine.turn import Turn


class Say(Step):
    kind = "say"
    quiet = False

    def reach(self, turn: Turn) -> bool:
        turn.say(self.text)
        asking.offer_later(turn, self.offer)
        return super().reach(turn)
