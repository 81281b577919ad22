"""A turn's shell without Redis: begin, step, commit, calls, outbox and timers as bot.turn has them.

A delivery is a generator that stops before each begin, commit and result, and before its answer is known to
be on its way, so that every order of several can be tried. The session goes through its serial form between
any two steps.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from msgspec import json, structs

from bot.calls import Calls, Delay
from bot.engine.effects import Call, Count, Forget, Reply, Say, Unmatch, compose, joined
from bot.engine.events import (
    ActionDelayed,
    ActionFinished,
    Event,
    Held,
    Ignored,
    TimePassed,
)
from bot.engine.flow import Content, Target
from bot.engine.recovery import asks_what_is_held
from bot.engine.session import Session, new
from bot.engine.step import Turned, step
from bot.matches import remembered
from bot.ports import Result, ports
from bot.push import messages
from bot.record import evidence
from bot.replay.services import Answers
from bot.store.redis import Job, JobChange, Owner
from bot.store.window import Window, opened_by
from bot.writing import REMINDER, fitting

PATIENCE = 4.2
"""Seconds a call may take before its delivery is answered `slow` (bot.turn: budget less reserve)."""
NOTHING = Reply("none")
Guess = Callable[[Content, str], tuple[Target, ...]]
Delivery = Generator[str, None, Reply]


@dataclass
class Pending:
    """A call that goes on. `came`: its result, where it is known but takes until `due`."""

    job: Job
    due: int
    attempt: int
    came: Result | Delay | None = None
    doubt: bool = False  # an earlier attempt may have been taken


@dataclass
class Happened:
    """What a turn did, for expectations and coverage."""

    calls: list[Call]
    counts: list[str]
    says: list[tuple[str, str]]
    replies: list[Reply]


class World:
    def __init__(
        self, content: Content, answers: Answers, guess: Guess, openid: str, seed: int, push: bool = False
    ) -> None:
        self.content, self.answers, self.guess, self.push = content, answers, guess, push
        self.owner = Owner(openid, f"tag-{openid}", 0)
        self.seed = seed
        self.now = 0
        answers.now = lambda: self.now
        self.serial = ""
        self._read: tuple[str, Session | None] = ("", None)  # the serial form and what was read from it
        self.language = ""
        self.version = 0
        self.replies: dict[str, Reply | None] = {}  # None: its turn is under way
        self.outbox: list[Reply] = []
        self.unheard: tuple[str, Reply] | None = None  # by delivery: nobody knows yet that it is on its way
        self.window = Window()
        self.reminder: Reply | None = None  # only ever pushed, and at once
        self.jobs: list[Pending] = []
        self.happened = Happened([], [], [], [])
        self.matched: dict[str, int] = {}  # what is remembered of checks that matched: until when
        self.said_last: list[str] = []  # ids of texts, for whoever watches over them
        self.composed: list[Reply] = []
        self.watch: Callable[[World, Turned], None] | None = None  # looks at each turn before it is written
        self.receipts: dict[str, int] = {}  # with evidence, and until when

    def fork(self) -> World:
        made = World(
            self.content, self.answers.fork(lambda: 0), self.guess, self.owner.openid, self.seed, self.push
        )
        made.now, made.serial, made.version, made.language = (
            self.now,
            self.serial,
            self.version,
            self.language,
        )
        made.replies, made.outbox, made.unheard = dict(self.replies), list(self.outbox), self.unheard
        made.window, made.reminder = self.window.copy(), self.reminder
        made.jobs = [replace(p) for p in self.jobs]
        made.matched = dict(self.matched)
        made.receipts = dict(self.receipts)
        return made

    def print(self) -> tuple[object, ...]:
        """Equal where whatever comes next is the same."""
        replies = tuple(sorted((k, r.text if r else None) for k, r in self.replies.items()))
        jobs = tuple((p.job.call.id, p.due, p.attempt) for p in self.jobs)
        calls = tuple(c.id for c in self.happened.calls)
        waits = (tuple(r.text for r in self.outbox), self.unheard and (self.unheard[0], self.unheard[1].text))
        return (self.serial, replies, waits, jobs, calls)

    def begin(self, serial: str, waiting: Sequence[Reply] = ()) -> None:
        """Where a recording began in mid-flow; its calls under way have a result as soon as time passes.

        `waiting`: what was not told yet. When the resident last wrote, the session knows.
        """
        self.serial, self.outbox = serial, list(waiting)
        session = self.session()
        if session and session.heard_at:
            self.window.open("message", session.heard_at)
        for id_, call in (session.calls if session else {}).items():
            made = Call(id_, call.action, {}, call.once, id_, call.flow, call.step, call.run)
            self.jobs.append(Pending(self._job(made, "", self.now), self.now, 2))

    # --- the session ---
    def session(self) -> Session | None:
        if self._read[0] != self.serial:
            self._read = (self.serial, json.decode(self.serial, type=Session) if self.serial else None)
        return self._read[1]

    def _open(self, event: Event) -> Session:
        session = self.session() or new(self.content, event.seed, event.at)
        if not self.version and not self.serial and self.language in self.content.languages:
            session = structs.replace(session, language=self.language)
        return session

    def _step(self, event: Event, key: str = "") -> Turned:
        until = max(self.matched.values(), default=0)
        event = replace(event, untold=bool(self._waits(key)), matched_until=until)
        if asks_what_is_held(self.content, self.session(), event):
            kept = [(receipt, until) for receipt, until in self.receipts.items() if until > self.now]
            event = replace(event, held=Held(tuple(reversed(kept))))
        return step(self.content, self._open(event), event, partial(self.guess, self.content))

    def _waits(self, key: str) -> tuple[Reply, ...]:
        """What this delivery finds in the outbox: before it what another one may not have brought."""
        others = (self.unheard[1],) if self.unheard and self.unheard[0] != key else ()
        return (*others, *self.outbox)

    def _seed(self, about: str) -> int:
        """Of the matter, not of the order in which matters come up."""
        return random.Random(f"{self.seed}.{about}").getrandbits(64)

    # --- a delivery ---
    def deliver(self, key: str, event: Event) -> Delivery:
        """Answer one delivery; stops before whatever another one could come in between."""
        if isinstance(event, Ignored):
            return NOTHING
        self.now = max(self.now, event.at)
        while True:
            yield "begin"
            version = self.version
            if key in self.replies:
                while (known := self.replies[key]) is None:
                    yield "wait"
                yield from self._heard(key)
                return known
            unheard, turned = self.unheard, self._step(event, key)
            yield "commit"
            if version == self.version and unheard == self.unheard and key not in self.replies:
                break
        reply, calls = self._write(turned, key, first=True)
        self.reminder = None  # whoever writes needs none
        self.window.open(opened_by(event), self.now)
        if not calls:
            self.replies[key] = reply
            yield from self._heard(key)
            return reply
        self.replies[key] = None
        todo = [(self._job(c, key, event.at), 1) for c in calls]
        while todo:
            yield "result"
            job, attempt = todo.pop(0)
            todo += [(j, 1) for j in self._attempt(job, attempt)]
        if self.replies[key] is None:
            self.replies[key] = self._meanwhile(key, event.at)
        yield from self._heard(key)
        return self.replies[key] or NOTHING

    def _heard(self, key: str) -> Iterator[str]:
        if self.unheard is not None and self.unheard[0] == key:
            yield "heard"
        if self.unheard is not None and self.unheard[0] == key:
            self.unheard = None

    def run(self, key: str, event: Event) -> Reply:
        """One delivery, nothing in between."""
        going = self.deliver(key, event)
        while True:
            try:
                next(going)
            except StopIteration as end:
                reply: Reply = end.value
                return reply

    def _meanwhile(self, key: str, at: int) -> Reply:
        """Time is up and nothing was told: what waits in the outbox, or `slow`."""
        session = self.session()
        silent = session is not None and any(not c.told for c in session.calls.values())
        if self._waits(key) and not silent and session is not None:
            turned = Turned(session, ())
        else:
            turned = self._step(ActionDelayed(at, self._seed("slow"), no_push=not self.push), key)
        reply, _ = self._write(turned, key, first=True)
        if reply.kind == "none":
            language = self.content.languages[self.content.default_language]
            words = "".join(
                p for p in language.common["slow_no_push"].variants[0].parts if isinstance(p, str)
            )
            return Reply(text=words, language=language.code, says=("common.slow_no_push",))
        return reply

    # --- calls ---
    def _job(self, call: Call, delivery: str, at: int) -> Job:
        return Job(call, self.owner.openid, "", delivery, at, at)

    def _attempt(self, job: Job, attempt: int, doubt: bool = False) -> list[Job]:
        self.happened.calls.append(job.call)
        came = Calls(dict.fromkeys(ports(), self.answers)).make(self.owner, job, attempt, doubt)
        if self.answers.took > PATIENCE:
            self.jobs.append(Pending(job, self.now + int(self.answers.took), attempt, came, doubt))
            return []
        return self._advance(job, attempt, came, doubt)

    def _advance(self, job: Job, attempt: int, came: Result | Delay, doubt: bool) -> list[Job]:
        event: Event
        if isinstance(came, Result):
            event = ActionFinished(self.now, self._seed(job.call.id), job.call.id, came.outcome, came.value)
            session = self._open(event)
            kept = evidence(event, JobChange("done", job), session, self.now, self.content)
            if kept is not None:
                self.receipts.pop(kept.receipt, None)
                self.receipts[kept.receipt] = self.now + kept.days * 86400
        else:
            no_push = not self.push
            event = ActionDelayed(self.now, self._seed(job.call.id), job.call.id, came.sent, no_push)
            self.jobs.append(Pending(job, self.now + came.seconds, attempt + 1, None, doubt or came.sent))
        turned = self._step(event, job.delivery)
        for name, value in remembered(str, event, job.call).items():
            self.matched[name] = int(value.partition(" ")[0])
        settles = isinstance(came, Result) and job.call.once
        reply, calls = self._write(turned, job.delivery, answer=attempt == 1, settles=settles)
        if attempt == 1 and not calls and reply.kind != "none":
            if self.replies.get(job.delivery, NOTHING) is None:
                self.replies[job.delivery] = reply
            else:  # answered already: it waits for the next message
                self.unheard = None
                self.outbox.append(reply)
        return [self._job(c, job.delivery, job.at) for c in calls]

    # --- the commit ---
    def _write(
        self,
        turned: Turned,
        key: str = "",
        first: bool = False,
        answer: bool = False,
        settles: bool = False,
        timed: bool = False,
    ) -> tuple[Reply, list[Call]]:
        """The reply with what had waited before it; kept in the outbox where no request waits for it.

        What must not be lost is unheard until it is on its way, and waits for whatever turn comes before.
        """
        if self.watch is not None:
            self.watch(self, turned)
        effects = turned.effects
        if self.unheard is not None and self.unheard[0] != key:
            self.outbox, self.unheard = list(self._waits(key)), None
        calls = [e for e in effects if isinstance(e, Call)]
        said = compose(effects, turned.session.language)
        take = fitting(tuple(self.outbox), said)
        told = tuple(self.outbox[:take])
        reply = joined(told, said)
        if told and Count("unknown") in effects:
            reply = joined(told[:-1], told[-1])
        forget = any(isinstance(e, Forget) for e in effects)
        keeps = bool(calls) or not (first or answer)
        if forget:
            self.window.shut()
            self.outbox.clear()
        if keeps and timed and REMINDER in said.says:
            self.reminder = said
        elif keeps and said.kind == "text":
            self.outbox.append(said)
        elif not keeps and not forget and reply.kind not in ("transfer", "none"):
            del self.outbox[:take]
        if not keeps and reply.kind == "text" and (take or settles):
            self.unheard = (key, reply)
        if forget or any(isinstance(e, Unmatch) for e in effects):
            self.matched.clear()
        gone = forget and not turned.session.calls
        self.serial = "" if gone else json.encode(turned.session).decode()
        self.version += 1
        self.happened.counts += [e.name for e in effects if isinstance(e, Count)]
        says = [e.id for e in effects if isinstance(e, Say)]
        if not timed:
            self.happened.says += [(e.id, e.text) for e in effects if isinstance(e, Say)]
        self.said_last = [*self.said_last[-50:], *says]
        self.composed = [*self.composed[-10:], reply]
        return reply, calls

    # --- time ---
    def wait(self, until: int) -> list[Reply]:
        """Time passes: due calls and timers in their order. What was pushed meanwhile."""
        pushed: list[Reply] = self._pushed()
        for _ in range(500):
            session = self.session()
            wake = session.wake_at if session else 0
            job = min(self.jobs, key=lambda p: p.due, default=None)
            due = min((t for t in (wake, job.due if job else 0) if t), default=0)
            if not due or due > until:
                break
            self.now = max(self.now, due)
            if job is not None and job.due == due:
                self.jobs.remove(job)
                self._work(job)
            else:
                before = self.serial
                _, calls = self._write(self._step(TimePassed(wake, self._seed(str(wake)))), timed=True)
                if self.serial == before:
                    break
                self.jobs += [Pending(self._job(c, "", self.now), self.now, 1, None, False) for c in calls]
            pushed += self._pushed()
        self.now = max(self.now, until)
        return pushed

    def _work(self, pending: Pending) -> None:
        if pending.came is not None:
            todo = self._advance(pending.job, pending.attempt, pending.came, pending.doubt)
        else:
            todo = self._attempt(pending.job, pending.attempt, pending.doubt)
        while todo:
            todo += self._attempt(todo.pop(0), 1)

    def _pushed(self) -> list[Reply]:
        """What WeChat lets through; the rest waits until the resident writes, and a reminder is dropped."""
        reminder, self.reminder = self.reminder, None
        session = self.session()
        if not self.push or (session and any(not c.told for c in session.calls.values())):
            return []
        left = self.window.left(self.now)
        sent = messages(tuple(self.outbox))[:left]
        del self.outbox[: sum(len(texts) for texts in sent)]
        told = [joined(texts, NOTHING) for texts in sent]
        if reminder is not None and not self.outbox and len(told) < left:
            told.append(reminder)
        self.window.use(len(told), self.now)
        return told
