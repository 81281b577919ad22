"""One event, one decision: `step(content, session, event) -> StepResult`. For how words are tried see
`words`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from bot.engine import asking, form, stack, timers, walk, words
from bot.engine.answers import try_answer
from bot.engine.background_runs import tell_news
from bot.engine.begin import ask_engine_question, begin
from bot.engine.content import Content
from bot.engine.delays import delayed
from bot.engine.effects import Call, Count, Effect, Forget, HandOff
from bot.engine.events import (
    ActionDelayed,
    ActionFinished,
    AuthorizationRevoked,
    Event,
    FormFilled,
    Ignored,
    LocationReceived,
    MenuClicked,
    NotSubmitted,
    PersonLeft,
    Reported,
    Scanned,
    Subscribed,
    TextReceived,
    TimePassed,
    Unsubscribed,
    VoiceReceived,
)
from bot.engine.holdings import forget_all
from bot.engine.migrate import migrate_session
from bot.engine.outcomes import finished
from bot.engine.session import Offered, Session
from bot.engine.turn import Turn
from bot.engine.walk import MESSAGES


class StepResult(Struct, frozen=True):
    session: Session
    effects: tuple[Effect, ...]


def step(content: Content, session: Session, event: Event) -> StepResult:
    """Returns the session after an event, and the effects. Never raises for content that passed the check."""
    turn = Turn(content, session, event)
    if isinstance(event, Ignored):
        return StepResult(session, ())
    if isinstance(event, Unsubscribed | AuthorizationRevoked):
        # An older one than `heard_at` deletes, too: an open page is heard after an unfollow, and what is kept
        # by mistake stays for good, while whoever follows again can begin again.
        turn.tally.leave("unfollow")
        forget_all(turn)
        turn.effects += turn.tally.left(turn.session.frames)
        return StepResult(turn.session, tuple(turn.effects))
    migrate_session(turn)
    timers.purge(turn)
    _OTHERS_EVENTS.get(type(event), _resident_did)(turn, event)
    timers.purge_kept(turn)
    _tell_lapse(turn)
    turn.change(wake_at=timers.wake_at(turn), revision=turn.content.edition)
    turn.effects += turn.tally.left(turn.session.frames)
    return StepResult(turn.session, (*turn.news, *turn.first, *turn.effects))


def _not_submitted(turn: Turn, event: NotSubmitted) -> None:
    turn.change(heard_at=max(turn.session.heard_at, event.at), reminded=False)
    turn.say_common("not_submitted")
    _settle(turn)


def _person_left(turn: Turn, _: PersonLeft) -> None:
    if turn.session.handoff_until:
        timers.end_hand_off(turn)
        _settle(turn)


_OTHERS_EVENTS: Mapping[type[Event], Callable[[Turn, Any], None]] = {
    ActionFinished: finished,
    ActionDelayed: delayed,
    TimePassed: timers.passed,
    Reported: timers.reported,
    NotSubmitted: _not_submitted,
    PersonLeft: _person_left,
}
"""Handlers of events that are not the resident's own: every other one goes to `_resident_did`."""


def _tell_lapse(turn: Turn) -> None:
    """Reports a lapse before any other text; a timer's text may be dropped, so it does not carry it."""
    lapse = turn.session.lapse
    if lapse is None or not turn.said() or isinstance(turn.event, TimePassed):
        return
    rest, turn.effects = turn.effects, []
    turn.say_common(lapse.text, **lapse.values)
    turn.effects += rest
    turn.change(lapse=None)


def _resident_did(turn: Turn, event: Event) -> None:
    """Handles what the resident did."""
    before = turn.session
    if _with_a_person(turn, event):
        return
    expired = timers.expire(turn)
    receipt = "" if event.has_pending_replies else before.after_receipt
    kept = before.after_receipt if event.has_pending_replies else ""  # its receipt is sent with this answer
    turn.change(heard_at=max(before.heard_at, event.at), reminded=False, after_receipt=kept)
    if event.mark and event.mark != form.mark(turn):
        _moved_on(turn, expired)
        return
    if event.linked and turn.session.frames:
        turn.change_frame(linked=True)
    if isinstance(event, MenuClicked | Subscribed | Scanned):
        turn.change(system_question="", pending_target=None)
    if isinstance(event, MenuClicked):
        _menu(turn, event)
    elif isinstance(event, Subscribed | Scanned):
        _arrived(turn, event)
    elif isinstance(event, FormFilled):
        form.filled(turn, event)
    else:
        _message(turn, event, receipt, expired)
    _settle(turn)
    asked_for_pending = event.has_pending_replies and Count("unknown") in turn.effects
    silent = not turn.said() and {HandOff, Forget, Call}.isdisjoint(map(type, turn.effects))
    if silent and not asked_for_pending:
        words.unknown(turn, ())
        asking.show_offers(turn)
    if HandOff() not in turn.effects:
        tell_news(turn)


def _moved_on(turn: Turn, expired: bool) -> None:
    """Does nothing, because the page showed another question than the open one, which it asks."""
    turn.say_common("expired" if expired else "stale")
    if turn.session.system_question:
        ask_engine_question(turn)
    elif not turn.session.frames:
        asking.offer_again(turn)
    _settle(turn)


def _settle(turn: Turn) -> None:
    """Walks on, asks the open question, shows the follow-ups."""
    if turn.session.system_question:
        return
    walk.run(turn)
    if HandOff() in turn.effects:
        return
    asking.ask(turn)
    asking.show_offers(turn)


def _with_a_person(turn: Turn, event: Event) -> bool:
    """Passes every message to the member of staff who has the conversation, with no step."""
    if not turn.session.handoff_until:
        return False
    back = isinstance(event, TextReceived) and turn.content.recovery.get(turn.message.normal) == "back"
    if event.at >= turn.session.handoff_until or isinstance(event, MenuClicked):
        timers.end_hand_off(turn)
        walk.run(turn)
        return False
    if back:
        turn.change(heard_at=max(turn.session.heard_at, event.at))
        timers.end_hand_off(turn)
        _settle(turn)
        return True
    if isinstance(event, MESSAGES):
        turn.effects.append(HandOff())
        turn.effects.append(Count("hand_off.message"))
    return True


def _menu(turn: Turn, event: MenuClicked) -> None:
    target = turn.content.menu.get(event.key)
    if target is None:
        words.unknown(turn, ())
    else:
        begin(turn, Offered(target.flow, target.page))


def _arrived(turn: Turn, event: Subscribed | Scanned) -> None:
    flow = turn.content.scans.get(event.scene)
    if isinstance(event, Subscribed) and turn.content.follow and not turn.session.frames:
        if flow is None:
            stack.push(turn, turn.content.follow, "start")
            return
        turn.say_common("welcome_scan")
    if flow is not None:
        begin(turn, Offered(flow))
    elif not turn.session.frames and turn.content.follow:
        stack.push(turn, turn.content.follow, "start")


def _message(turn: Turn, event: Event, receipt: str, expired: bool) -> None:
    tapped = isinstance(event, TextReceived) and bool(event.tap)
    if isinstance(event, TextReceived | VoiceReceived) and (turn.message.raw.strip() or tapped):
        words.heard(turn, event, receipt, expired)
        return
    turn.change(system_question="", pending_target=None)
    if try_answer(turn, event):
        return
    elif isinstance(event, VoiceReceived):
        turn.say_common("voice")
    elif isinstance(event, LocationReceived) and not turn.session.frames and turn.content.location[0]:
        flow, slot = turn.content.location
        place = {"lat": f"{event.lat:.6f}", "lon": f"{event.lon:.6f}", "text": event.label[:60]}
        stack.push(turn, flow, "start", {slot: place})
    else:
        turn.say_common("expired" if expired else "not_now")
    if not turn.session.frames and not expired:
        asking.offer_again(turn)
