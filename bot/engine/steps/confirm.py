"""`confirm`: a text that the resident agrees to or refuses."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from bot.engine import corrections
from bot.engine.corrections import CHANGE
from bot.engine.effects import Count
from bot.engine.events import Event, TextReceived, VoiceReceived
from bot.engine.flow import Step, Value
from bot.engine.scope import Scope
from bot.engine.turn import Turn
from bot.engine.wording import Missing, render
from bot.reading.agree import Answer, decided, nearly
from bot.reading.choices import Choice
from bot.reading.clean import clauses

AGREED, REFUSED = "agreed", "refused"
_PUTS_OFF = frozenset({"wait", "thanks", "noted"})
"""Remarks beside a plain no that leave it one."""


class Confirm(Step):
    kind = "confirm"
    asks = waits = decides = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        return True

    def shown(self, turn: Turn) -> str:
        """Returns the summary of what will be done: fees, days, which card."""
        text = turn.words(turn.frame.flow).texts[self.text]
        return (turn.rendered(text, True) or "") if self.before_once else ""

    def ask(self, turn: Turn) -> None:
        if self.before_once:
            turn.say_summary(self.text)
        else:
            turn.say(self.text)

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        text = turn.words(turn.frame.flow).texts[self.text]
        tag = f"{turn.frame.run}.{self.id}."
        decides = (
            Choice(AGREED, turn.label(text.agreed, AGREED), 0, tag + AGREED + self._mark(turn)),
            Choice(REFUSED, turn.label(text.refused, REFUSED), 0, tag + REFUSED),
        )
        if not self.before_once or "change_offer" not in turn.language.common:
            return decides
        return decides + tuple(
            Choice(CHANGE + step, turn.common("change_offer", label=label), 0, tag + CHANGE + step)
            for step, label in corrections.offered(turn, self)
        )

    def _mark(self, turn: Turn) -> str:
        """Ties the tap to the summary above it, in whatever language, and to no other."""
        if not self.before_once:
            return ""
        content, session = turn.content, turn.session
        language = content.languages[content.default_language]
        scope = Scope(content, replace(session, language=language.code), turn.frame, turn.event.at)
        try:
            summary = render(language.flows[turn.frame.flow].texts[self.text], scope)
        except Missing:
            summary = ""
        return f".{hashlib.sha256(summary.encode()).hexdigest()[:8]}"

    def answer(self, turn: Turn, event: Event) -> bool:
        """Takes a typed plain yes or no, and says that a spoken one is none; if no change follows, a part of
        one label is enough."""
        small = self.kind == Confirm.kind and not self.before_once
        answers, plain = self._answers(turn), turn.content.plain
        agreed = decided(turn.message, *answers, plain, part=small)
        said = clauses(turn.message) if agreed is None else []
        if said and decided(said[0], *answers, plain) is False:
            waits = all(turn.content.remarks.meant(clause, gaps=True) in _PUTS_OFF for clause in said[1:])
            agreed = False if waits else None  # 不了，我再想想
        if agreed is None:
            return False
        if isinstance(event, VoiceReceived):
            turn.say_common("voice")
            return True
        self.choose(turn, AGREED if agreed else REFUSED)
        return True

    def nearly(self, turn: Turn, event: Event) -> bool:
        """Checks for words near a yes: they decide nothing and cost no try."""
        if not isinstance(event, TextReceived):
            return False
        return nearly(turn.message, self._answers(turn)[0], turn.content.plain)

    def _answers(self, turn: Turn) -> tuple[Answer, Answer]:
        """Returns the answers with other words for them, in every language."""
        agreed, refused = self.choices(turn)[:2]
        known = (lang.flows[turn.frame.flow].texts for lang in turn.content.languages.values())
        called = [texts[self.text].words for texts in known if self.text in texts]
        yes, no = ([word for words in called for word in words.get(key, ())] for key in (AGREED, REFUSED))
        return Answer(agreed.label, yes), Answer(refused.label, no)

    def choose(self, turn: Turn, value: Value) -> None:
        if str(value).startswith(CHANGE):
            corrections.asked_anew(turn, str(value).removeprefix(CHANGE))
            return
        if value == AGREED:
            if self._unread(turn):
                turn.say_common("redo")
                return
            self.agree(turn)
        turn.effects.append(Count(f"{turn.frame.flow}.{self.id}.{value}"))
        turn.close()
        self.next.follow(turn, str(value))

    def agree(self, turn: Turn) -> None:
        """Keeps that the resident agreed, where that outlasts the run."""

    def _unread(self, turn: Turn) -> bool:
        """Checks for typed words that agree to what cannot have been read: it is told with this answer, or by
        a push at this moment, or, before a change, came no earlier than they did. A tap and a page's mark
        show what was seen."""
        event = turn.event
        if event.mark or (isinstance(event, TextReceived) and event.tap):
            return False
        if event.has_pending_replies or event.push_under_way:
            return True
        return self.before_once and event.at <= turn.frame.asked_at
