"""The shell of a turn: begin -> step -> compose -> commit -> run the call -> answer.

A turn is one transaction: whoever loses the race for the session's version runs the pure step again. What
leaves the process is a durable job first; the web process is merely the first worker to try it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as futures_wait
from dataclasses import dataclass, replace
from threading import Semaphore
from typing import Any

import structlog

from bot.calls import CALL_SECONDS, Calls, Delay
from bot.engine.effects import Call, Count, Forget, Reply, compose, joined
from bot.engine.events import (
    ActionDelayed,
    ActionFinished,
    Event,
    Ignored,
    TextReceived,
    TimePassed,
    VoiceReceived,
)
from bot.engine.flow import Content, Target
from bot.engine.session import Session, new
from bot.engine.step import Turned, step
from bot.logs import where
from bot.ports import Result, Service
from bot.store.redis import Begun, Job, JobChange, Owner, Plan, RedisStore, StoreAway

log = structlog.get_logger()

RESERVE = 0.3
"""Seconds of the budget kept for writing `slow` as the answer."""
POLL = 0.1
"""Seconds between two looks of a repeated delivery at the turn it waits for."""
LEASE = 15
NOTHING = Reply("none")


@dataclass(frozen=True)
class Settings:
    """`budget`: seconds from accepting a delivery to its answer. `per_minute`: messages before `too_fast`."""

    budget: float = 4.5
    inline: int = 8
    per_minute: int = 40
    can_push: bool = False


@dataclass(frozen=True)
class JobsPlan:
    """How a commit treats calls. `started`: this process runs the new ones now, under a lease.

    `change`: what becomes of the job whose outcome this is. `answer`: a request waits for the text; without
    it the text goes into the outbox. `quiet`: a timer, nobody waits. `fallback`: if there is nothing to say.
    """

    started: bool = False
    change: JobChange | None = None
    answer: bool = False
    quiet: bool = False
    fallback: Reply | None = None


@dataclass(frozen=True)
class Told:
    """An answer and the time it was made (the event's, so that a repeated delivery is answered the same)."""

    reply: Reply
    at: int


class Turns:
    """`content`: the revision to serve now. `services`: by port, card real_name outlets.

    `guess`: what free words may mean, best first. `illustrate`: uploads a reply's picture, once, so that a
    repeated delivery shows the same one.
    """

    def __init__(
        self,
        store: RedisStore,
        content: Callable[[], Content],
        services: Mapping[str, Service],
        guess: Callable[[Content, str], tuple[Target, ...]],
        settings: Settings,
        draw_seed: Callable[[], int],
        illustrate: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> None:
        self.store, self.content, self.calls = store, content, Calls(services)
        self.guess, self.settings, self.draw_seed = guess, settings, draw_seed
        self.illustrate = illustrate
        self._pool = ThreadPoolExecutor(max(settings.inline, 1), thread_name_prefix="call")
        self._inline = Semaphore(settings.inline)
        self._waits = Semaphore(2 * settings.inline)  # repeated deliveries, not to starve the calls

    # --- a delivery ---
    def handle(self, openid: str, account: str, delivery: str, event: Event) -> Told:
        """Answer one delivery of WeChat within the budget. Never raises."""
        started = time.monotonic()
        if isinstance(event, Ignored) or not openid:
            log.info("ignored", kind=getattr(event, "name", ""))
            return Told(NOTHING, event.at)
        owner = self.store.owner(openid)
        line = log.bind(resident=owner.tag, kind=type(event).__name__)
        try:
            reply, result = self._deliver(owner, account, delivery, event, started + self.settings.budget)
        except StoreAway as e:
            line = line.bind(cause=str(e))
            reply, result = self._common("trouble"), "store away"
        except Exception as e:  # a bug must not leave the resident in silence; the log has its cause
            line.error("turn failed", **where(e))
            reply, result = self._common("trouble"), "failed"
        took = round((time.monotonic() - started) * 1000)
        line.info("turn", result=result, says=list(reply.says), reply=reply.kind, ms=took)
        return Told(reply, event.at)

    def _deliver(
        self, owner: Owner, account: str, delivery: str, event: Event, until: float
    ) -> tuple[Reply, str]:
        while True:
            begun = self._begin(owner, delivery, until)
            if begun.reply is not None:
                return begun.reply, "repeated"
            if begun.delivery == "pending":
                patient = self._waits.acquire(blocking=False)
                try:
                    return self._wait(owner, delivery, event.at, until, None, patient), "repeated"
                finally:
                    if patient:
                        self._waits.release()
            if begun.rate >= self.settings.per_minute:
                return self._common("too_fast"), "too fast"
            content = self.content()
            turned = step(content, begun.session or self._new(event), self._understood(content, event))
            inline = _calls(turned) and self._inline.acquire(blocking=False)
            written = ""
            jobs: list[Job] = []
            reply = NOTHING
            try:
                written, jobs, reply = self._commit(
                    owner, begun, turned, event, account, delivery, JobsPlan(started=bool(inline))
                )
            except StoreAway:  # it may have been written: look again
                continue
            finally:
                if inline and not (written == "done" and jobs):
                    self._inline.release()
            if written == "done" and not jobs:
                return reply, "answered"
            if written == "done":
                future = self._start(owner, jobs) if inline else None
                return self._wait(owner, delivery, event.at, until, future, False), "called"

    def _begin(self, owner: Owner, delivery: str, until: float) -> Begun:
        """A blip of Redis that is shorter than the budget is ridden out. Raises StoreAway."""
        while True:
            try:
                return self.store.begin(owner, delivery)
            except StoreAway:
                if time.monotonic() + POLL > until:
                    raise
                time.sleep(POLL)

    def _start(self, owner: Owner, jobs: list[Job]) -> Future[None]:
        def run() -> None:
            try:
                for job in jobs:
                    self.run_job(owner, job, 1)
            except StoreAway as e:  # the job is durable: its lease lapses and a worker takes it
                log.warning("call left to the worker", resident=owner.tag, cause=str(e))
            finally:
                self._inline.release()

        return self._pool.submit(run)

    def _wait(
        self, owner: Owner, delivery: str, at: int, until: float, future: Future[None] | None, patient: bool
    ) -> Reply:
        """The answer of a turn that is under way; `slow` as this delivery's answer when time is up.

        `future`: the call, where this process runs it. `patient`: look again and again, as a repeated
        delivery does; otherwise time is up at once.
        """
        if future is not None:
            futures_wait([future], max(until - RESERVE - time.monotonic(), 0))
        while True:
            begun = self._begin(owner, delivery, until)
            if begun.reply is not None:
                return begun.reply
            if begun.outbox and not _silent_calls(begun):  # a worker finished it: this delivery tells it
                told = Turned(begun.session or self._new(TimePassed(at)), ())
            elif patient and time.monotonic() < until - RESERVE:
                time.sleep(POLL)
                continue
            else:
                delayed = ActionDelayed(at, self.draw_seed(), no_push=not self.settings.can_push)
                told = step(self.content(), begun.session or self._new(delayed), delayed)
            plan = JobsPlan(answer=True, fallback=self._common("slow_no_push"))
            written, _, reply = self._commit(owner, begun, told, TimePassed(at), "", delivery, plan)
            if written == "done":
                return reply

    # --- jobs ---
    def run_job(self, owner: Owner, job: Job, attempt: int) -> None:
        """Make a call and feed what came of it into the session; then the calls that this led to.

        Raises StoreAway: the job stays, its lease lapses, another worker takes it.
        """
        todo = [(job, attempt)]
        while todo:
            job, attempt = todo.pop(0)
            result = self.calls.make(owner, job, attempt)
            todo += [(new_job, 1) for new_job in self._advance(owner, job, attempt, result)]

    def _advance(self, owner: Owner, job: Job, attempt: int, came: Result | Delay) -> list[Job]:
        """What came of a call goes through the turn; the jobs it made are leased to this thread."""
        until = time.monotonic() + LEASE - CALL_SECONDS
        while True:
            begun = self._begin(owner, job.delivery, until)
            at = job.at + max(begun.now - job.begun, 0)
            event: Event
            if isinstance(came, Result):
                event = ActionFinished(at, self.draw_seed(), job.call.id, came.outcome, came.value)
                change = JobChange("done", job)
            else:
                no_push = not self.settings.can_push
                event = ActionDelayed(at, self.draw_seed(), job.call.id, came.sent, no_push)
                change = JobChange("later", job, came.seconds, attempt)
            turned = step(self.content(), begun.session or self._new(event), event)
            plan = JobsPlan(started=True, change=change, answer=attempt == 1)
            try:
                written, jobs, _ = self._commit(owner, begun, turned, event, job.account, job.delivery, plan)
            except StoreAway:
                if time.monotonic() > until:
                    raise
                continue
            if written == "done":
                return jobs
            if written == "gone":  # another attempt finished it
                return []

    def run_timer(self, owner: Owner) -> None:
        """The resident's timer is due: reminder, expiry, end of a hand-off. Raises StoreAway."""
        while True:
            begun = self.store.begin(owner, "")
            if begun.session is None or not begun.session.wake_at:
                return
            event = TimePassed(begun.session.wake_at, self.draw_seed())
            turned = step(self.content(), begun.session, event)
            if self._commit(owner, begun, turned, event, "", "", JobsPlan(quiet=True))[0] == "done":
                return

    # --- committing ---
    def _commit(
        self,
        owner: Owner,
        begun: Begun,
        turned: Turned,
        event: Event,
        account: str,
        delivery: str,
        plan: JobsPlan,
    ) -> tuple[str, list[Job], Reply]:
        """One script writes the turn. While a call is open, what was said waits in the outbox."""
        session, effects = turned.session, turned.effects
        calls = _calls(turned)
        jobs = [Job(c, owner.openid, account, delivery, event.at, begun.now) for c in calls]
        changes = [plan.change] if plan.change else []
        lease = LEASE if plan.started else 0
        changes += [JobChange("new", j, due=lease, attempt=int(plan.started)) for j in jobs]
        said = compose(effects, session.language)
        reply = joined(begun.outbox, said)
        if begun.outbox and Count("unknown") in effects:  # whatever was typed asked for what had waited
            reply = joined(begun.outbox[:-1], begun.outbox[-1])
        if reply.kind == "none" and plan.fallback is not None:
            reply = plan.fallback
        first = plan.change is None and not plan.answer and not plan.quiet
        keeps = bool(calls) or plan.quiet or not (first or plan.answer)
        tells = not keeps and (first or reply.kind != "none")
        if tells and reply.picture:
            reply = self.illustrate(reply)
        forget = any(isinstance(e, Forget) for e in effects)
        written = self.store.commit(
            owner,
            delivery,
            Plan(
                version=begun.version,
                session=None if forget and not session.calls else session,
                event_at=event.at,
                delivery="new" if first else "answer" if tells else "",
                reply=reply if tells else None,
                outbox=said if keeps and said.kind == "text" else None,
                take=len(begun.outbox) if tells and reply.kind != "transfer" else 0,
                jobs=tuple(changes),
                counts=Counter(e.name for e in effects if isinstance(e, Count)),
                trace={} if forget else _trace(event, session, said),
                forget=forget,
                rated=first,
                not_after=begun.now + 10 if first else 0,
            ),
        )
        return written, jobs, reply

    # --- small things ---
    def _new(self, event: Event) -> Session:
        return new(self.content(), event.seed, event.at)

    def _understood(self, content: Content, event: Event) -> Event:
        if isinstance(event, TextReceived | VoiceReceived) and event.text:
            return replace(event, guesses=self.guess(content, event.text))
        return event

    def _common(self, name: str) -> Reply:
        """An engine text for when there is no session to speak from."""
        content = self.content()
        language = content.languages[content.default_language]
        words = "".join(p for p in language.common[name].variants[0].parts if isinstance(p, str))
        return Reply(text=words, language=language.code, says=(f"common.{name}",))


def _calls(turned: Turned) -> list[Call]:
    return [e for e in turned.effects if isinstance(e, Call)]


def _silent_calls(begun: Begun) -> bool:
    """Whether a call is open that the resident has not been told about."""
    return begun.session is not None and any(not c.told for c in begun.session.calls.values())


def _trace(event: Event, session: Session, said: Reply) -> dict[str, Any]:
    """Nothing that was typed: what happened, where it led, what was said."""
    top = session.top
    at = f"{top.flow}.{top.step}" if top else ""
    return {"at": event.at, "event": type(event).__name__, "stands": at, "says": list(said.says)}
