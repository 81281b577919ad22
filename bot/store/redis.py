"""Sessions, deliveries and jobs in Redis: one script begins a turn, one commits it whole.

All keys of one resident share the hash tag `{s<shard>}`, so the same scripts run on one Redis, on Sentinel
and on Redis Cluster. Every value derived from a resident is sealed with the resident's tag.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from json import dumps
from pathlib import Path
from typing import Any, cast

import redis
import structlog
from msgspec.structs import replace
from redis.cluster import RedisCluster

from bot.actions import ACTIONS, TELL
from bot.engine.effects import Call, Reply
from bot.engine.events import Held, Maintenance
from bot.engine.session import SCHEMA, Session, under_way
from bot.ports import Archive
from bot.store import page_pictures, switches
from bot.store.connect import Commit, answering, look_again, server_time
from bot.store.due import DueJobs
from bot.store.epochs import Epochs, began_before, lapse, lost
from bot.store.fleet import Fleet
from bot.store.forms import PACKED, Forms
from bot.store.holdings import holdings
from bot.store.packing import (
    CONSTANTS,
    DELIVERY_TTL,
    PAGE_OPEN,
    SESSION_TTL,
    SHOWN,
    delivery_key,
    name_of,
    packed,
    page_key,
)
from bot.store.records import (
    JOB_SCHEMA,
    UNREAD,
    Claimed,
    CommitRequest,
    Job,
    ResidentKey,
    ShardsDiffer,
    Snapshot,
    StoreAway,
    member_of,
    opened_once,
)
from bot.store.revisions import pointer
from bot.store.seal import OpensElsewhere, Seal, SealError
from bot.store.sign_ins import SignIns, opened
from bot.store.wire import script

log = structlog.get_logger()

SHARDS = 64
_TOUCH = "redis.call('EXPIRE', KEYS[1], math.max(ARGV[1], redis.call('TTL', KEYS[1])))"
"""A write that changes nothing, to wait for copies of."""
WAITS = 60
"""Seconds until a job that another process may open is checked again."""


class RedisStore:
    """All requests to Redis raise StoreAway. `jobs`: due jobs and dead letters. `archive`: of evidence that
    has left Redis; None: all of it stays."""

    def __init__(
        self, client: redis.Redis, seal: Seal, seen: Path | None = None, archive: Archive | None = None
    ) -> None:
        self.client, self.seal, self.tag = client, seal, seal.tag
        self.archive = archive
        self.epochs = Epochs(client, SHARDS, seen)
        self.fleet = Fleet(client, seal, {"session": SCHEMA, "job": JOB_SCHEMA, PACKED: 2})
        folder = Path(__file__).parent
        self._begin = script(client, (folder / "begin.lua").read_text())
        self._pin_answer = script(client, (folder / "pin_answer.lua").read_text())
        self._mark_sent = script(client, (folder / "mark_sent.lua").read_text())
        self._shown = script(client, (folder / "shown.lua").read_text())
        self._commit = Commit(client, CONSTANTS + (folder / "commit.lua").read_text())
        self.forms = Forms(seal, self.fleet)
        self.jobs = DueJobs(client, SHARDS)
        self.sign_ins = SignIns(client, seal)
        self.switches = switches.Switches(client, SHARDS)

    def check(self) -> None:
        """Checks at a start that this store is ours and unchanged.

        Raises:
            ShardsDiffer, KeyMissing, StoreAway.
        """
        with answering():
            new = bool(self.client.set("sb:shards", SHARDS, nx=True))
            there = int(self.client.get("sb:shards") or 0)
        if there != SHARDS:
            raise ShardsDiffer(f"this Redis holds data in {there} shards, the program uses {SHARDS}")
        self.epochs.look()
        self.fleet.founded(new)
        self.fleet.say()

    def check_writes(self) -> None:
        """Checks without writing whether turns can be written: Redis refuses a write (OOM, READONLY,
        NOREPLICAS, MISCONF; TRYAGAIN in a slot that is being moved) before it finds nothing to do.

        Raises:
            StoreAway.
        """
        shards = range(SHARDS if isinstance(self.client, RedisCluster) else 1)
        with answering():
            for shard in shards:
                self.client.lmove(f"sb:{{s{shard}}}:none", f"sb:{{s{shard}}}:nowhere", "LEFT", "LEFT")

    def check_copies(self, copies: int) -> None:
        """Checks that changes can be stored safely.

        Raises:
            StoreAway.
        """
        with answering():
            if copies and self._commit.replicas() < copies:
                raise StoreAway("too few copies")

    def owner(self, openid: str) -> ResidentKey:
        return ResidentKey(openid, self.seal.tag(openid), zlib.crc32(openid.encode()) % SHARDS)

    def trace_id(self, owner: ResidentKey, delivery: str) -> str:
        """Returns a delivery's name in the log and at the bureau, the same in all processes that work on it:
        the web process, a worker later, WeChat's repetitions. 32 hexadecimal digits, keyed: a delivery holds
        the openid, and whoever has a log and a list of followers must not find who is who."""
        return self.seal.hex_tag(f"{owner.tag} {delivery}")

    def key(self, owner: ResidentKey, call: Call) -> str:
        """Returns the idempotency key. A run older than a loss of the store may reach its change again: with
        the same arguments under the same key, with others under another one."""
        said = dumps(call.arguments, sort_keys=True, default=str)
        return f"{call.key}.{self.tag(f'{owner.tag} {call.key} {said}')[:8]}"

    # --- a turn ---
    def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
        """Reads a turn's data.

        Raises:
            StoreAway.
            SealError: this delivery's own answer does not open.
        """
        session_key, outbox_key, rate_key, remembered, claimed = owner.own("s", "o", "r", "k", "w")
        keys = [
            *(session_key, delivery_key(owner, delivery), outbox_key, rate_key, pointer(owner.shard)),
            *owner.own("rec", "tape", "h"),
            *(owner.key("life"), remembered, switches.key(owner.shard), claimed),
        ]
        with answering():
            found = self._begin(keys, ())
        line, beat, gone = found[11].decode(), found[12], found[13].decode()
        if not self.epochs.fits(owner.shard, line, beat):
            self.epochs.look()
            with answering():
                found = self._begin(keys, ())
            line, gone = found[11].decode(), found[13].decode()
        now, micro, version, sealed, known, outbox, rate, revision, recorded, by, unconfirmed = found[:11]
        held, beside, off, pushing = found[14:]
        session, unread = self._session(owner.tag, sealed) if sealed else (None, None)
        if isinstance(unread, OpensElsewhere):
            self.fleet.cannot_read(now)
            session = self._session(owner.tag, beside)[0] if beside else None
        elif session is not None and beside:
            session = under_way(session, opened_once(self.jobs_of(owner)[0]))
        state = {b"": "", b"p": "pending", b"r": "answered", b"h": "answered"}[known[:1]]
        reply = self.forms.reply(owner, known[1:]) if state == "answered" else None
        waits = [unconfirmed, *outbox] if by and by.decode() != name_of(delivery) else outbox
        told = self._readable(owner, waits)
        others = by.decode() if waits is not outbox and told else ""
        epoch = line.partition(" ")[0]
        away = lost(gone, now) if session is None or session.epoch != epoch else None
        if session is not None and session.epoch != epoch:
            session = replace(session, epoch=epoch, lapse=lapse(away) if away else session.lapse)
        return Snapshot(
            *(now, version, session, state, reply, told, rate, outbox, revision.decode(), recorded, others),
            clock=now + micro / 1_000_000,
            unread=unread,
            epoch=epoch,
            lost=away,
            beside=bool(beside),
            remembered=opened(dict(zip(held[::2], held[1::2], strict=True))),
            maintenance=switches.read(off),
            pushing=bool(pushing),
        )

    def _session(self, tag: str, sealed: bytes) -> tuple[Session | None, SealError | None]:
        try:
            return self.forms.session(tag, sealed), None
        except SealError as e:
            return None, e

    def _readable(self, owner: ResidentKey, items: Sequence[bytes]) -> tuple[Reply, ...]:
        told: list[Reply] = []
        for item in items:
            try:
                told.append(self.forms.reply(owner, item))
            except OpensElsewhere:
                break
            except SealError:
                told.append(UNREAD)
        return tuple(told)

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        """Returns `done`, `queued` or `unsafe` (done, but too few replicas have it), or why nothing was
        written.

        Raises:
            StoreAway: it may be written; a later `begin` that reads `plan.new_version` shows that it was.
        """
        keys, args = packed(self.seal, self.forms, owner, delivery, plan)
        pictures = page_pictures.names(self.client, owner) if plan.ends_pictures else []
        with answering():
            answer, safe = self._commit(keys, args, plan.copies)
        written = answer.decode()
        if pictures and written in ("done", "queued"):
            with suppress(StoreAway):  # they are deleted; their number ends by itself
                page_pictures.uncount(self.client, pictures)
        return written if safe or written not in ("done", "queued") else "unsafe"

    def copied(self, owner: ResidentKey, copies: int) -> bool:
        """Checks whether `copies` replicas of the current primary have what was written for this resident.

        A replica that confirms something has all that came before it.

        Raises:
            StoreAway: Redis did not answer.
        """
        key = owner.key("s", owner.tag)
        with answering():
            answered, enough = self._commit.waited(key, ("EVAL", _TOUCH, 1, key, SESSION_TTL), copies)
        return enough and not isinstance(answered, Exception)

    def look_again(self) -> None:
        """Asks again which server is the primary. If none answers, the next request asks."""
        with suppress(StoreAway), answering():
            look_again(self.client)

    def mark_sent(self, owner: ResidentKey, delivery: str) -> None:
        """Records that this delivery's answer is on its way to WeChat and need not be sent again."""
        with answering():
            self._mark_sent([owner.key("h", owner.tag)], [name_of(delivery)])

    def looked(self, owner: ResidentKey) -> None:
        """Records that the resident's page is open: what waits is pushed only after it had its time."""
        with answering():
            self.client.set(page_key(owner), 1, ex=PAGE_OPEN)

    def shown(self, owner: ResidentKey, left: Mapping[Reply, Reply | None]) -> None:
        """Records that the page has shown these items of the outbox, and what the chat still tells of each.
        What a push has claimed stays with it."""
        keys, changes = owner.own("o", "n"), list[bytes]()
        with answering():
            items = cast("list[bytes]", self.client.lrange(keys[0], 0, -1)) if left else []
        for item in items:
            with suppress(SealError):  # it stays, for a process that can open it
                reply = self.forms.reply(owner, item)
                if reply in left:
                    changes += item, self.forms.sealed_reply(owner, left[reply])
        if changes:
            with answering():
                self._shown(keys, changes)

    def pin_answer(self, owner: ResidentKey, delivery: str, reply: Reply, pushes: bool) -> None:
        """Records that this delivery was answered `reply` and nothing else: its repetitions get that too, and
        its other replies, earlier or later, wait in the outbox; after a deletion nothing does."""
        keys = [delivery_key(owner, delivery), *owner.own("h", "o", "s", "w", "n")]
        push = f"p:{owner.tag}" if pushes else ""
        sealed = self.forms.sealed_reply(owner, reply)
        with answering():
            self._pin_answer(
                [*keys, owner.key("due")],
                [sealed, DELIVERY_TTL, name_of(delivery), SESSION_TTL, push],
            )

    def holdings(self, owner: ResidentKey) -> Held:
        """Returns what is kept beside the session."""
        return holdings(self.client, self.forms, self.archive, owner)

    # --- due jobs and timers ---
    def maintenance(self, owner: ResidentKey) -> tuple[Maintenance, ...]:
        """Returns what is switched off, now or later."""
        return self.switches.of(owner.shard)

    def now(self) -> int:
        with answering():
            return server_time(self.client)

    def due(self) -> Iterator[tuple[int, str]]:
        """Yields (shard, member) of what is due now, by one read over all shards.

        Raises:
            StoreAway.
        """
        return self.jobs.due()

    def claim(self, shard: int, member: str, lease: int) -> Claimed | None:
        """Claims a due job or timer under a lease. Leaves it if another process may open it.

        Raises:
            SealError: it does not open.
        """
        got = self.jobs.claim(shard, member, lease)
        if got is None:
            return None
        kind, _, name = member.partition(":")
        if kind == "t":
            sealed, version = got
            openid = self.forms.open(ResidentKey("", name, shard), sealed)["openid"]
            return Claimed(ResidentKey(openid, name, shard), version=version)
        attempt, sure, sealed, gone = got
        try:
            owner, job = self.forms.open_job(shard, sealed)
            if job.call.action not in (*ACTIONS, TELL):
                raise OpensElsewhere(f"another release, or a service of its own, calls {job.call.action}")
        except OpensElsewhere as e:
            self.jobs.give_back(shard, member, attempt, WAITS)
            log.error("job waits", shard=shard, cause=str(e), alert=True)
            return None
        return Claimed(owner, job, attempt, sure < attempt - 1 or began_before(gone.decode(), job.at))

    def find_job(self, key: str) -> tuple[ResidentKey, Job] | None:
        """Returns the open job whose request has this idempotency key (owner's tag, dot, call's id)."""
        call = key.partition(".")[2]
        members = [member_of(call), member_of(call.rpartition(".")[0])]  # an older release's, or ours
        places = [(shard, member) for shard in range(SHARDS) for member in members]
        with answering():
            pipe = self.client.pipeline(transaction=False)
            for shard, member in places:
                pipe.hget(f"sb:{{s{shard}}}:j:{member}", "d")
            found = pipe.execute()
        for (shard, _), sealed in zip(places, found, strict=True):
            if sealed:
                owner, job = self.forms.open_job(shard, sealed)
                if f"{owner.tag}.{job.call.key}" == key:
                    return owner, job
        return None

    def jobs_of(self, owner: ResidentKey) -> tuple[list[Job], int]:
        """Returns the open jobs of one resident, dead letters too, found without a session, and how many more
        do not open."""
        with answering():
            pipe = self.client.pipeline(transaction=False)
            for member in self.jobs.members([owner.shard])[0]:
                pipe.hget(owner.key("j", member[2:]), "d")
            kept = pipe.execute()
        found: list[Job] = []
        unread = 0
        for sealed in filter(None, kept):
            if sealed.startswith(f"{owner.tag}|".encode()):
                try:
                    found.append(self.forms.open_job(owner.shard, sealed)[1])
                except SealError:
                    unread += 1
        return found, unread

    def trace(self, owner: ResidentKey, job: Job | None = None) -> list[dict[str, Any]]:
        """Returns the resident's last turns, oldest first, masked; with a change under way, those before
        it."""
        with answering():
            if job is None:
                items: Any = self.client.lrange(owner.key("t", owner.tag), 0, -1)
            else:
                fields = [f"t{n}" for n in range(1, SHOWN + 1)]
                items = self.client.hmget(owner.key("j", job.member), fields)
        found = []
        for item in filter(None, items):
            with suppress(SealError):  # the other items are enough
                found.append(self.forms.open(owner, item))
        return found
