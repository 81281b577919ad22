"""One event, one decision: `step(content, session, event) -> Turned`.

A message is tried as: engine question, recovery word, tap, valid answer, trigger, page, invalid answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine import counts, recovery, timers
from bot.engine.answers import answer_open_question, confirmed_again, invalid, stale, try_answer
from bot.engine.asking import SUGGESTIONS
from bot.engine.begin import answer_engine_question, begin, offered_by
from bot.engine.effects import Call, Count, Effect, Forget, HandOff
from bot.engine.events import (
    MOST_READ,
    ActionDelayed,
    ActionFinished,
    AuthorizationRevoked,
    Event,
    Ignored,
    LocationReceived,
    MenuClicked,
    NotSubmitted,
    PersonLeft,
    Scanned,
    Subscribed,
    TextReceived,
    TimePassed,
    Unsubscribed,
    VoiceReceived,
)
from bot.engine.flow import Content, Target
from bot.engine.holdings import forget_all
from bot.engine.outcomes import delayed, finished
from bot.engine.revise import revise
from bot.engine.session import Offered, Session
from bot.engine.slots import OPEN_TYPES, in_full, normal, wordless
from bot.engine.talk import Guess, no_guess
from bot.engine.walk import MESSAGES, Walk


@dataclass(frozen=True)
class Turned:
    session: Session
    effects: tuple[Effect, ...]


def step(content: Content, session: Session, event: Event, guess: Guess = no_guess) -> Turned:
    """The session after an event and what it wants done. Never raises for content that passed the check.

    `guess`: what free words may mean, best first; asked only where nothing else answers them.
    """
    walk = Walk(content, session, event, guess)
    if isinstance(event, Ignored):
        return Turned(session, ())
    if isinstance(event, Unsubscribed | AuthorizationRevoked):
        forget_all(walk)
        walk.effects += counts.leaving(session, walk.session, walk.closed, walk.over, walk.begun, "unfollow")
        return Turned(walk.session, tuple(walk.effects))
    revise(walk)
    timers.purge(walk)
    if isinstance(event, ActionFinished):
        finished(walk, event)
    elif isinstance(event, ActionDelayed):
        delayed(walk, event)
    elif isinstance(event, TimePassed):
        timers.passed(walk)
    elif isinstance(event, NotSubmitted):
        walk.change(heard_at=max(walk.session.heard_at, event.at), reminded=False)
        walk.say_common("not_submitted")
        _settle(walk)
    elif isinstance(event, PersonLeft):
        if walk.session.person_until:
            timers.end_hand_off(walk)
            _settle(walk)
    else:
        _heard(walk, event)
    _tell_lapse(walk)
    walk.change(wake_at=timers.wake_at(walk), revision=content.revision)
    walk.effects += counts.leaving(session, walk.session, walk.closed, walk.over, walk.begun, walk.reason)
    return Turned(walk.session, (*walk.first, *walk.effects))


def _tell_lapse(walk: Walk) -> None:
    """Before whatever is said; what time alone brings may be dropped, and does not carry it."""
    lapse = walk.session.lapse
    if lapse is None or not walk.said() or isinstance(walk.event, TimePassed):
        return
    rest, walk.effects = walk.effects, []
    walk.say_common(lapse.text, **lapse.values)
    walk.effects += rest
    walk.change(lapse=None)


def _heard(walk: Walk, event: Event) -> None:
    """Something the resident did."""
    before = walk.session
    if _with_a_person(walk, event):
        return
    expired = timers.expire(walk)
    receipt = "" if event.untold else before.after_receipt
    kept = before.after_receipt if event.untold else ""  # its receipt is told with this answer
    walk.change(heard_at=max(before.heard_at, event.at), reminded=False, after_receipt=kept)
    if isinstance(event, MenuClicked | Subscribed | Scanned):
        walk.change(asking="", leaving_for=None)
    if isinstance(event, MenuClicked):
        _menu(walk, event)
    elif isinstance(event, Subscribed | Scanned):
        _arrived(walk, event)
    else:
        _message(walk, event, receipt, expired)
    _settle(walk)
    if event.untold and Count("unknown") in walk.effects:
        return  # whatever was said asked for what had waited
    if not walk.said() and not any(isinstance(e, HandOff | Forget | Call) for e in walk.effects):
        _unknown(walk, ())
        walk.show_offers()


def _settle(walk: Walk) -> None:
    """Walk on, ask what is open, show the follow-ups."""
    if walk.session.asking:
        return
    walk.run()
    if any(isinstance(e, HandOff) for e in walk.effects):
        return
    walk.ask()
    walk.show_offers()


def _with_a_person(walk: Walk, event: Event) -> bool:
    """While a member of staff has the conversation, every message goes to them and steps nothing."""
    if not walk.session.person_until:
        return False
    back = isinstance(event, TextReceived) and walk.content.recovery.get(normal(event.text)) == "back"
    if event.at >= walk.session.person_until or isinstance(event, MenuClicked):
        timers.end_hand_off(walk)
        walk.run()
        return False
    if back:
        walk.change(heard_at=max(walk.session.heard_at, event.at))
        timers.end_hand_off(walk)
        _settle(walk)
        return True
    if isinstance(event, MESSAGES):
        walk.effects.append(HandOff())
        walk.effects.append(Count("hand_off.message"))
    return True


def _menu(walk: Walk, event: MenuClicked) -> None:
    target = walk.content.menu.get(event.key)
    if target is None:
        _unknown(walk, ())
    else:
        begin(walk, Offered(target.flow, target.page))


def _arrived(walk: Walk, event: Subscribed | Scanned) -> None:
    flow = walk.content.scans.get(event.scene)
    if isinstance(event, Subscribed) and walk.content.follow and not walk.session.frames:
        if flow is None:
            walk.push(walk.content.follow, "start")
            return
        walk.say_common("welcome_scan")
    if flow is not None:
        begin(walk, Offered(flow))
    elif not walk.session.frames and walk.content.follow:
        walk.push(walk.content.follow, "start")


def _message(walk: Walk, event: Event, receipt: str, expired: bool) -> None:
    tapped = isinstance(event, TextReceived) and bool(event.tap)
    if isinstance(event, TextReceived | VoiceReceived) and (event.text.strip() or tapped):
        _words(walk, event, receipt, expired)
        return
    walk.change(asking="", leaving_for=None)
    if try_answer(walk, event):
        return
    elif isinstance(event, VoiceReceived):
        walk.say_common("voice")
    elif isinstance(event, LocationReceived) and not walk.session.frames and walk.content.location[0]:
        flow, slot = walk.content.location
        place = {"lat": f"{event.lat:.6f}", "lon": f"{event.lon:.6f}", "text": event.label[:60]}
        walk.push(flow, "start", {slot: place})
    else:
        walk.say_common("expired" if expired else "not_now")
    if not walk.session.frames and not expired:
        walk.offer_again()


def _words(walk: Walk, event: TextReceived | VoiceReceived, receipt: str, expired: bool) -> None:
    tap = event.tap if isinstance(event, TextReceived) else ""
    if len(event.text) >= MOST_READ and not tap:  # half an answer is none
        walk.change(asking="", leaving_for=None)
        walk.say_common("too_long")
        return
    said = normal(event.text)
    suggested = None if walk.session.asking else walk.session.leaving_for
    if suggested is not None:
        walk.change(leaving_for=None)
    if answer_engine_question(walk, event.text, tap):
        return
    if not tap and recovery.recover(walk, event.text, receipt):
        return
    offered = offered_by(walk, event.text, tap)
    if offered is not None:
        begin(walk, offered)
        return
    if receipt and confirmed_again(walk, said, receipt):
        return
    if tap:
        if not answer_open_question(walk, tap):
            stale(walk)
        return
    trigger = walk.content.triggers.get(said)
    if trigger is not None and (walk.revised or _before_answer(walk) or _named(walk, said, trigger)):
        begin(walk, Offered(trigger.flow, trigger.page))
    elif _secret(said) and _before_answer(walk):
        walk.say_common("no_codes")
    elif try_answer(walk, event):
        return
    elif trigger is not None:
        begin(walk, Offered(trigger.flow, trigger.page))
    elif expired:
        walk.say_common("expired")
    elif _secret(said):
        walk.say_common("no_codes")
    elif walk.session.frames and not walk.frame.call and wordless(event.text):
        recovery.WORDS["help"](walk)  # no try is lost by an emoji or a “？”
    elif walk.session.frames:
        walk.guessed = walk.guess(event.text)
        invalid(walk)
    elif suggested is not None and said in walk.content.yes and walk.known(suggested):
        begin(walk, suggested)
    elif not event.untold and (said in walk.content.yes or said in walk.content.no):
        _nothing_to_agree_to(walk, receipt)
    else:
        _unknown(walk, walk.guess(event.text))


def _nothing_to_agree_to(walk: Walk, receipt: str) -> None:
    """好的, 不要 and the like with nothing open: no riddle, they mostly close what has been told."""
    walk.say_common("stopped_done" if receipt else "nothing_open")
    walk.offer_again()


def _secret(said: str) -> bool:
    """Six bare digits: a PIN or an SMS code, which nobody asked for."""
    return said.isdigit() and len(said) == 6


def _before_answer(walk: Walk) -> bool:
    """Nearly any words fit some slots: there a flow's own phrase is the flow, not an answer."""
    if not walk.session.frames or walk.here.kind != "collect":
        return False
    slot = walk.flow.slots[walk.here.slot]
    return slot.type in OPEN_TYPES


def _named(walk: Walk, said: str, target: Target) -> bool:
    """The whole name of something else, as its button shows it, is not a part of an answer's words."""
    open_now = {f.flow for f in walk.session.frames[walk.base() :]}
    if not open_now or target.flow in open_now or said != normal(walk.title(target.flow, target.page)):
        return False
    return not in_full(said, walk.choices())


def _unknown(walk: Walk, guesses: tuple[Target, ...]) -> None:
    """Never silent: what it may have been, or the first buttons of the menu."""
    walk.effects.append(Count("unknown"))
    if walk.event.untold:
        return
    walk.say_common("guess" if guesses else "unknown")
    if len(guesses) == 1:
        walk.change(leaving_for=Offered(guesses[0].flow, guesses[0].page))
    walk.offer_later(guesses or tuple(walk.content.menu.values())[:SUGGESTIONS])
