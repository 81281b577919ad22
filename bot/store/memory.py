"""A store for one process: the same promises as bot.store.redis and its scripts, in a few dictionaries.

Replays, the fuzzer and "every order" run their turns over it, by a clock of their own. Nothing is sealed or
lost, and it keeps no traces, counts or notices. tests/store/test_contract.py compares the two.
"""

from __future__ import annotations

import hashlib
import math
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import json

from bot.engine.effects import Call, Reply
from bot.engine.events import Held, Maintenance
from bot.engine.session import Session
from bot.store.packing import CONFIRMED_WITHIN, DELIVERY_TTL, PAGE_FIRST, PAGE_OPEN
from bot.store.records import Claimed, CommitRequest, Job, ResidentKey, Snapshot, confirmed, member_of
from bot.store.redis import RedisStore
from bot.store.window import Window

_SESSION = json.Decoder(Session)


@dataclass
class _Resident:
    """`deliveries`: the answer of each, None while its turn is open, and until when it is kept.

    `unconfirmed`: a delivery, its answer, and its time. `asking`: deliveries whose answer a yes agrees to.
    `claimed`: replies taken by a push, by claim.
    """

    openid: str
    version: bytes = b""
    serial: bytes = b""
    read: tuple[bytes, Session | None] = (b"", None)  # a serial form and the session read from it
    deliveries: dict[str, tuple[Reply | None, float]] = field(default_factory=dict)
    outbox: list[Reply] = field(default_factory=list)
    unconfirmed: tuple[str, Reply, float] | None = None
    asking: set[str] = field(default_factory=set)
    reminder: tuple[Reply, float] | None = None
    claim: str = ""
    claimed: list[Reply] = field(default_factory=list)
    window: Window = field(default_factory=Window)
    rate: tuple[int, float] = (0, 0)
    page: float = 0.0  # until when it counts as open
    remembered: dict[str, tuple[int, str]] = field(default_factory=dict)
    evidence: dict[str, tuple[Mapping[str, Any], float]] = field(default_factory=dict)

    def state(self, delivery: str, now: float) -> str:
        """See bot.store.records.Snapshot.delivery."""
        reply, until = self.deliveries.get(delivery, (None, 0))
        return "" if until <= now else "answered" if reply else "pending"

    def session(self) -> Session | None:
        if self.read[0] != self.serial:
            self.read = (self.serial, _SESSION.decode(self.serial) if self.serial else None)
        return self.read[1]


@dataclass
class _Job:
    """`attempt`: the number of attempts; `sure`: how many of them were surely not taken."""

    job: Job
    attempt: int
    sure: int = 0


class MemoryStore:
    """Like bot.store.redis.RedisStore. `clock`: epoch seconds. `tape`: recording items of all residents.

    `jobs` and `sign_ins` are objects of their own there; here they are this one.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.tape = clock, list[Any]()
        self.planned: tuple[Maintenance, ...] = ()
        self.jobs = self.sign_ins = self
        self._residents: dict[str, _Resident] = {}
        self._open: dict[str, _Job] = {}
        self._due: dict[str, float] = {}
        self._people: dict[str, set[str]] = {}

    def take(self, other: MemoryStore) -> None:
        """Copies the state of another store."""
        all_ = (other._residents, other._open, other._due, other._people)
        self._residents, self._open, self._due, self._people = pickle.loads(pickle.dumps(all_))  # noqa: S301

    def print(self, owner: ResidentKey) -> tuple[object, ...]:
        """Returns a value that is equal if the store will behave the same for this resident."""
        it = self.of(owner)
        replies = sorted((name, reply and reply.text) for name, (reply, _) in it.deliveries.items())
        waits = tuple(reply.text for reply in it.outbox), it.unconfirmed and it.unconfirmed[0]
        jobs = tuple((member, job.attempt) for member, job in self._open.items())
        return (it.serial, tuple(replies), waits, jobs, tuple(self.waiting()))

    def owner(self, openid: str) -> ResidentKey:
        return ResidentKey(openid, f"tag-{openid}", 0)

    def tag(self, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:22]

    def trace_id(self, owner: ResidentKey, delivery: str) -> str:
        return hashlib.sha256(delivery.encode()).hexdigest()[:32]

    def key(self, owner: ResidentKey, call: Call) -> str:
        return call.key

    def of(self, owner: ResidentKey) -> _Resident:
        if owner.tag not in self._residents:
            self._residents[owner.tag] = _Resident(owner.openid)
        return self._residents[owner.tag]

    def put(self, member: str, at: float) -> None:
        """Sets its due time; 0: not due any more."""
        self._due[member] = at
        if not at:
            del self._due[member]

    # --- a turn ---
    def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
        it, now = self.of(owner), self.clock()
        state = it.state(delivery, now)
        others = it.unconfirmed if it.unconfirmed and it.unconfirmed[0] != delivery else None
        return Snapshot(
            now=int(now),
            version=it.version,
            session=it.session(),
            delivery=state,
            reply=it.deliveries[delivery][0] if state else None,
            outbox=(others[1], *it.outbox) if others else tuple(it.outbox),
            rate=it.rate[0] if it.rate[1] > now else 0,
            stored=_stored(it),
            recorded=1,
            unconfirmed=others[0] if others else "",
            clock=now,
            remembered=dict(it.remembered),
            maintenance=self.planned,
            pushing=bool(it.claimed),
        )

    def maintenance(self, owner: ResidentKey) -> tuple[Maintenance, ...]:
        return self.planned

    def now(self) -> int:
        return int(self.clock())

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        it, now = self.of(owner), self.clock()
        if why := self._refused(it, delivery, plan, now):
            return why
        if plan.forget:
            kept = {name: getattr(it, name) for name in ("deliveries", "rate", "evidence")}
            it = self._residents[owner.tag] = _Resident(owner.openid, **kept)
            self._due.pop(f"p:{owner.tag}", None)
        it.version, it.serial = b"", b""
        if plan.session is not None:
            it.version, it.serial = plan.new_version, json.encode(plan.session)
        wake = plan.session.wake_at if plan.session else 0
        self.put(f"t:{owner.tag}", now + max(wake - plan.event_at, 1) if wake else 0)
        if plan.unconfirmed and not plan.forget and it.unconfirmed:
            it.outbox.insert(0, it.unconfirmed[1])
            it.unconfirmed = None
        if not plan.forget:
            del it.outbox[: plan.take]
        result, waits = "done", plan.outbox
        until = now + DELIVERY_TTL
        if plan.delivery == "new":
            it.deliveries[delivery], it.reminder = (plan.reply, until), None
        elif plan.delivery == "answer" and it.state(delivery, now) == "pending":
            it.deliveries[delivery] = (plan.reply, until)
        elif plan.delivery == "answer":
            waits, result = plan.reply, "queued"
        if plan.asks and result == "done":
            it.asking.add(delivery)
        if plan.needs_ack and plan.reply and result == "done":
            it.unconfirmed = (delivery, plan.reply, now)
        if waits:
            it.outbox.append(waits)
        it.window.open(plan.window, int(now))
        if plan.pushes and not plan.forget:
            if plan.reminder and it.window.left(int(now)):
                it.reminder = (plan.reminder, now + plan.good_for)
            if not it.claim:
                first = PAGE_FIRST if it.page > now else plan.push_in
                soon = first if it.outbox or it.reminder else CONFIRMED_WITHIN if it.unconfirmed else 0
                self.put(f"p:{owner.tag}", now + soon if soon else 0)
        self._change_jobs(plan, now)
        self._note(it, plan, now)
        return result

    def _refused(self, it: _Resident, delivery: str, plan: CommitRequest, now: float) -> str:
        if plan.not_after and now > plan.not_after:
            return "late"
        if it.version != plan.version:
            return "conflict"
        if plan.delivery == "new" and it.state(delivery, now):
            return "known"
        told = plan.take - (plan.unconfirmed != "")
        if told > 0 and _stored(it)[:told] != plan.stored[:told]:
            return "conflict"
        if plan.unconfirmed and (not it.unconfirmed or it.unconfirmed[0] != plan.unconfirmed):
            return "conflict"
        for change in plan.jobs:
            job = self._open.get(change.job.member)
            if change.op in ("done", "later", "back") and job is None:
                return "gone"
            mine = change.sure or change.op in ("later", "back")
            if mine and job and job.attempt != change.attempt:
                return "gone"
        return ""

    def _change_jobs(self, plan: CommitRequest, now: float) -> None:
        for change in plan.jobs:
            member = change.job.member
            if change.op == "new":
                self._open[member] = _Job(change.job, change.attempt)
            if change.op in ("new", "later"):
                self._open[member].sure += change.sure
                self._due[f"j:{member}"] = now + change.due
            else:
                self.end(0, f"j:{member}")
        for call in plan.dropped:
            self.end(0, f"j:{member_of(call)}")

    def _note(self, it: _Resident, plan: CommitRequest, now: float) -> None:
        if plan.unmatched:
            it.remembered = {}
        if plan.remembers:
            it.remembered = {n: held for n, held in it.remembered.items() if held[0] > plan.event_at}
            split = {name: value.partition(" ") for name, value in plan.remembers.items()}
            it.remembered |= {name: (int(until), person) for name, (until, _, person) in split.items()}
        if plan.rated:
            it.rate = (it.rate[0] + 1, it.rate[1]) if it.rate[1] > now else (1, now + 60)
        if plan.evidence and not (plan.evidence.again and plan.evidence.receipt in it.evidence):
            facts, until = plan.evidence.facts, now + plan.evidence.days * 86400
            it.evidence.pop(plan.evidence.receipt, None)
            it.evidence[plan.evidence.receipt] = (facts, until)
        if plan.tape is not None:
            self.tape.append(plan.tape)

    def copied(self, owner: ResidentKey, copies: int) -> bool:
        return True

    def look_again(self) -> None:
        """Does nothing: there is only this store."""

    def mark_sent(self, owner: ResidentKey, delivery: str) -> None:
        it = self.of(owner)
        if it.unconfirmed and it.unconfirmed[0] == delivery:
            it.unconfirmed = None

    def looked(self, owner: ResidentKey) -> None:
        self.of(owner).page = self.clock() + PAGE_OPEN

    def shown(self, owner: ResidentKey, left: Mapping[Reply, Reply | None]) -> None:
        it = self.of(owner)
        still = [left.get(reply, reply) for reply in it.outbox]
        it.outbox = [reply for reply in still if reply]

    def pin_answer(self, owner: ResidentKey, delivery: str, reply: Reply, pushes: bool) -> None:
        it = self.of(owner)
        unconfirmed = it.unconfirmed is not None and it.unconfirmed[0] == delivery
        was = it.deliveries.get(delivery, (None, 0.0))[0]
        if was and (unconfirmed or delivery in it.asking):
            it.outbox.append(was)
            it.asking.discard(delivery)
            it.unconfirmed = None if unconfirmed else it.unconfirmed
            if pushes and not it.claim:
                self._due[f"p:{owner.tag}"] = self.clock() + 1
        it.deliveries[delivery] = (reply, self.clock() + DELIVERY_TTL)

    def holdings(self, owner: ResidentKey) -> Held:
        held = {name: row for name, row in self.of(owner).evidence.items() if row[1] > self.clock()}
        kept = [(name, facts, int(until)) for name, (facts, until) in reversed(held.items())]
        return Held(
            tuple((name, until + facts["answered_at"] - facts["recorded_at"]) for name, facts, until in kept),
            tuple(confirmed(name, facts) for name, facts, _ in kept),
        )

    def jobs_of(self, owner: ResidentKey) -> tuple[list[Job], int]:
        return [kept.job for kept in self._open.values() if kept.job.openid == owner.openid], 0

    # --- what is due ---
    def due(self) -> Iterator[tuple[int, str]]:
        """Yields due items, earliest first."""
        return ((0, member) for at, member in self.waiting() if at <= self.clock())

    def waiting(self) -> list[tuple[float, str]]:
        """Returns time and member of each."""
        return sorted((at, member) for member, at in self._due.items())

    def is_due(self, member: str) -> bool:
        return self._due.get(member, math.inf) <= self.clock()

    def claim(self, shard: int, member: str, lease: int) -> Claimed | None:
        kind, _, name = member.partition(":")
        if not self.is_due(member):
            return None
        self._due[member] = self.clock() + lease
        if kind == "t":
            it = self._residents[name]
            return Claimed(ResidentKey(it.openid, name, 0), version=it.version)
        kept = self._open[name]
        kept.attempt += 1
        return Claimed(self.owner(kept.job.openid), kept.job, kept.attempt, kept.sure < kept.attempt - 1)

    def end(self, shard: int, member: str) -> None:
        self._open.pop(member[2:], None)
        self._due.pop(member, None)

    def put_off(self, shard: int, member: str, seconds: int) -> None:
        if member in self._due:
            at = self.clock() + seconds
            self._due[member] = max(at, self._due[member]) if seconds else at

    def give_back(self, shard: int, member: str, attempt: int, seconds: int) -> None:
        kept = self._open.get(member[2:])
        if kept is not None and kept.attempt == attempt:
            kept.attempt -= 1
            if member in self._due:
                self._due[member] = self.clock() + seconds

    def failed(self, shard: int, member: str, cause: str, attempt: int = 0) -> bool:
        """Never makes a dead letter of a bug here: the replay or the test reports it."""
        return False

    # --- who signed in for whom ---
    def join(self, person: str, owner: ResidentKey) -> None:
        self._people.setdefault(person, set()).add(owner.tag)

    def leave(self, persons: Iterable[str], owner: ResidentKey) -> None:
        for person in persons:
            self._people.get(person, set()).discard(owner.tag)

    def others(self, person: str, tag: str) -> Iterator[ResidentKey]:
        others = self._people.get(person, set()) - {tag}
        return (ResidentKey(self._residents[other].openid, other, 0) for other in sorted(others))


def _stored(it: _Resident) -> list[bytes]:
    return [reply.text.encode() for reply in it.outbox]


Store = RedisStore | MemoryStore
