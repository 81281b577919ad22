"""Writes a turn: one decision becomes one commit request, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.effects import Call, Count, Effect, Forget, Reply, Unmatch, compose
from bot.engine.events import ActionDelayed, ActionFinished, Event
from bot.engine.session import Session
from bot.store.memory import Store
from bot.store.records import CommitRequest, Job, JobChange, ResidentKey, Snapshot, StoreAway
from bot.store.seal import OpensElsewhere
from bot.store.sign_ins import found_by
from bot.store.window import opened_by
from bot.turn.decision import LEASE, NOTHING, AnswerLost, CommitResult, Decision, Occasion
from bot.turn.matches import concerns, remembered, to_tell
from bot.turn.trace import evidence, instead, noted, traced, unanswered
from bot.turn.words import decides, divide

COPYING = 6
"""Seconds until a new job is due that must reach its copies first; longer than the budget for that."""
REMINDER = "common.remind"
MOST_TAPED = 1000
"""Items of one recording."""


Listen = Callable[[Snapshot, Decision], Mapping[str, Any] | None]
"""Returns a recording's item of a turn; called only for residents who are recorded."""


class PageLink(Protocol):
    """`known`: WeChat tells who opens the page; else a link may be anybody's who was sent it."""

    known: bool

    def put(self, owner: ResidentKey, account: str, reply: Reply, session: Session) -> Reply:
        """Returns the reply with the address of the resident's page where it is offered."""


class Writer:
    """`illustrate`: uploads a reply's picture, once, so that a repeated delivery shows the same one.

    `pushes`: pending replies are pushed. `copies`: replicas that must have a change before it is sent.
    `link`: puts the address of the resident's page where it is offered; None: there is no page.
    """

    def __init__(
        self,
        store: Store,
        content: Callable[[str], Content],
        illustrate: Callable[[Reply], Reply],
        pushes: bool,
        copies: int,
        listen: Listen = lambda *_: None,
        link: PageLink | None = None,
    ) -> None:
        self.store, self.content, self.illustrate = store, content, illustrate
        self._pushes, self._copies, self._listen = pushes, copies, listen
        self.link = link
        self.page = "" if link is None else "account" if link.known else "link"

    def commit(
        self, owner: ResidentKey, begun: Snapshot, delivery: str, decision: Decision, not_after: float = 0.0
    ) -> CommitResult:
        """Writes the turn by one script. While a call is open, what was said goes to the outbox.

        `not_after`: of the store's clock; a delivery's own turn is not written later.

        Raises:
            AnswerLost: the store's answer was lost.
        """
        event, session, effects = decision.event, decision.turned.session, decision.turned.effects
        first, tag = decision.occasion is Occasion.MESSAGE, self.store.tag
        jobs = self._jobs(owner, begun, delivery, decision)
        said = compose(effects, session.language)
        if self.link and any(option.url for option in said.options):
            said = self.link.put(owner, decision.account, said, session)
        content = self.content(begun.revision).at(event.at)
        asks = decides(content, session)
        words = divide(begun, delivery, decision, said, bool(jobs), asks, self.illustrate)
        later = words.later if decision.occasion is Occasion.TIMER else None
        reminds = later is not None and REMINDER in later.says and not later.notice
        forget, unmatched = Forget() in effects, Unmatch() in effects
        beside = isinstance(begun.unread, OpensElsewhere) and not forget
        hidden = forget or (not beside and _was_forgotten(begun, event))
        gone = hidden and not session.calls
        copies = self._copies if any(job.call.once for job in jobs) else 0
        remembers = {**remembered(tag, event, decision.ended, begun.remembered), **decision.notes}
        found = found_by(remembers)
        telling = to_tell(begun, event, decision.change, tag)
        if telling and not any(self.store.sign_ins.others(str(telling.call.arguments["person"]), owner.tag)):
            telling = None
        question, place = instead(content, event, begun.session, effects)
        plan = CommitRequest(
            version=begun.version,
            session=None if gone else session,
            event_at=event.at,
            delivery="new" if first else "answer" if words.reply else "",
            reply=words.reply,
            outbox=None if reminds else words.later,
            reminder=words.later if reminds else None,
            good_for=max(session.wake_at - event.at, 60) if session.wake_at else 1800,
            take=words.take,
            stored=begun.stored,
            jobs=_changes(decision, jobs, copies, telling),
            dropped=_dropped(begun.session, session) if forget else (),
            counts=_counted(effects),
            trace={} if hidden else traced(content, event, begun.session, session, effects, said),
            forget=forget,
            rated=first,
            not_after=not_after if first else 0.0,
            pushes=self._pushes,
            push_in=LEASE + 5 if _silent(session) else 1,
            window=opened_by(event) if first else "",
            evidence=evidence(event, decision.change, session, begun.now, content),
            copies=copies,
            revision=content.revision,
            question="" if hidden else question or unanswered(event, effects),
            question_at="" if hidden else place,
            tape=self._listen(begun, decision) if 0 < begun.recorded <= MOST_TAPED else None,
            unconfirmed=begun.unconfirmed,
            needs_ack=words.needs_ack,
            asks=words.asks,
            aside=begun.unread is not None and not forget and not beside,
            beside=beside,
            ends_beside=begun.beside,
            remembers={} if hidden else remembers,
            unmatched=unmatched,
            noted={}
            if hidden
            else noted(content, owner.tag, event, decision.change, begun.session, session, effects),
        )
        if forget or unmatched:  # first: if the commit fails, they only miss reports
            self.store.sign_ins.leave(found_by(begun.remembered), owner)
        if hidden:  # a turn that a deletion overtook may have joined them
            self.store.sign_ins.leave(found, owner)
        else:
            for person in found:
                self.store.sign_ins.join(person, owner)
        wrote = CommitResult(
            "lost", words.reply or NOTHING, jobs, plan.new_version, words.needs_ack, decision.started
        )
        try:
            result = self.store.commit(owner, delivery, plan)
            if result == "gone":  # nothing is remembered that could be left with a deletion
                self.store.sign_ins.leave(found - found_by(begun.remembered), owner)
            return replace(wrote, result=result)
        except StoreAway as e:
            raise AnswerLost(e, wrote) from e

    def _jobs(
        self, owner: ResidentKey, begun: Snapshot, delivery: str, decision: Decision
    ) -> tuple[Job, ...]:
        """Returns the new calls as jobs; a change has its idempotency key."""
        tag, at, session = self.store.tag, decision.event.at, decision.turned.session
        calls = [effect for effect in decision.turned.effects if effect.__class__ is Call]
        calls = [replace(call, key=self.store.key(owner, call)) if call.once else call for call in calls]
        return tuple(
            Job(
                *(call, owner.openid, decision.account, delivery, at, begun.now),
                *concerns(begun, session, call, tag),
                session.consents if call.once else None,
            )
            for call in calls
        )

    def found(self, owner: ResidentKey, begun: Snapshot, lost: CommitResult) -> CommitResult:
        """Returns done for a commit that seemed to have failed and was read again, if it has its copies."""
        safe = True
        if self._copies and any(job.call.once for job in lost.jobs):
            try:
                safe = self.store.copied(owner, self._copies)
            except StoreAway:
                safe = False
        result = "done" if begun.reply == lost.reply else "queued"
        return replace(lost, result=result if safe else "unsafe", reply=begun.reply or lost.reply)


def common(content: Content, *names: str) -> Reply:
    """Returns an engine text without a session; the first of these names that exists."""
    language = content.languages[content.default_language]
    name = next(n for n in names if n in language.common)
    parts = language.common[name].variants[0].parts  # there is no session: only policy has values
    words = (p if isinstance(p, str) else content.policy_value(p.path.removeprefix("policy.")) for p in parts)
    return Reply(text="".join(word or "" for word in words), language=language.code, says=(f"common.{name}",))


def silent(begun: Snapshot) -> bool:
    """Checks for an open call that the resident has not been told about."""
    return begun.session is not None and _silent(begun.session)


def _silent(session: Session) -> bool:
    return any(not c.told for c in session.calls.values())


def _changes(
    decision: Decision, jobs: tuple[Job, ...], copies: int, telling: Job | None
) -> tuple[JobChange, ...]:
    """Delays the jobs, so that no worker takes a change before its copies were asked for."""
    more = (JobChange("new", telling, attempt=0),) if telling else ()
    lease = LEASE if decision.started else COPYING if copies else 0
    new = (JobChange("new", job, due=lease, attempt=int(decision.started)) for job in jobs)
    return (*decision.changes, *more, *new)


def _counted(effects: tuple[Effect, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for effect in effects:
        if effect.__class__ is Count:
            found[effect.name] = found.get(effect.name, 0) + 1
    return found


def _was_forgotten(begun: Snapshot, event: Event) -> bool:
    """Checks for news of a change that a deleted resident had left open: it is reported, and nothing else is
    kept. A session that does not open, or is told of what it lost, was not deleted."""
    known = begun.session
    silent_since = begun.unread is None if known is None else not known.heard_at and not known.lapse
    return silent_since and isinstance(event, ActionFinished | ActionDelayed)


def _dropped(before: Session | None, after: Session) -> tuple[str, ...]:
    """Returns the look-ups of a deleted session: their jobs hold deleted data."""
    return tuple(call for call in before.calls if call not in after.calls) if before else ()
