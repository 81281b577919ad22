"""The shell of a turn: begin -> step -> compose -> commit -> run the call -> answer.

A turn is one transaction: the loser of a race for the session's version runs the pure step again. What leaves
the process is a durable job first; the web process is merely the first worker to try it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Semaphore

import structlog
from msgspec import Struct
from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.effects import Call, Reply
from bot.engine.events import (
    ActionDelayed,
    AuthorizationRevoked,
    Event,
    Ignored,
    NotSubmitted,
    PersonLeft,
    TimePassed,
    Unsubscribed,
)
from bot.engine.recovery import asks_what_is_held
from bot.engine.session import Session, new
from bot.engine.step import StepResult, step
from bot.logs import tracing, where
from bot.ports import Service
from bot.store.deadline import within
from bot.store.memory import Store
from bot.store.records import Job, JobChange, ResidentKey, Snapshot, StoreAway
from bot.store.seal import SealError
from bot.store.sign_ins import matched_until
from bot.turn.acks import ReplyAcks
from bot.turn.attempts import Attempts, Runtime, Steps, drive
from bot.turn.background import Background, Waiter
from bot.turn.calls import Calls
from bot.turn.decision import NOTHING, ON_PAGE, CommitResult, Decision, Occasion
from bot.turn.unread import beginning, unread
from bot.turn.writing import Listen, PageLink, Writer, common, silent

log = structlog.get_logger()

RESERVE = 0.4
"""Seconds of the budget kept for writing `slow` as the answer, or for taking back."""
TELLS = 0.2
"""Seconds of the budget for sending the answer to WeChat: no store is waited for any more then."""
WAITED = 0.6
"""Share of the budget after which a delivery is not begun any more: too many write at once."""
MUST = (Unsubscribed, AuthorizationRevoked, PersonLeft)
"""Events exempt from rate limiting: a duty to delete, and WeChat's own reports."""


@dataclass(frozen=True)
class Settings:
    """`budget`: seconds from accepting a delivery to its answer. `per_minute`: messages before `too_fast`.

    `copies`: replicas that must have a change before it is sent. `notifies`: WeChat may send notices of
    results. `patience`: seconds an outcome waits for the store to come back; no longer than a lease, since a
    repeated call uses the same key.
    """

    budget: float = 4.0
    inline: int = 8
    per_minute: int = 40
    can_push: bool = False
    copies: int = 0
    notifies: bool = False
    patience: float = 15.0


def _nothing() -> None:
    """Does nothing: no ack is needed."""


class TurnReply(Struct, frozen=True):
    """An answer and its time (the event's, so that a repeated delivery gets the same answer).

    `on_sent`: call it when the answer is on its way; until then the next turn repeats what it says. `done`:
    False if it had no result: a duty must be repeated.
    """

    reply: Reply
    at: int
    on_sent: Callable[[], object] = _nothing
    done: bool = True


class DeliveryAttempt(Struct):
    """One delivery in progress.

    `attempts` has its one deadline, fixed when it was accepted. `before`: the session that it was decided
    from. `inline`: it has one of this process's slots for calls.
    """

    owner: ResidentKey
    account: str
    delivery: str
    event: Event
    attempts: Attempts
    waiter: Waiter
    before: Session | None = None
    inline: bool = False


class Turns:
    """`content`: that of a revision; "": the last served one. `services`: by port, card real_name outlets.

    `illustrate`: uploads a reply's picture. `draw_seed`: returns a random seed for an event; its argument
    says what the event is about. `listen`: returns a recording's item of a turn. `link`: puts the address of
    the resident's page where it is offered; None: there is no page.
    """

    def __init__(
        self,
        store: Store,
        content: Callable[[str], Content],
        services: Mapping[str, Service],
        settings: Settings,
        draw_seed: Callable[[str], int],
        illustrate: Callable[[Reply], Reply] = lambda reply: reply,
        listen: Listen = lambda *_: None,
        runtime: Runtime | None = None,
        link: PageLink | None = None,
    ) -> None:
        self.store, self.content = store, content
        self.settings, self.draw_seed = settings, draw_seed
        self.runtime = runtime or Runtime(settings.inline + 1)
        pushes = settings.can_push or settings.notifies
        writer = Writer(store, content, illustrate, pushes, settings.copies, listen, link)
        self._page = writer.page
        self._pushes, self.acks = pushes, ReplyAcks(store, pushes)
        calls = Calls(services)
        self.background = Background(
            store, content, calls, writer, draw_seed, settings.can_push, settings.patience, self.runtime
        )
        self.transact = self.background.transact
        self.run_job, self.run_timer = self.background.run_job, self.background.run_timer
        self._inline = Semaphore(settings.inline)
        self._waits = Semaphore(2 * settings.inline)  # repeated deliveries, not to starve the calls

    def handle(
        self, openid: str, account: str, delivery: str, event: Event, waited: float = 0.0
    ) -> TurnReply:
        """Answers one delivery of WeChat within the budget, of which it has waited some seconds already.

        Never raises.
        """
        if isinstance(event, Ignored) or not openid:
            log.info("ignored", kind=getattr(event, "name", ""))
            return TurnReply(NOTHING, event.at)
        this = self.accept(openid, account, delivery, event, waited)
        with tracing(self.store.trace_id(this.owner, delivery)):
            return self._answer(this, waited)

    def _answer(self, this: DeliveryAttempt, waited: float) -> TurnReply:
        owner, delivery, event, until = this.owner, this.delivery, this.event, this.attempts.until
        line = log.bind(resident=owner.tag, kind=type(event).__name__)
        if waited > WAITED * self.settings.budget and not isinstance(event, MUST):
            reply = self._common("too_busy", "trouble")
            line.warning("turn", result="too busy", waited=round(waited * 1000))
            return TurnReply(reply, event.at, partial(self.acks.pin_answer, owner, delivery, reply))
        on_sent: Callable[[], object] = _nothing
        try:
            with within(until - TELLS):
                reply, result, needs_ack = drive(self.deliver(this))
            self.acks.wrote()
            if needs_ack:
                on_sent = partial(self.acks.mark_sent, owner, delivery)
            elif result == "too fast":
                on_sent = partial(self.acks.pin_answer, owner, delivery, reply)
        except StoreAway as e:
            line = line.bind(cause=str(e))
            reply, result = self._common("trouble"), "store away"
            on_sent = partial(self.acks.pin_answer, owner, delivery, reply)
            if this.waiter.reply is not None:
                reply, on_sent = this.waiter.reply, partial(self.acks.mark_sent, owner, delivery)
        except SealError as e:  # another process may open it: it is not overwritten
            line.error("turn cannot read", cause=str(e), alert=True)
            reply, result = self._common("trouble"), "not read"
        except Exception as e:  # a bug must not leave the resident in silence; the log has its cause
            line.error("turn failed", **where(e))
            reply, result = self._common("trouble"), "failed"
        took = round((self.settings.budget - this.attempts.left()) * 1000)
        stored = round(this.attempts.stored * 1000)
        line.info("turn", result=result, says=list(reply.says), reply=reply.kind, ms=took, store_ms=stored)
        return TurnReply(reply, event.at, on_sent, result not in ("store away", "failed"))

    def accept(
        self, openid: str, account: str, delivery: str, event: Event, waited: float = 0.0
    ) -> DeliveryAttempt:
        """Starts the delivery's time; `waited` seconds of it are over already."""
        attempts = self.runtime.attempts(self.settings.budget - waited)
        waiter = Waiter(attempts.until, self.runtime.now)
        return DeliveryAttempt(self.store.owner(openid), account, delivery, event, attempts, waiter)

    def deliver(self, this: DeliveryAttempt) -> Steps[tuple[Reply, str, bool]]:
        """Returns the answer, how it was made, and whether it may be kept until it was received.

        Raises:
            StoreAway, SealError.
        """

        def decide(begun: Snapshot) -> Decision | CommitResult:
            if begun.reply is not None:
                return CommitResult("repeated", begun.reply)
            if begun.delivery == "pending":
                return CommitResult("pending")
            if begun.rate >= self.settings.per_minute and not isinstance(this.event, MUST):
                return CommitResult("too fast", self._common("too_fast"))
            this.before, turned = begun.session, self._step(this, begun)
            if not this.inline and Call in map(type, turned.effects):
                this.inline = self._inline.acquire(False)
            return Decision(Occasion.MESSAGE, this.event, turned, this.account, started=this.inline)

        runs = False
        try:
            wrote = yield from self.transact(this.owner, this.delivery, decide, this.attempts, RESERVE)
            runs = wrote.result != "unsafe" and wrote.started and bool(wrote.jobs)
            if runs:
                yield from self.runtime.start(self._calls(this, wrote.jobs))
        finally:
            if this.inline and not runs:  # else the call frees it
                self._inline.release()
        if wrote.result == "pending":
            return (yield from self._patiently(this)), "repeated", True
        if wrote.result == "unsafe":
            return (yield from self._take_back(this, wrote)), "too few copies", True
        if not wrote.done:
            return wrote.reply, wrote.result, wrote.result == "repeated"
        if not wrote.jobs:
            return wrote.reply, "answered", wrote.needs_ack
        return (yield from self._wait(this, runs)), "called", True

    def _step(self, this: DeliveryAttempt, begun: Snapshot) -> StepResult:
        content, matched = self.content(begun.revision), matched_until(begun.remembered, this.event.at)
        waits = bool(begun.outbox) and not this.delivery.startswith(ON_PAGE)
        event = replace(
            this.event,
            has_pending_replies=waits,
            push_under_way=begun.pushing and self._pushes,  # else nobody takes a lost claim back
            matched_until=matched,
            page=self._page,
            maintenance=begun.maintenance,
        )
        if asks_what_is_held(content, begun.session, event):
            event = replace(event, held=self.store.holdings(this.owner))
        if begun.unread is not None:
            return unread(self.store, this.owner, content, begun, event)
        return step(content, begun.session or beginning(content, begun, event), event)

    def _calls(self, this: DeliveryAttempt, jobs: tuple[Job, ...]) -> Steps[None]:
        try:
            for job in jobs:
                yield from self.background.running(this.owner, job, 1, waiter=this.waiter)
        except StoreAway as e:  # the job is durable: its lease lapses and a worker takes it
            log.warning("call left to the worker", resident=this.owner.tag, cause=str(e))
        finally:
            self._inline.release()
            this.waiter.over()

    def _patiently(self, this: DeliveryAttempt) -> Steps[Reply]:
        """Waits for the answer of a repeated delivery, as long as there is room for such waits."""
        patient = self._waits.acquire(blocking=False)
        try:
            return (yield from self._wait(this, runs=False, patient=patient))
        finally:
            if patient:
                self._waits.release()

    def _wait(self, this: DeliveryAttempt, runs: bool, patient: bool = False) -> Steps[Reply]:
        """Returns the answer of an open turn; `slow` as this delivery's answer when time is up.

        `runs`: this process makes the call. `patient`: checks repeatedly; otherwise time is up at once.
        """
        if runs and (reply := this.waiter.wait(this.attempts.left() - RESERVE)):
            return reply
        at = this.event.at

        def decide(begun: Snapshot) -> Decision | CommitResult | None:
            if begun.reply is not None:
                return CommitResult("repeated", begun.reply)
            if begun.outbox and not silent(begun):  # a worker finished it: this delivery reports it
                if this.delivery.startswith(ON_PAGE):
                    return CommitResult("nothing to say")
                told = StepResult(begun.session or self._new(TimePassed(at)), ())
            elif patient and this.attempts.poll(this.attempts.until - RESERVE):
                return None
            elif begun.session is None or not begun.session.calls:  # reported by a push, or deleted meanwhile
                return CommitResult("nothing to say")
            else:
                delayed = ActionDelayed(at, self.draw_seed("slow"), no_push=not self.settings.can_push)
                told = step(self.content(begun.revision), begun.session, delayed)
            if begun.unread is not None and begun.session is None:  # it is not overwritten
                raise begun.unread
            slow = self._common("slow_no_push")
            return Decision(Occasion.ANSWER, TimePassed(at), told, fallback=slow)

        return (yield from self.transact(this.owner, this.delivery, decide, this.attempts)).reply

    def _take_back(self, this: DeliveryAttempt, wrote: CommitResult) -> Steps[Reply]:
        """Takes back a change that only one machine has, since it may be lost: it is not submitted later."""

        def decide(begun: Snapshot) -> Decision | CommitResult:
            if begun.version == wrote.version:
                event = NotSubmitted(this.event.at, self.draw_seed("back"))
                told = step(self.content(begun.revision), this.before or self._new(this.event), event)
                back = tuple(JobChange("back", job, attempt=int(wrote.started)) for job in wrote.jobs)
                return Decision(Occasion.ANSWER, event, told, changes=back)
            if not begun.delivery:  # it was lost with the machine
                raise StoreAway("too few copies")
            return CommitResult("gone")  # the resident wrote again

        taken = yield from self.transact(this.owner, this.delivery, decide, this.attempts)
        if not taken.done:  # a worker has it
            return (yield from self._wait(this, runs=False))
        return taken.reply

    # --- small things ---
    def _new(self, event: Event) -> Session:
        return new(self.content(""), event.seed, event.at)

    def _common(self, *names: str) -> Reply:
        return common(self.content(""), *names)
