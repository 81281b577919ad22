"""Tries the meanings of a message in order.

Engine question, recovery word, tap or number, a flow's own name, remark, valid answer, trigger phrase,
earlier answer given anew, another sure matter, invalid answer; with nothing open: what the words may mean.
"""

from __future__ import annotations

from bot.engine import asking, recovery
from bot.engine.answers import (
    answer_open_question,
    confirmed_again,
    decides_elsewhere,
    invalid,
    stale,
    still_asked,
    try_answer,
)
from bot.engine.asking import SUGGESTIONS
from bot.engine.begin import answer_engine_question, ask_engine_question, begin, offered_by
from bot.engine.corrections import retold
from bot.engine.effects import Count
from bot.engine.events import MOST_READ, WORD, Event, TextReceived, VoiceReceived
from bot.engine.flow import Target
from bot.engine.remarks import beyond_doubt, replied
from bot.engine.session import Offered
from bot.engine.suspend import say_nothing_open
from bot.engine.turn import Turn
from bot.reading.choices import in_full
from bot.reading.clean import normal
from bot.reading.find import OPEN_TYPES
from bot.reading.numerals import spelled
from bot.reading.signals import asks


def heard(turn: Turn, event: TextReceived | VoiceReceived, receipt: str, expired: bool) -> None:
    tap = event.tap if isinstance(event, TextReceived) else ""
    if len(event.text) >= MOST_READ and not tap:  # a cut answer is no answer
        turn.change(system_question="", pending_target=None)
        turn.say_common("too_long")
        return
    if turn.secret and not tap:
        _told_secret(turn, event)
        return
    if event.mark and not tap:
        _filled_in(turn, event)
        return
    tap = "" if tap == WORD else tap
    said = turn.message.normal
    suggested = None if turn.session.system_question else turn.session.pending_target
    if suggested is not None:
        turn.change(pending_target=None)
    if answer_engine_question(turn, tap):
        return
    if not tap and recovery.recover(turn, receipt):
        return
    offered = offered_by(turn, tap)
    if offered is not None:
        begin(turn, offered)
        return
    if receipt and confirmed_again(turn, said, receipt):
        return
    if tap:
        if not answer_open_question(turn, tap):
            stale(turn)
        return
    trigger = turn.content.triggers.get(said)
    if trigger is not None and recovery.declined(turn):
        return  # 不补了 before the application is handed in; it withdraws one, too
    before = _before_answer(turn)
    urgent = trigger is not None and before and _interrupts(turn, trigger)
    named = trigger is not None and (turn.revised or urgent or _named(turn, said, trigger))
    if (named or before) and replied(turn, gaps=False):
        return
    if trigger is not None and named:
        begin(turn, Offered(trigger.flow, trigger.page))
    elif _secret(said) and before:
        turn.say_common("no_codes")
    elif (before and replied(turn)) or try_answer(turn, event) or replied(turn, gaps=False):
        return
    elif trigger is not None:
        begin(turn, Offered(trigger.flow, trigger.page))
    elif expired:
        turn.say_common("expired")
    elif _secret(said):
        turn.say_common("no_codes")
    elif replied(turn, clauses=True) or retold(turn) or recovery.declined(turn):
        return
    elif decides_elsewhere(turn, said) and said not in turn.content.yes | turn.content.no:
        stale(turn)
    elif turn.session.frames and not turn.frame.call and not said and not turn.here.nearly(turn, event):
        recovery.WORDS["help"](turn)  # an emoji or a “？” costs no try
    elif turn.session.frames:
        if not _another_matter(turn):
            invalid(turn)
    elif suggested is not None and said in turn.content.yes and turn.known(suggested):
        begin(turn, suggested)
    elif not event.has_pending_replies and _closes(turn, said):
        _nothing_to_agree_to(turn, receipt)
    else:
        _free_words(turn)


def _filled_in(turn: Turn, event: Event) -> None:
    """Takes a field of the page: an answer to its question and nothing else, whatever the words look like."""
    if turn.session.system_question:
        ask_engine_question(turn)
    elif not turn.session.frames:
        stale(turn)
    elif not try_answer(turn, event):
        invalid(turn)


def _another_matter(turn: Turn) -> bool:
    """Returns True if it is surely about something else: answers a page that is surely meant, suggests all
    else, before the question if that still waits. Costs no try."""
    guess = beyond_doubt(turn)
    if guess is None or turn.frame.call:
        return False
    if not still_asked(turn):
        return True  # the next question is asked, or the flow has ended
    turn.digressed = True
    open_now = {frame.flow for frame in turn.session.frames}
    others = [target for target in turn.targets(guess)[:2] if target.flow not in open_now]
    if not others or others[0] != turn.targets(guess)[0]:
        return True  # about what is open
    if guess.sure and (others[0].page or others[0].flow == turn.content.person):
        begin(turn, Offered(others[0].flow, others[0].page))
        return True
    if "guess_beside" in turn.language.common:
        turn.say_common("guess_beside", other=turn.title(others[0].flow, others[0].page))
    asking.offer_later(turn, tuple(others))
    return True


def _closes(turn: Turn, said: str) -> bool:
    """Checks for 好的, 不要 or an emoji, and for no question: “？” is not understood."""
    return said in turn.content.yes | turn.content.no or not (said or asks(turn.message.folded))


def _nothing_to_agree_to(turn: Turn, receipt: str) -> None:
    """Answers what mostly closes what was said, with nothing open."""
    if receipt:
        turn.say_common("stopped_done")
    else:
        say_nothing_open(turn)
    asking.offer_again(turn)


def _told_secret(turn: Turn, event: Event) -> None:
    """Warns of a password or a code in a sentence, wherever it comes. The rest of the message may answer the
    open question, but never free words that the secret was a part of."""
    turn.say_common("no_codes")
    turn.digressed = True
    if not turn.session.frames:
        asking.offer_later(turn, turn.targets(turn.content.guesser.guess(turn.message)))
    elif not _before_answer(turn):
        try_answer(turn, event)


def _secret(said: str) -> bool:
    """Checks for six bare digits, spoken ones too: a PIN or an SMS code, which the bot never asks for."""
    said = spelled(said)
    return said.isdigit() and len(said) == 6


def _before_answer(turn: Turn) -> bool:
    """Checks whether a flow's own phrase has precedence over an answer, in slots that nearly any words
    fit."""
    if not turn.session.frames or not turn.here.slot:
        return False
    slot, doubt = turn.flow.slots[turn.here.slot], turn.frame.doubt
    if doubt is not None and doubt.shown and turn.message.normal in turn.content.yes | turn.content.no:
        return False  # an answer to “is that the name?”
    return slot.type in OPEN_TYPES


def _interrupts(turn: Turn, trigger: Target) -> bool:
    """Checks whether a matter may interrupt the open question. Where an opinion is asked for, a question that
    may be one does not: 太慢了 is how far a card is, too."""
    if turn.flow.slots[turn.here.slot].type != "text":
        return True
    if trigger.page:
        return not turn.content.pages[trigger.page].courtesy
    return trigger.flow == turn.content.person or bool(turn.content.flows[trigger.flow].changes)


def _named(turn: Turn, said: str, target: Target) -> bool:
    """Checks for the whole name of something else, as its button shows it, which is no part of an answer."""
    open_now = {f.flow for f in turn.group}
    if not open_now or target.flow in open_now or said != normal(turn.title(target.flow, target.page)):
        return False
    return not in_full(said, turn.here.choices(turn))


def _free_words(turn: Turn) -> None:
    """Begins at once if other meanings are unlikely; offers a second matter beside it."""
    guess = turn.content.guesser.guess(turn.message)
    targets = turn.targets(guess)
    if not guess.sure or turn.event.has_pending_replies:
        unknown(turn, targets)
        return
    asking.offer_later(turn, targets[1 : guess.matters])
    begin(turn, Offered(targets[0].flow, targets[0].page))


def unknown(turn: Turn, guesses: tuple[Target, ...]) -> None:
    """Never silent: suggests possible meanings, with a way to a person, or the first buttons of the menu."""
    turn.effects.append(Count("unknown"))
    if turn.event.has_pending_replies:
        return
    if not guesses:
        turn.say_common("unknown")
        asking.offer_later(turn, tuple(turn.content.menu.values())[:SUGGESTIONS])
        return
    turn.say_common("guess")
    only = Offered(guesses[0].flow, guesses[0].page) if len(guesses) == 1 else None
    if only is not None and not (only.flow and turn.content.flows[only.flow].changes):
        turn.change(pending_target=only)  # 好的 takes it
    asking.offer_later(turn, guesses)
    asking.offer_person(turn)
