"""`consent`: like `confirm`, but agreed to once for each version of its text."""

from __future__ import annotations

from bot.engine.flow import Value
from bot.engine.session import Consent as Given
from bot.engine.steps.confirm import AGREED, Confirm
from bot.engine.turn import Turn


class Consent(Confirm):
    kind = "consent"

    def reach(self, turn: Turn) -> bool:
        standing = turn.session.consents.get(f"{turn.frame.flow}.{self.text}")
        if standing is None or standing.version != self.shown(turn):
            return True
        self.next.follow(turn, AGREED)
        return False

    def shown(self, turn: Turn) -> str:
        return turn.words(turn.frame.flow).texts[self.text].version

    def choose(self, turn: Turn, value: Value) -> None:
        if value == AGREED:
            given = Given(self.shown(turn), turn.event.at)
            turn.change(consents={**turn.session.consents, f"{turn.frame.flow}.{self.text}": given})
        super().choose(turn, value)
