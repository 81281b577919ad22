"""`transfer`: hands the conversation over to a person."""

from __future__ import annotations

from bot.engine.effects import HandOff
from bot.engine.events import Event
from bot.engine.flow import Step
from bot.engine.turn import Turn
from bot.engine.walk import MESSAGES

PERSON_SECONDS = 1800


class Transfer(Step):
    kind = "transfer"
    waits = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        """Hands over if it can be the turn's whole reply to a message; until then asks the resident to
        write."""
        if isinstance(turn.event, MESSAGES) and not turn.said():
            turn.effects.append(HandOff())
            turn.change(handoff_until=turn.event.at + PERSON_SECONDS)
        else:
            turn.say_common("person_wait")
        return True

    def answer(self, turn: Turn, event: Event) -> bool:
        return isinstance(event, MESSAGES)

    def handed_back(self, turn: Turn) -> None:
        self.next.follow(turn)
