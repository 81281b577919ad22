"""The shell of a turn: begin -> step -> compose -> commit -> run the call -> answer.

A turn is one transaction: whoever loses the race for the session's version runs the pure step again. What
leaves the process is a durable job first; the web process is merely the first worker to try it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from threading import Semaphore

import structlog

from bot.attempts import Attempts
from bot.background import Background, Waiter
from bot.calls import Calls
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
from bot.engine.flow import Content, Target
from bot.engine.recovery import asks_what_is_held
from bot.engine.session import Session, new
from bot.engine.step import Turned, step
from bot.heard import Hearing
from bot.logs import where
from bot.ports import Service
from bot.store.deadline import within
from bot.store.holdings import holdings
from bot.store.redis import Begun, Job, Owner, RedisStore, StoreAway
from bot.store.seal import SealError
from bot.store.sign_ins import matched_until
from bot.unread import beginning, decide
from bot.writing import NOTHING, How, Listen, Lost, Writer, Wrote, common, silent

log = structlog.get_logger()

RESERVE = 0.4
"""Seconds of the budget kept for writing `slow` as the answer, or for taking back."""
TELLS = 0.2
"""Seconds of the budget that bring the answer to WeChat: then no store is waited for any more."""
MUST = (Unsubscribed, AuthorizationRevoked, PersonLeft)
"""What is never too much: a duty to delete, and what WeChat itself reports."""


@dataclass(frozen=True)
class Settings:
    """`budget`: seconds from accepting a delivery to its answer. `per_minute`: messages before `too_fast`.

    `copies`: replicas that must have a change before it is sent. `notifies`: WeChat may announce results.
    `patience`: seconds an outcome is held for the store to come back; a lease is not longer, since whoever
    repeats the call uses the same key.
    """

    budget: float = 4.3
    inline: int = 8
    per_minute: int = 40
    can_push: bool = False
    copies: int = 0
    notifies: bool = False
    patience: float = 15.0


def _nothing() -> None:
    """Nobody needs to know."""


@dataclass(frozen=True)
class Told:
    """An answer and the time it was made (the event's, so that a repeated delivery is answered the same).

    `heard`: call it when the answer is on its way; until then what it tells is told again by the next turn.
    `done`: False where it came to nothing: a duty must be repeated.
    """

    reply: Reply
    at: int
    heard: Callable[[], object] = _nothing
    done: bool = True


@dataclass
class Try:
    """One delivery on its way. `lost`: the last commit that seemed to fail; it may have been written.

    `attempts` has its one deadline, fixed when it was accepted. `before`: the session that this decided from.
    """

    owner: Owner
    account: str
    delivery: str
    event: Event
    attempts: Attempts
    waiter: Waiter
    lost: Wrote | None = None
    before: Session | None = None


class Turns:
    """`content`: that of a revision; "": what was served last. `services`: by port, card real_name outlets.

    `guess`: what free words may mean, best first. `illustrate`: uploads a reply's picture.
    `listen`: what a recording keeps of a turn.
    """

    def __init__(
        self,
        store: RedisStore,
        content: Callable[[str], Content],
        services: Mapping[str, Service],
        guess: Callable[[Content, str], tuple[Target, ...]],
        settings: Settings,
        draw_seed: Callable[[], int],
        illustrate: Callable[[Reply], Reply] = lambda reply: reply,
        listen: Listen = lambda *_: None,
    ) -> None:
        self.store, self.content, self.guess = store, content, guess
        self.settings, self.draw_seed = settings, draw_seed
        pushes = settings.can_push or settings.notifies
        self.writer = Writer(store, content, illustrate, pushes, settings.copies, listen)
        self.hearing = Hearing(store, pushes)
        calls = Calls(services)
        self.background = Background(
            store, content, calls, self.writer, draw_seed, settings.can_push, settings.patience
        )
        self.run_job, self.run_timer = self.background.run_job, self.background.run_timer
        self._pool = ThreadPoolExecutor(settings.inline + 1, thread_name_prefix="call")
        self._inline = Semaphore(settings.inline)
        self._waits = Semaphore(2 * settings.inline)  # repeated deliveries, not to starve the calls

    def handle(self, openid: str, account: str, delivery: str, event: Event) -> Told:
        """Answer one delivery of WeChat within the budget. Never raises."""
        started = time.monotonic()
        if isinstance(event, Ignored) or not openid:
            log.info("ignored", kind=getattr(event, "name", ""))
            return Told(NOTHING, event.at)
        owner = self.store.owner(openid)
        line = log.bind(resident=owner.tag, kind=type(event).__name__)
        until = started + self.settings.budget
        this = Try(owner, account, delivery, event, Attempts(until), Waiter(until))
        heard: Callable[[], object] = _nothing
        try:
            with within(until - TELLS):
                reply, result, held = self._deliver(this)
            self.hearing.wrote()
            if held:
                heard = partial(self.hearing.heard, owner, delivery)
            elif result == "too fast":
                heard = partial(self.hearing.turned_away, owner, delivery, reply)
        except StoreAway as e:
            line = line.bind(cause=str(e))
            reply, result = self._common("trouble"), "store away"
            heard = partial(self.hearing.turned_away, owner, delivery, reply)
            if this.waiter.reply is not None:
                reply, heard = this.waiter.reply, partial(self.hearing.heard, owner, delivery)
        except SealError as e:  # another process may open it: nothing is written over it
            line.error("turn cannot read", cause=str(e), alert=True)
            reply, result = self._common("trouble"), "not read"
        except Exception as e:  # a bug must not leave the resident in silence; the log has its cause
            line.error("turn failed", **where(e))
            reply, result = self._common("trouble"), "failed"
        took = round((time.monotonic() - started) * 1000)
        line.info("turn", result=result, says=list(reply.says), reply=reply.kind, ms=took)
        return Told(reply, event.at, heard, result not in ("store away", "failed"))

    def _deliver(self, this: Try) -> tuple[Reply, str, bool]:
        """The answer, how it came about, and whether it may be held until it was heard."""
        while True:
            begun = self.background.begin(this.owner, this.delivery, this.attempts)
            wrote = self._written_after_all(this, begun)
            if wrote is None and begun.reply is not None:
                return begun.reply, "repeated", True
            if wrote is None and begun.delivery == "pending":
                return self._patiently(this), "repeated", True
            if begun.rate >= self.settings.per_minute and not isinstance(this.event, MUST):
                return self._common("too_fast"), "too fast", False
            inline = False
            try:
                if wrote is None:
                    turned = self._step(this, begun)
                    inline = any(isinstance(e, Call) for e in turned.effects) and self._inline.acquire(False)
                    wrote = self._commit(this, begun, turned, inline)
                elif wrote.started:
                    inline = self._inline.acquire(False)
                runs = inline and wrote.result == "done" and bool(wrote.jobs)
                if runs:
                    inline = False  # the call gives it back
                    self._start(this, wrote.jobs)
            except Lost as e:  # it may have been written: look again
                this.lost = e.wrote
                this.attempts.failed(e)
                continue
            finally:
                if inline:
                    self._inline.release()
            if wrote.result == "late":
                raise StoreAway(wrote.result)
            if wrote.result == "unsafe":  # is this still the primary? If so, it has its copies a little later
                this.lost = wrote
                self.store.look_again()
                if this.attempts.again(RESERVE):
                    continue
                return self._take_back(this, wrote), "too few copies", True
            if wrote.done and not wrote.jobs:
                return wrote.reply, "answered", wrote.held
            if wrote.done:
                return self._wait(this, runs), "called", True
            this.lost = wrote  # redis-py may have sent it twice: the second time it conflicts with itself
            this.attempts.raced(wrote.result)

    def _written_after_all(self, this: Try, begun: Begun) -> Wrote | None:
        """The commit whose answer was lost, if the session is as it left it."""
        if this.lost is None or begun.version != this.lost.version:
            return None
        return self.writer.found(this.owner, this.lost)

    def _step(self, this: Try, begun: Begun) -> Turned:
        content, matched = self.content(begun.revision), matched_until(begun.remembered, this.event.at)
        event = replace(this.event, untold=bool(begun.outbox), matched_until=matched)
        if asks_what_is_held(content, begun.session, event):
            event = replace(event, held=holdings(self.store, this.owner))
        guess = partial(self.guess, content)
        if begun.unread is not None:
            return decide(self.store, this.owner, content, begun, event, guess)
        return step(content, begun.session or beginning(content, begun, event), event, guess)

    def _commit(self, this: Try, begun: Begun, turned: Turned, inline: bool) -> Wrote:
        this.before = begun.session
        how = How(started=inline, not_after=this.attempts.not_after)
        return self.writer.commit(this.owner, begun, turned, this.event, this.account, this.delivery, how)

    def _start(self, this: Try, jobs: tuple[Job, ...]) -> None:
        def run() -> None:
            try:
                for job in jobs:
                    self.run_job(this.owner, job, 1, waiter=this.waiter)
            except StoreAway as e:  # the job is durable: its lease lapses and a worker takes it
                log.warning("call left to the worker", resident=this.owner.tag, cause=str(e))
            except Exception as e:  # the same
                log.error("call failed", resident=this.owner.tag, **where(e))
            finally:
                self._inline.release()
                this.waiter.over()

        self._pool.submit(run)

    def _patiently(self, this: Try) -> Reply:
        """A repeated delivery looks again and again, as long as there is room for such waits."""
        patient = self._waits.acquire(blocking=False)
        try:
            return self._wait(this, runs=False, patient=patient)
        finally:
            if patient:
                self._waits.release()

    def _wait(self, this: Try, runs: bool, patient: bool = False) -> Reply:
        """The answer of a turn that is under way; `slow` as this delivery's answer when time is up.

        `runs`: this process makes the call. `patient`: look again and again; otherwise time is up at once.
        """
        at = this.event.at
        if runs and (reply := this.waiter.wait(this.attempts.left() - RESERVE)):
            return reply
        while True:
            begun = self.background.begin(this.owner, this.delivery, this.attempts)
            if begun.reply is not None:
                return begun.reply
            if begun.outbox and not silent(begun):  # a worker finished it: this delivery tells it
                told = Turned(begun.session or self._new(TimePassed(at)), ())
            elif patient and this.attempts.poll(this.attempts.until - RESERVE):
                continue
            elif begun.session is None or not begun.session.calls:
                return self._nothing_to_say(this)  # told by a push, or deleted meanwhile
            else:
                delayed = ActionDelayed(at, self.draw_seed(), no_push=not self.settings.can_push)
                told = step(self.content(begun.revision), begun.session, delayed)
            wrote = self._write_answer(this, begun, told, self._common("slow_no_push"))
            if wrote is not None:
                return wrote

    def _take_back(self, this: Try, wrote: Wrote) -> Reply:
        """A change that only one machine has may be lost with it: it is not submitted, and stays so."""
        begun = self.background.begin(this.owner, this.delivery, this.attempts)
        if begun.version == wrote.version:
            event = NotSubmitted(this.event.at, self.draw_seed())
            told = step(self.content(begun.revision), this.before or self._new(this.event), event)
            how = How(answer=True, back=wrote)
            if (taken := self.writer.commit(this.owner, begun, told, event, "", this.delivery, how)).done:
                return taken.reply
        elif not begun.delivery:  # it went down with the machine
            raise StoreAway("too few copies")
        return self._wait(this, runs=False)  # the resident wrote again, or a worker has it

    def _nothing_to_say(self, this: Try) -> Reply:
        """But what has come into the outbox, unless the delivery was answered meanwhile."""
        while True:
            begun = self.background.begin(this.owner, this.delivery, this.attempts)
            if begun.reply is not None:
                return begun.reply
            if not begun.outbox:
                return NOTHING
            told = Turned(begun.session or self._new(this.event), ())
            wrote = self._write_answer(this, begun, told, NOTHING)
            if wrote is not None:
                return wrote

    def _write_answer(self, this: Try, begun: Begun, told: Turned, fallback: Reply) -> Reply | None:
        """None if another was faster. Raises SealError: nothing is written over what does not open."""
        if begun.unread is not None and begun.session is None:
            raise begun.unread
        at = this.event.at
        how = How(answer=True, fallback=fallback)
        try:
            wrote = self.writer.commit(this.owner, begun, told, TimePassed(at), "", this.delivery, how)
        except Lost as e:  # if it was written, the delivery is answered now
            this.attempts.failed(e)
            return None
        if not wrote.done:
            this.attempts.raced(wrote.result)
        return wrote.reply if wrote.done else None

    # --- small things ---
    def _new(self, event: Event) -> Session:
        return new(self.content(""), event.seed, event.at)

    def _common(self, name: str) -> Reply:
        return common(self.content(""), name)
