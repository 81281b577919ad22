"""Runs the service in this process for one conversation: bot.turn.turns over a store in memory.

The caller moves its clock. A call that takes longer than a request waits ends when that time has passed;
nothing waits for real.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from msgspec import json, structs

from bot.actions import MATCH_FACE, ports
from bot.engine.content import Content
from bot.engine.effects import Call, Reply
from bot.engine.events import Event, Ignored
from bot.engine.flow import Value
from bot.engine.session import Session, new
from bot.engine.step import StepResult
from bot.kit.replay.services import Answers
from bot.ports import Notice, Pushed, Request, Result
from bot.services.faces import FaceProofs, ProvenFaces
from bot.store.memory import MemoryStore
from bot.store.memory_outbox import MemoryOutbox
from bot.store.records import CommitRequest, Job, JobChange, Snapshot, StoreAway
from bot.turn.attempts import Runtime, Steps, drive
from bot.turn.calls import Delay
from bot.turn.decision import LEASE, NOTHING, ON_PAGE, Decision
from bot.turn.push import Pushes
from bot.turn.turns import RESERVE, Settings, Turns

BUDGET = Settings().budget
"""Seconds from a delivery to its answer; a call may take RESERVE less."""
_SESSION = json.Decoder(Session)
T = TypeVar("T")


@dataclass(frozen=True)
class Late:
    """A call whose result arrives at `due`."""

    due: float
    job: Job
    attempt: int
    came: Result | Delay


class Process(Runtime):
    """Runs one conversation. `watch` sees each turn before it is written."""

    def __init__(
        self, content: Content, answers: Answers, openid: str, seed: int, push: bool = False
    ) -> None:
        self.content, self.answers, self.seed, self.push_on = content, answers, seed, push
        self.clock = 0
        self.language, self.met = "", False
        self.store = MemoryStore(self.now)
        self.faces = FaceProofs(lambda whole: sha256(whole.encode()).hexdigest()[:22])
        self.owner = self.store.owner(openid)
        self.late: list[Late] = []
        self.calls: list[Call] = []
        self.shown: list[Reply] = []
        self.pushed: list[Reply] = []
        self.watch: Callable[[Session | None, StepResult], object] = lambda *_: None
        answers.now = lambda: self.clock
        settings = Settings(BUDGET, per_minute=1000, can_push=push)
        self.turns = Turns(
            self.store, lambda _: self.content, dict.fromkeys(ports(), self), settings, self._seed,
            listen=self._listen, runtime=self,
        )  # fmt: skip
        self._pushes = Pushes(MemoryOutbox(self.store), self, self.now)

    def fork(self) -> Process:
        answers = self.answers.fork(lambda: 0)
        made = Process(self.content, answers, self.owner.openid, self.seed, self.push_on)
        made.clock, made.language, made.met, made.late = self.clock, self.language, self.met, list(self.late)
        made.store.take(self.store)
        made.store.planned = self.store.planned
        return made

    def print(self) -> tuple[object, ...]:
        """Returns a value that is equal for two processes that will behave the same."""
        return (self.store.print(self.owner), tuple(c.id for c in self.calls))

    def begin(self, serial: str, waiting: tuple[Reply, ...] = ()) -> None:
        """Restores the state in which a recording began; open calls get a result as soon as time passes.

        `waiting`: replies not yet sent. The session holds the time of the resident's last message.
        """
        session, now = _SESSION.decode(serial) if serial else None, self.clock
        jobs: list[JobChange] = []
        for id_, call in (session.calls if session else {}).items():
            made = Call(id_, call.action, {}, call.once, id_, call.flow, call.step, call.run)
            jobs.append(JobChange("new", Job(made, self.owner.openid, "", "", now, now), attempt=0))
        if session and session.heard_at:
            self.clock = session.heard_at
            self._plant(session, window="message")
        self.clock = now
        self._plant(session, jobs=tuple(jobs))
        for reply in waiting:
            self._plant(session, outbox=reply)

    def _plant(self, session: Session | None, **more: Any) -> None:
        version = self.store.begin(self.owner, "").version
        self.store.commit(
            self.owner, "", CommitRequest(version, session, self.clock, pushes=self.push_on, **more)
        )

    # --- what is asked for ---
    def session(self) -> Session | None:
        return self.store.of(self.owner).session()

    @property
    def serial(self) -> bytes:
        return self.store.of(self.owner).serial

    def pending(self, key: str) -> bool:
        """Checks whether the turn of this delivery is still open."""
        return self.store.of(self.owner).state(key, self.now()) == "pending"

    def read(self, key: str) -> tuple[object, ...]:
        """Returns the state that a delivery beginning now decides from."""
        it = self.store.of(self.owner)
        told = it.unconfirmed[1].text if it.unconfirmed and it.unconfirmed[0] != key else None
        return (it.serial, told, tuple(reply.text for reply in it.outbox))

    def deliver(self, key: str, event: Event) -> Reply:
        """Handles one delivery without interruption."""
        return drive(self.delivery(key, event))

    def delivery(self, key: str, event: Event) -> Steps[Reply]:
        if isinstance(event, Ignored):
            return NOTHING
        self.clock = max(self.clock, event.at)
        self.speak(event)
        if key.startswith(ON_PAGE):
            self.store.looked(self.owner)
        this = self.turns.accept(self.owner.openid, "", key, event)
        reply, _, held = yield from self.turns.deliver(this)
        if held:
            yield "sent"
            self.store.mark_sent(self.owner, key)
        self.shown.append(reply)
        return reply

    def speak(self, event: Event) -> None:
        """Sets the chosen language before the resident's first message."""
        content, first, self.met = self.content, not self.met and not self.serial, True
        if first and self.language in content.languages and self.language != content.default_language:
            self._plant(structs.replace(new(content, event.seed, event.at), language=self.language))

    def wait(self, until: int) -> list[Reply]:
        """Moves the clock: runs calls, timers and pushes in order, and returns the pushed replies."""
        for _ in range(500):
            late = min(self.late, key=lambda late: late.due, default=None)
            due, member = next(iter(self.store.waiting()), (until + 1, ""))
            if late is not None and late.due <= due:
                due = late.due
            if due > until:
                break
            self.clock = max(self.clock, int(due))
            try:
                if late is not None and late.due == due:
                    self.late.remove(late)
                    self.turns.background.settle(self.owner, late.job, late.attempt, late.came)
                elif member.startswith("p:"):
                    self._pushes.run(0, member)
                elif claimed := self.store.claim(0, member, LEASE):
                    if claimed.job is None:
                        self.turns.run_timer(self.owner, claimed.version)
                    else:
                        self.turns.run_job(self.owner, claimed.job, claimed.attempt, claimed.doubt)
            except StoreAway:  # it takes longer
                continue
        self.clock = max(self.clock, until)
        pushed, self.pushed = self.pushed, []
        self.shown += pushed
        return pushed

    # --- as bot.turn.attempts.Runtime ---
    def now(self) -> float:
        return float(self.clock)

    def pause(self, seconds: float) -> None:
        """Returns at once: nothing waits for real."""

    def start(self, work: Steps[None]) -> Iterable[str]:
        return work

    def call(self, make: Callable[..., T], *args: Any) -> T:
        came: Any = make(*args)
        _, job, attempt, *_ = args
        self.calls.append(job.call)
        if self.answers.took > BUDGET - RESERVE:
            took = int(self.answers.took)
            self.late.append(Late(self.clock + took, job, attempt, came))
            self.store.put_off(0, f"j:{job.member}", took + LEASE)
            raise StoreAway("it takes longer")
        return came  # type: ignore[no-any-return]

    # --- as bot.ports.Service and Sender ---
    def perform(self, request: Request) -> Result:
        """Calls the current answers: the player may replace them."""
        if request.action == MATCH_FACE and self.content.face_page:
            return ProvenFaces(self.answers, self.faces).perform(request)
        return self.answers.perform(request)

    def faced(self, about: Mapping[str, Value], result: str) -> str:
        """Returns what the real-name service's page would send back of this face."""
        return self.faces.make(self.owner.tag, about, result, f"{len(self.calls):032x}")

    def find(self, action: str, key: str) -> Result | None:
        return None

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        self.pushed.append(reply)
        return "sent"

    def notify(self, openid: str, notice: Notice, within: float) -> Pushed:
        return "broken"

    def _seed(self, about: str) -> int:
        """Derives the seed from the matter, not from the order of matters."""
        return random.Random(f"{self.seed}.{about}").getrandbits(64)

    def _listen(self, begun: Snapshot, decision: Decision) -> Any:
        self.watch(begun.session, decision.turned)
        return {"decision": decision}
