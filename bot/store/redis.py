"""Sessions, deliveries, jobs and timers in Redis: one script begins a turn, one commits it whole.

All keys of one resident share the hash tag `{s<shard>}`, so the same scripts run on one Redis, on Sentinel
and on Redis Cluster. Every value that derives from a resident is sealed with the resident's tag.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.engine.effects import Call, Option, Reply
from bot.engine.session import Session, from_plain, to_plain
from bot.store.seal import Seal

SHARDS = 64
JOB_SCHEMA = 1
TIMEOUT = 0.5
"""Seconds for a connection or an answer. redis-py's own defaults cost 3 to 58 s when Redis is away."""
SESSION_TTL = 30 * 86400
DELIVERY_TTL = 15 * 60
TRACE_KEEP, TRACE_TTL = 50, 7 * 86400
COUNTS_TTL = 400 * 86400


class StoreAway(Exception):
    """Redis did not answer; what was sent may or may not have been written."""


class ShardsDiffer(Exception):
    """This data was written with another number of shards."""


@dataclass(frozen=True)
class Owner:
    """A resident as the store knows them. `tag` is an HMAC; the openid itself is only ever stored sealed."""

    openid: str
    tag: str
    shard: int

    def key(self, kind: str, *parts: str) -> str:
        return ":".join((f"sb:{{s{self.shard}}}", kind, *parts))


@dataclass(frozen=True)
class Job:
    """A call on its way. `at`: time of the event that made it; `begun`: Redis's time then."""

    call: Call
    openid: str
    account: str
    delivery: str
    at: int
    begun: int

    @property
    def member(self) -> str:
        return hashlib.sha256(self.call.id.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Begun:
    """What `begin` read. `delivery`: "" unknown, "pending", or "answered" with `reply`."""

    now: int
    version: bytes
    session: Session | None
    delivery: str
    reply: Reply | None
    outbox: tuple[Reply, ...]
    rate: int


@dataclass(frozen=True)
class JobChange:
    """`op`: new (due in `due` seconds), later (only by the current `attempt`), done."""

    op: str
    job: Job
    due: int = 0
    attempt: int = 1


@dataclass(frozen=True)
class Plan:
    """A commit. `session` None deletes it. `delivery`: "", new or answer; new without `reply` is pending."""

    version: bytes
    session: Session | None
    event_at: int
    delivery: str = ""
    reply: Reply | None = None
    outbox: Reply | None = None
    take: int = 0
    jobs: tuple[JobChange, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    trace: Mapping[str, Any] = field(default_factory=dict)
    forget: bool = False
    rated: bool = False
    not_after: int = 0


def connect(url: str) -> redis.Redis:
    """A client with short time-outs and one retry, for plain Redis URLs (redis:// rediss:// unix://)."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 1),
        max_connections=256,
    )


class RedisStore:
    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self.client, self.seal = client, seal
        folder = Path(__file__).parent
        self._begin, self._commit, self._claim = (
            client.register_script((folder / f"{name}.lua").read_text())
            for name in ("begin", "commit", "claim")
        )

    def check(self) -> None:
        """Raises ShardsDiffer, StoreAway."""
        try:
            self.client.set("sb:shards", SHARDS, nx=True)
            there = int(self.client.get("sb:shards") or 0)
        except redis.RedisError as e:
            raise StoreAway(type(e).__name__) from e
        if there != SHARDS:
            raise ShardsDiffer(f"this Redis holds data in {there} shards, the program uses {SHARDS}")

    def owner(self, openid: str) -> Owner:
        return Owner(openid, self.seal.tag(openid), zlib.crc32(openid.encode()) % SHARDS)

    # --- a turn ---
    def begin(self, owner: Owner, delivery: str) -> Begun:
        """Raises StoreAway, SealError, ValueError (a session of another schema)."""
        keys = [
            owner.key("s", owner.tag),
            self._delivery_key(owner, delivery),
            owner.key("o", owner.tag),
            owner.key("r", owner.tag),
        ]
        try:
            now, version, sealed, known, outbox, rate = self._begin(keys=keys)
        except redis.RedisError as e:
            raise StoreAway(type(e).__name__) from e
        session = from_plain(self._open(owner, sealed)["session"]) if sealed else None
        reply = self._reply(owner, known[1:]) if known[:1] == b"r" else None
        state = {b"": "", b"p": "pending", b"r": "answered"}[known[:1]]
        told = tuple(self._reply(owner, item) for item in outbox)
        return Begun(now, version, session, state, reply, told, rate)

    def commit(self, owner: Owner, delivery: str, plan: Plan) -> str:
        """`done`, or why nothing was written: conflict, known, late, gone. StoreAway: it may have been."""
        keys = [
            owner.key("s", owner.tag),
            self._delivery_key(owner, delivery),
            owner.key("o", owner.tag),
            owner.key("r", owner.tag),
            owner.key("due"),
            owner.key("t", owner.tag),
            owner.key("c", datetime.fromtimestamp(plan.event_at, UTC).strftime("%Y%m%d")),
            *(owner.key("j", change.job.member) for change in plan.jobs),
        ]
        session = plan.session
        wake = max(session.wake_at - plan.event_at, 1) if session and session.wake_at else 0
        facts = {
            "not_after": plan.not_after,
            "session_ttl": SESSION_TTL,
            "delivery": plan.delivery,
            "delivery_ttl": DELIVERY_TTL,
            "take": plan.take,
            "wake": wake,
            "timer": f"t:{owner.tag}",
            "jobs": [
                {"op": c.op, "member": f"j:{c.job.member}", "due": c.due, "attempt": c.attempt}
                for c in plan.jobs
            ],
            "counts": plan.counts,
            "counts_ttl": COUNTS_TTL,
            "trace_keep": TRACE_KEEP,
            "trace_ttl": TRACE_TTL,
            "forget": plan.forget,
            "rated": plan.rated,
        }
        envelope = {"openid": owner.openid, "session": to_plain(session)} if session else None
        args: list[bytes | str] = [
            json.dumps(facts),
            plan.version,
            os.urandom(8),
            self._sealed(owner, envelope),
            self._sealed(owner, asdict(plan.reply) if plan.reply else None),
            self._sealed(owner, asdict(plan.outbox) if plan.outbox else None),
            self._sealed(owner, plan.trace or None),
            *(self._sealed_job(owner, c.job) for c in plan.jobs if c.op == "new"),
        ]
        try:
            return str(self._commit(keys=keys, args=args).decode())
        except redis.RedisError as e:
            raise StoreAway(type(e).__name__) from e

    # --- due jobs and timers ---
    def due(self) -> Iterator[tuple[int, str]]:
        """(shard, member) of what is due now, by a peek over all shards. Raises StoreAway."""
        try:
            now = self.client.time()[0]
            pipe = self.client.pipeline(transaction=False)
            for shard in range(SHARDS):
                pipe.zrangebyscore(f"sb:{{s{shard}}}:due", 0, now, start=0, num=16)
            found = pipe.execute()
        except redis.RedisError as e:
            raise StoreAway(type(e).__name__) from e
        for shard, members in enumerate(found):
            for member in members:
                yield shard, member.decode()

    def claim(self, shard: int, member: str, lease: int) -> tuple[Owner, Job | None, int, int] | None:
        """A due job (or, job None, a due timer) under a lease: owner, job, attempt, Redis's time."""
        prefix = f"sb:{{s{shard}}}"
        kind, _, name = member.partition(":")
        try:
            got = self._claim(
                keys=[f"{prefix}:due", f"{prefix}:j:{name}"],
                args=[member, lease, "timer" if kind == "t" else "job"],
            )
            if not got:
                return None
            now, attempt, sealed = got
            if kind == "t":
                held = self.client.hget(f"{prefix}:s:{name}", "d")
                if not held:
                    self.client.zrem(f"{prefix}:due", member)
                    return None
                openid = json.loads(self.seal.open(cast(bytes, held), name))["openid"]
                return Owner(openid, name, shard), None, 0, now
        except redis.RedisError as e:
            raise StoreAway(type(e).__name__) from e
        tag, _, body = sealed.partition(b"|")
        raw = json.loads(self.seal.open(body, tag.decode()))
        raw.pop("schema")
        job = Job(**raw | {"call": Call(**raw["call"])})
        return Owner(job.openid, tag.decode(), shard), job, attempt, now

    def trace(self, owner: Owner) -> list[dict[str, Any]]:
        """The resident's last turns, oldest first, masked."""
        items = self.client.lrange(owner.key("t", owner.tag), 0, -1)
        return [self._open(owner, cast(bytes, item)) for item in items]

    # --- sealing ---
    def _delivery_key(self, owner: Owner, delivery: str) -> str:
        return owner.key("d", owner.tag, hashlib.sha256(delivery.encode()).hexdigest()[:20])

    def _sealed(self, owner: Owner, value: Mapping[str, Any] | None) -> bytes:
        if value is None:
            return b""
        return self.seal.seal(json.dumps(value, separators=(",", ":")).encode(), owner.tag)

    def _sealed_job(self, owner: Owner, job: Job) -> bytes:
        """A worker knows only the job's key: its owner's tag stands before the seal."""
        return owner.tag.encode() + b"|" + self._sealed(owner, {"schema": JOB_SCHEMA, **asdict(job)})

    def _open(self, owner: Owner, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(self.seal.open(sealed, owner.tag))
        return opened

    def _reply(self, owner: Owner, sealed: bytes) -> Reply:
        raw = self._open(owner, sealed)
        options = tuple(Option(**o) for o in raw["options"])
        return Reply(**raw | {"options": options, "says": tuple(raw["says"])})
