"""Handles a session that exists and does not open: what may be done without reading it."""

from __future__ import annotations

import structlog
from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.effects import Forget
from bot.engine.events import (
    AuthorizationRevoked,
    Event,
    MenuClicked,
    Scanned,
    Subscribed,
    TextReceived,
    Unsubscribed,
    VoiceReceived,
)
from bot.engine.session import Lapse, OpenCall, Session, new, under_way
from bot.engine.step import StepResult, step
from bot.reading.clean import normal
from bot.store.epochs import lapse
from bot.store.memory import Store
from bot.store.records import Job, ResidentKey, Snapshot, opened_once
from bot.store.seal import OpensElsewhere

log = structlog.get_logger()

_ABOUT_ALL_OF_IT = ("my_data", "withdraw")
"""Words whose answer would be untrue while a part cannot be read."""


def unread(store: Store, owner: ResidentKey, content: Content, begun: Snapshot, event: Event) -> StepResult:
    """Handles the turn of a session that does not open: begins a new one if no process will ever open it;
    else leaves it, and does beside it what does not need it.

    Raises:
        OpensElsewhere: it needs what another process may open.
        StoreAway: Redis did not answer.
    """
    assert begun.unread is not None  # noqa: S101
    log.error("session does not open", resident=owner.tag, cause=str(begun.unread), alert=True)
    jobs, closed = store.jobs_of(owner)
    session = in_its_place(content, begun, event, jobs)
    if forgets(content, event):
        return _forgotten(content, session, event, closed)
    if isinstance(begun.unread, OpensElsewhere) and not _stands_alone(content, session, event):
        raise begun.unread
    return step(content, session, event)


def in_its_place(content: Content, begun: Snapshot, event: Event, jobs: list[Job]) -> Session:
    """Returns the session to go on from. Jobs hold the open changes; if no process will ever open the
    session, all else is lost, which the resident is told."""
    if isinstance(begun.unread, OpensElsewhere):
        known = begun.session or replace(beginning(content, begun, event), **begun.unread.known)
        return under_way(known, opened_once(jobs))
    return afresh(beginning(content, begun, event), jobs)


def _stands_alone(content: Content, session: Session, event: Event) -> bool:
    """Checks whether it can be answered without what does not open: it waits for this event, or the event
    begins something of its own."""
    if not isinstance(event, TextReceived | VoiceReceived):
        return isinstance(event, MenuClicked | Subscribed | Scanned) or bool(session.handoff_until)
    word = content.recovery.get(normal(event.text), "")
    if word in _ABOUT_ALL_OF_IT:
        return False
    open_here = session.top or session.system_question or session.handoff_until or event.has_pending_replies
    begins = word in ("help", "person") or word.startswith("language:")
    return bool(open_here) or begins or normal(event.text) in content.triggers


def beginning(content: Content, begun: Snapshot, event: Event) -> Session:
    """Returns a resident's first session; if the store has lost others, this may not have been the first."""
    told = begun.lost is not None and not isinstance(event, Subscribed)
    session = new(content, event.seed, event.at)
    return replace(session, epoch=begun.epoch, lapse=lapse(begun.lost) if told and begun.lost else None)


def forgets(content: Content, event: Event) -> bool:
    """Checks whether the event asks for a deletion."""
    if isinstance(event, TextReceived):
        return content.recovery.get(normal(event.text)) == "forget"
    return isinstance(event, Unsubscribed | AuthorizationRevoked)


def afresh(session: Session, jobs: list[Job]) -> Session:
    """Returns a new session in which open changes continue."""
    return replace(session, calls=opened_once(jobs), lapse=session.lapse or Lapse("lost_answers"))


def _forgotten(content: Content, fresh: Session, event: Event, closed: int) -> StepResult:
    """`closed`: number of jobs that do not open either, reported as still being submitted."""
    more = {str(n): OpenCall("", "", "", 0, once=True) for n in range(closed)}
    turned = step(content, replace(fresh, calls={**fresh.calls, **more}, lapse=None), event)
    if Forget() not in turned.effects and isinstance(event, TextReceived):
        yes = replace(event, text=next(iter(content.yes)))
        turned = step(content, turned.session, yes)  # it asked first
    calls = {key: call for key, call in turned.session.calls.items() if key not in more}
    return StepResult(replace(turned.session, calls=calls), turned.effects)
