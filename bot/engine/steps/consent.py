"""`consent`: like `confirm`, but agreed to once for each version of its text."""

from __future__ import annotations

import hashlib

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
        """Returns the version, and which of several wordings holds here: who agreed to one has agreed to no
        other."""
        text = turn.words(turn.frame.flow).texts[self.text]
        if len(text.variants) < 2:
            return text.version
        when = next((v.when for v in text.variants if turn.scope().holds(v.when)), ())
        which = hashlib.sha256(repr(when).encode()).hexdigest()[:8]
        return f"{text.version} {which}" if when else text.version

    def agree(self, turn: Turn) -> None:
        given = Given(self.shown(turn), turn.event.at)
        turn.change(consents={**turn.session.consents, f"{turn.frame.flow}.{self.text}": given})
