"""Runs service calls, their results and timers, without a request. The process with the lease runs each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

import structlog
from msgspec import structs

from bot.actions import TELL
from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.engine.events import ActionDelayed, ActionFinished, Event, TimePassed
from bot.engine.session import Session
from bot.engine.step import step
from bot.logs import tracing
from bot.ports import Result
from bot.store.memory import Store
from bot.store.records import Job, JobChange, ResidentKey, Snapshot, StoreAway
from bot.store.seal import OpensElsewhere
from bot.store.sign_ins import found_by
from bot.turn.attempts import Runtime, Steps, drive
from bot.turn.bureau_events import BureauEvents
from bot.turn.calls import Calls, Delay
from bot.turn.decision import LEASE, CommitResult, Decision, Occasion
from bot.turn.matches import remembered
from bot.turn.telling import Telling
from bot.turn.transact import Transactions
from bot.turn.unread import beginning, in_its_place
from bot.turn.writing import Writer

log = structlog.get_logger()

PUT_OFF = 20
"""Seconds until a call whose service is switched off is looked at again."""


class Waiter:
    """The request that waits for a call, until `until` (of the clock `now`)."""

    def __init__(self, until: float, now: Callable[[], float]) -> None:
        self._until, self._now = until, now
        self._told: SimpleQueue[None] = SimpleQueue()  # an Event costs each delivery a lock and a condition
        self.reply: Reply | None = None

    def listens(self) -> bool:
        return self._now() < self._until

    def tell(self, reply: Reply) -> None:
        self.reply = reply
        self._told.put(None)

    def over(self) -> None:
        """Ends the wait: no reply will come."""
        self._told.put(None)

    def wait(self, seconds: float) -> Reply | None:
        """Once."""
        with suppress(Empty):
            self._told.get(timeout=max(seconds, 0))
        return self.reply


class Background:
    """Runs calls and timers. `draw_seed`, `can_push`, `patience`: as in bot.turn.turns."""

    def __init__(
        self,
        store: Store,
        content: Callable[[str], Content],
        calls: Calls,
        writer: Writer,
        draw_seed: Callable[[str], int],
        can_push: bool,
        patience: float,
        runtime: Runtime,
    ) -> None:
        self.store, self.content, self.calls = store, content, calls
        self.draw_seed, self.can_push, self.patience, self.runtime = draw_seed, can_push, patience, runtime
        self._page = writer.page
        self.transact = Transactions(store, content, writer).transact
        self.telling = Telling(store, content, self.transact, draw_seed, runtime)
        self.bureau_events = BureauEvents(store, content, self.transact, draw_seed, runtime)

    def run_job(self, owner: ResidentKey, job: Job, attempt: int, doubt: bool = False) -> None:
        """Runs `running` to its end; puts the job off while its service is switched off."""
        if self._is_off(owner, job):
            drive(self._put_off(owner, job, attempt))
        else:
            drive(self.running(owner, job, attempt, doubt))

    def _is_off(self, owner: ResidentKey, job: Job) -> bool:
        windows = self.store.maintenance(owner)
        at = job.residents_time(self.store.now()) if windows else 0
        return any(m.covers(at) and job.call.action in m.actions for m in windows)

    def _put_off(self, owner: ResidentKey, job: Job, attempt: int) -> Steps[None]:
        """Costs no attempt, and tells the resident once."""
        self.store.jobs.give_back(owner.shard, f"j:{job.member}", attempt, PUT_OFF)
        call = job.call.id

        def decide(begun: Snapshot) -> Decision | CommitResult:
            at = job.residents_time(begun.now)
            open_ = begun.session.calls.get(call) if begun.session and begun.unread is None else None
            if begun.session is None or open_ is None or open_.told == "put_off":
                return CommitResult("nothing to say")
            event = ActionDelayed(
                at, self.draw_seed(call), call, put_off=True, no_push=not self.can_push,
                maintenance=begun.maintenance,
            )  # fmt: skip
            turned = step(self.content(begun.revision), begun.session, event)
            return Decision(Occasion.OUTCOME, event, turned, job.account)

        yield from self.transact(owner, job.delivery, decide, self.runtime.attempts(self.patience))

    def running(
        self, owner: ResidentKey, job: Job, attempt: int, doubt: bool = False, waiter: Waiter | None = None
    ) -> Steps[None]:
        """Makes a call, applies its result to the session, and runs the calls that this leads to.

        `doubt`: an earlier attempt may have been taken.

        Raises:
            StoreAway: the job stays, its lease lapses, another worker takes it.
        """
        with tracing(self.store.trace_id(owner, job.delivery or job.call.id)):
            if job.call.action == TELL:
                self.telling.run(owner, job)
            else:
                yield from self._running(owner, job, attempt, doubt, waiter)

    def _running(
        self, owner: ResidentKey, job: Job, attempt: int, doubt: bool, waiter: Waiter | None
    ) -> Steps[None]:
        todo = [(job, attempt, doubt)]
        while todo:
            job, attempt, doubt = todo.pop(0)
            yield "result"
            came = self.runtime.call(self.calls.make, owner, job, attempt, doubt)
            wrote = yield from self.settling(owner, job, attempt, came, waiter)
            todo += [(new_job, 1, False) for new_job in wrote.jobs]
            if isinstance(came, Delay) and came.bug:
                dead = self.store.jobs.failed(owner.shard, f"j:{job.member}", came.cause, attempt)
                if dead:
                    log.error("dead letter", resident=owner.tag, action=job.call.action, cause=came.cause)

    def settle(self, owner: ResidentKey, job: Job, attempt: int, came: Result | Delay) -> CommitResult:
        """Applies a result that came by other ways, such as a callback; workers make the new jobs.

        It is not `done` if it had ended, if “unavailable” is not sure while another attempt is made, or if
        it is a look-up for a resident who was deleted.
        """
        return drive(self.settling(owner, job, attempt, came, leads_on=False))

    def end(self, owner: ResidentKey, job: Job, attempt: int, outcome: str) -> CommitResult:
        """Ends a dead letter with the outcome that an operator knows; otherwise as `settle`. It is not `done`
        if another attempt is made.

        Raises:
            NotConfirmed: the service does not say so.
        """
        came = self.calls.confirmed(owner, job, outcome)
        return drive(self.settling(owner, job, attempt, came, leads_on=False, alone=True))

    def settling(
        self,
        owner: ResidentKey,
        job: Job,
        attempt: int,
        came: Result | Delay,
        waiter: Waiter | None = None,
        leads_on: bool = True,
        alone: bool = False,
    ) -> Steps[CommitResult]:
        """Applies a call's result in a turn. `leads_on`: the new jobs are leased to this thread, which makes
        them now. `alone`: only if no other attempt is made, which may end otherwise."""

        def decide(begun: Snapshot) -> Decision | CommitResult:
            event, change = self._event(begun, job, attempt, came)
            if alone:
                change = structs.replace(change, sure=True)
            session = self._session(owner, begun, job, event)
            if session is None:  # a look-up for a deleted resident: nothing may be stored, or stay of a try
                found = found_by(remembered(self.store.tag, event, job.call, begun.remembered))
                self.store.sign_ins.leave(found - found_by(begun.remembered), owner)
                self.store.jobs.end(owner.shard, f"j:{job.member}")
                return CommitResult("gone")
            turned = step(self.content(begun.revision), session, event)
            listens = waiter is not None and waiter.listens() and begun.delivery == "pending"
            occasion = Occasion.AWAITED if listens else Occasion.OUTCOME
            return Decision(occasion, event, turned, job.account, (change,), started=leads_on)

        attempts = self.runtime.attempts(self.patience)
        wrote = yield from self.transact(owner, job.delivery, decide, attempts)
        if wrote.result == "unsafe":  # what it led to may be lost with this machine
            raise StoreAway("too few copies")
        if waiter is not None and wrote.reply.kind != "none" and wrote.result != "queued":
            waiter.tell(wrote.reply)  # if the request has gone, the answer is kept until it was received
        return wrote

    def _event(
        self, begun: Snapshot, job: Job, attempt: int, came: Result | Delay
    ) -> tuple[ActionFinished | ActionDelayed, JobChange]:
        at = job.residents_time(begun.now)
        if isinstance(came, Result):
            finished = ActionFinished(
                at, self.draw_seed(job.call.id), job.call.id, came.outcome, came.value,
                page=self._page, maintenance=begun.maintenance,
            )  # fmt: skip
            return finished, JobChange("done", job, attempt=attempt, sure=came.outcome == "unavailable")
        delayed = ActionDelayed(at, self.draw_seed(job.call.id), job.call.id, came.sent, not self.can_push)
        return delayed, JobChange("later", job, came.seconds, attempt, came.sure)

    def _session(self, owner: ResidentKey, begun: Snapshot, job: Job, event: Event) -> Session | None:
        """Returns the session. A change outlives it (deleted, 30 days old, or unreadable): then returns
        enough to report its outcome.

        Raises:
            OpensElsewhere: another process can open it.
        """
        session, call = begun.session, job.call
        if begun.unread is not None:
            known = session is not None and call.id in session.calls
            if isinstance(begun.unread, OpensElsewhere) and not call.once and not known:
                raise begun.unread  # a process that can read the session waits for the look-up
            jobs = self.store.jobs_of(owner)[0]
            session = in_its_place(self.content(begun.revision), begun, event, jobs)
        if not call.once or (session is not None and call.id in session.calls):
            return session
        if session is None:
            session = beginning(self.content(begun.revision), begun, event)
        return structs.replace(session, calls={**session.calls, call.id: job.opened})

    def run_timer(self, owner: ResidentKey, version: bytes) -> None:
        """Handles the resident's due timer: reminder, expiry, end of a hand-off. Does nothing if the session
        has another version by now: that turn has set the timer anew.

        Raises:
            StoreAway.
        """

        def decide(begun: Snapshot) -> Decision | CommitResult:
            if begun.version != version:
                return CommitResult("nothing is due")
            if begun.unread is not None:
                raise begun.unread
            if begun.session is None or not begun.session.wake_at:
                return CommitResult("nothing is due")
            wake_at = begun.session.wake_at
            event = TimePassed(wake_at, self.draw_seed(str(wake_at)), maintenance=begun.maintenance)
            turned = step(self.content(begun.revision), begun.session, event)
            return Decision(Occasion.TIMER, event, turned)

        drive(self.transact(owner, "", decide, self.runtime.attempts(LEASE)))
