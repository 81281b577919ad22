"""A session that is there and does not open: what may be done without reading it."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.engine.effects import Forget
from bot.engine.events import AuthorizationRevoked, Event, Subscribed, TextReceived, Unsubscribed
from bot.engine.flow import Content
from bot.engine.session import Lapse, OpenCall, Session, new
from bot.engine.slots import normal
from bot.engine.step import Turned, step
from bot.engine.talk import Guess
from bot.ports import ACTIONS
from bot.store.epochs import lapse
from bot.store.records import Begun, Job, Owner
from bot.store.redis import RedisStore
from bot.store.seal import OpensElsewhere

log = structlog.get_logger()


def decide(
    store: RedisStore, owner: Owner, content: Content, begun: Begun, event: Event, guess: Guess
) -> Turned:
    """The turn of a session that does not open: begun afresh where no process will ever open it, else nothing
    but a deletion, which needs to read nothing. Raises OpensElsewhere, StoreAway."""
    assert begun.unread is not None  # noqa: S101
    log.error("session does not open", resident=owner.tag, cause=str(begun.unread), alert=True)
    jobs, closed = store.jobs_of(owner)
    fresh = afresh(beginning(content, begun, event), jobs)
    if forgets(content, event):
        return _forgotten(content, fresh, event, closed)
    if isinstance(begun.unread, OpensElsewhere):
        raise begun.unread
    return step(content, fresh, event, guess)


def beginning(content: Content, begun: Begun, event: Event) -> Session:
    """A resident's first session; where the store has lost others, this may not have been the first."""
    told = begun.lost is not None and not isinstance(event, Subscribed)
    session = new(content, event.seed, event.at)
    return replace(session, epoch=begun.epoch, lapse=lapse(begun.lost) if told and begun.lost else None)


def forgets(content: Content, event: Event) -> bool:
    """What asks for a deletion."""
    if isinstance(event, TextReceived):
        return content.recovery.get(normal(event.text)) == "forget"
    return isinstance(event, Unsubscribed | AuthorizationRevoked)


def afresh(session: Session, jobs: list[Job]) -> Session:
    """Changes under way are known from their jobs; all else is lost, and said to be."""
    calls = {job.call.id: opened(job) for job in jobs if job.call.once}
    return replace(session, calls=calls, lapse=session.lapse or Lapse("lost_answers"))


def opened(job: Job) -> OpenCall:
    """A job's call as a session holds it while its outcome is not known."""
    call = job.call
    subject = str(call.arguments.get(ACTIONS[call.action].subject, ""))
    return OpenCall(call.action, call.flow, call.step, call.run, call.once, subject)


def _forgotten(content: Content, fresh: Session, event: Event, closed: int) -> Turned:
    """`closed`: jobs that do not open either, of which it is said that something is still being submitted."""
    more = {str(n): OpenCall("", "", "", 0, once=True) for n in range(closed)}
    turned = step(content, replace(fresh, calls={**fresh.calls, **more}, lapse=None), event)
    if not any(isinstance(e, Forget) for e in turned.effects) and isinstance(event, TextReceived):
        turned = step(content, turned.session, replace(event, text=next(iter(content.yes))))  # it asked first
    calls = {key: call for key, call in turned.session.calls.items() if key not in more}
    return Turned(replace(turned.session, calls=calls), turned.effects)
