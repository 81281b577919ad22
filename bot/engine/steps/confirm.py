"""`confirm`: a text that is agreed to or refused."""

from __future__ import annotations

from bot.engine.effects import Count
from bot.engine.events import Event, TextReceived
from bot.engine.flow import Step, Value
from bot.engine.turn import Turn
from bot.reading.choices import Choice, chosen
from bot.reading.clean import normal

AGREED, REFUSED = "agreed", "refused"


class Confirm(Step):
    kind = "confirm"
    asks = waits = decides = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        return True

    def shown(self, turn: Turn) -> str:
        """A summary says what will be done: fees, days, which card."""
        text = turn.words(turn.frame.flow).texts[self.text]
        return (turn.rendered(text) or "") if self.before_once else ""

    def ask(self, turn: Turn) -> None:
        turn.say(self.text)

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        text = turn.words(turn.frame.flow).texts[self.text]
        tag = f"{turn.frame.run}.{self.id}."
        return (
            Choice(AGREED, turn.label(text.agreed, AGREED), 0, tag + AGREED),
            Choice(REFUSED, turn.label(text.refused, REFUSED), 0, tag + REFUSED),
        )

    def answer(self, turn: Turn, event: Event) -> bool:
        """Its label or a word for yes or no. Before a change, the whole label."""
        if not isinstance(event, TextReceived):
            return False
        said, choices = turn.message.normal, self.choices(turn)
        choice = next((c for c in choices if normal(c.label) == said), None)
        if choice is None and said in turn.content.yes:
            choice = choices[0]
        elif choice is None and said in turn.content.no:
            choice = choices[1]
        elif choice is None and not self.before_once:
            choice = chosen(turn.message, choices)
        if choice is None:
            return False
        self.choose(turn, choice.value)
        return True

    def choose(self, turn: Turn, value: Value) -> None:
        """A change is agreed to only by a message sent after the one that led to its summary."""
        if value == AGREED and self.before_once and turn.event.at <= turn.frame.asked_at:
            turn.say_common("redo")
            return
        turn.effects.append(Count(f"{turn.frame.flow}.{self.id}.{value}"))
        turn.close()
        self.next.follow(turn, str(value))
