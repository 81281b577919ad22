"""Checks that the store is the one that was there before: an epoch and a beat beside every shard.

An epoch is random and lasts until a shard comes back empty or older; the beat is a number that workers raise
every few seconds. A process remembers both, and a file may remember them for later processes. A shard with an
earlier epoch, a smaller beat or none was *set back*: the process that sees it first gives it a new epoch, so
that no idempotency key of what begins from now on was ever used, and puts it in doubt, until `shebao store
accept`. A process that starts just then remembers nothing and begins the empty store; a living one sees that
it began after the one it knew, and sets it back all the same. Any other unknown epoch is another store:
nothing is written to it.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import redis
import structlog

from bot.engine.scope import china_time
from bot.engine.session import Lapse
from bot.store.connect import answering, server_time
from bot.store.records import Lost

log = structlog.get_logger()

OLDER, EMPTY, OTHER = "older", "empty", "other"
SET_BACK = "set back"
TOLD_FOR = 3 * 86400
"""Seconds after a shard came back in which its residents are told of it when they write."""


@dataclass(frozen=True)
class Life:
    """The state of one shard. `line`: its epochs, newest first. `at`: when the beat was raised, by Redis's
    clock."""

    line: str
    beat: int
    at: int


class Epochs:
    """`file`: outlives this process; None keeps nothing. All requests to Redis raise StoreAway."""

    def __init__(self, client: redis.Redis, shards: int, file: Path | None = None) -> None:
        self._client, self._shards, self._file = client, shards, file
        self._set_back = client.register_script((Path(__file__).parent / "set_back.lua").read_text())
        self._known: dict[int, Life] = {}
        self._sure = False  # until the beat has risen, or a file was read: a new process knows nothing
        self._other: dict[int, str] = {}
        self._alarmed = ""
        self._lock = threading.Lock()

    def fits(self, shard: int, line: str, beat: int) -> bool:
        """Checks whether a turn may trust what it has just read there; if not: `look`."""
        known = self._known.get(shard)
        if known is None or self._other.get(shard) == line:
            return True
        if not self._sure:
            self._sure = line == known.line and beat > known.beat
            self._known[shard] = Life(line, beat, known.at)
            return True
        if known.line != line or known.beat > beat:
            return False
        if known.beat != beat:
            self._known[shard] = Life(line, beat, known.at)
        return True

    def look(self, raises: bool = False) -> str:
        """Compares every shard with what is remembered and marks what was set back; returns `doubt`.
        `raises`: the beat too. The first look trusts what is there, and gives a new store its epoch."""
        with self._lock:
            first = not self._known
            if first:
                self._known = self._remembered()
            found, more = list(self._read(raises)), int(raises)  # read before it was raised
            if first and not self._known:
                self._begin([shard for shard, life, _ in found if not life.line])
                found, more = list(self._read(False)), 0
                self._known = {shard: life for shard, life, _ in found}
            elif first:
                self._sure = True
            elif not self._sure and (bare := [shard for shard, life, _ in found if not life.line]):
                self._begin(bare)
                found, more = list(self._read(False)), 0
            for shard, life, _ in found:
                if not self.fits(shard, life.line, life.beat):
                    self._compare(shard, lived=not first)
                elif (known := self._known[shard]).line == life.line:  # its line and beat by now
                    self._known[shard] = Life(life.line, max(life.beat + more, known.beat), life.at)
            if raises:
                self._sure = True
            if raises and not self._other:
                self._remember()
        return self.doubt()

    def doubt(self) -> str:
        """Returns OLDER, EMPTY or OTHER if the store is not as it was and no operator has accepted that; else
        ""."""
        found, before = "", dict(self._known)  # while this reads, a turn may see a later beat
        for shard, life, marked in self._read(False):
            if self._other.get(shard) == life.line:
                found = found or OTHER
            elif marked or not (self.fits(shard, life.line, life.beat) or _follows(life, before.get(shard))):
                found = marked or (OLDER if life.line else EMPTY)
        if found and found != self._alarmed:
            log.error("store is not as it was", what=found, alert=True)
        self._alarmed = found
        return found

    def accept(self, restored: bool = False) -> bool:
        """Accepts the store as it is; False if nothing was in doubt. `restored`: it was set back, though
        unnoticed. A store that is not marked yet (that, or another store) begins a new epoch."""
        if not self.look() and not restored:
            return False
        with self._lock, answering():
            now = server_time(self._client)
            pipe = self._client.pipeline(transaction=False)
            for shard, life, marked in self._read(False):
                key = _key(shard)
                if not marked:  # for a process that remembers the earlier one, this comes after it
                    ours = self._known[shard].line if shard in self._other else ""
                    pipe.hset(key, "epochs", f"{_new()} {life.line} {ours}".strip())
                    if restored:
                        pipe.hset(key, "lost", f"{life.at} {now}")
                pipe.hdel(key, "doubt")
            pipe.execute()
            self._other.clear()
            self._known = {shard: life for shard, life, _ in self._read(False)}
            self._remember()
        return True

    def _read(self, raises: bool) -> Iterator[tuple[int, Life, str]]:
        """Yields shard, its life before this look, its mark."""
        with answering():
            now = server_time(self._client) if raises else 0
            pipe = self._client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.hmget(_key(shard), "epochs", "beat", "at", "doubt")
                if raises:
                    pipe.hincrby(_key(shard), "beat", 1)
                    pipe.hset(_key(shard), "at", now)
            found = pipe.execute()
        for shard, held in enumerate(found[:: 3 if raises else 1]):
            line, beat, at, marked = ((value or b"").decode() for value in held)
            yield shard, Life(line, int(beat or 0), int(at or 0)), marked

    def _begin(self, shards: list[int]) -> None:
        """Begins a new store: the first process gives the epoch. The time is written first, for those who
        know it."""
        if not shards:
            return
        epoch = _new()
        with answering():
            now = server_time(self._client)
            pipe = self._client.pipeline(transaction=False)
            for shard in shards:
                pipe.hsetnx(_key(shard), "began", now)
                pipe.hsetnx(_key(shard), "epochs", epoch)
            pipe.execute()

    def _compare(self, shard: int, lived: bool) -> None:
        """Decides again atomically and on a primary, since a replica may lag behind.

        `lived`: this process itself saw the store that it remembers; a file may be of another address.
        """
        known = self._known[shard]
        sees = int(lived and shard not in self._other)
        with answering():
            got = self._set_back(
                keys=[_key(shard)], args=[known.line, known.beat, known.at, _new(), TOLD_FOR, sees]
            )
        what, line, beat, at = (cast(bytes, value).decode() for value in got)
        if what == OTHER:
            self._other[shard] = line
            return
        self._other.pop(shard, None)
        self._known[shard] = Life(line, int(beat), int(at))
        if what == SET_BACK:
            self._alarmed = ""  # again, though the store was in doubt already

    # --- what outlives the process ---
    def _remembered(self) -> dict[int, Life]:
        if self._file is None:
            return {}
        try:
            held: Mapping[str, Any] = json.loads(self._file.read_text())
            return {int(shard): Life(*life) for shard, life in held.items() if int(shard) < self._shards}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as e:
            log.error("what was seen of the store cannot be read", cause=type(e).__name__, alert=True)
            return {}

    def _remember(self) -> None:
        if self._file is None:
            return
        held = {shard: [life.line, life.beat, life.at] for shard, life in self._known.items()}
        fresh = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(held))
            fresh.replace(self._file)  # several processes may write it: each writes a whole one
        except OSError as e:
            log.error("what was seen of the store cannot be kept", cause=type(e).__name__, alert=True)
            with suppress(OSError):
                fresh.unlink()


def _follows(life: Life, known: Life | None) -> bool:
    return known is None or (life.line == known.line and life.beat >= known.beat)


def lost(text: str, now: int) -> Lost | None:
    """Returns the field `lost` of a shard, while its residents are to be told."""
    since, _, until = text.partition(" ")
    return Lost(int(since), int(until)) if until and now - int(until) < TOLD_FOR else None


AHEAD = 60
"""Seconds that WeChat's clock may be ahead of Redis's. To ask the bureau once too often harms nobody."""


def began_before(text: str, at: int) -> bool:
    """Checks whether a job of that time (epoch seconds, WeChat's) comes from before the shard was set
    back."""
    until = text.partition(" ")[2]
    return bool(until) and at <= int(until) + AHEAD


def lapse(gone: Lost) -> Lapse:
    """Returns what a resident is told of it."""
    values: dict[str, str] = {}
    for name, at in (("since", gone.since), ("until", gone.until + 59)):  # whole minutes
        if at:
            moment = china_time(at)
            values |= {f"{name}__day": f"{moment:%Y-%m-%d}", f"{name}__time": f"{moment:%H:%M}"}
            values |= {f"{name}__month": str(moment.month), f"{name}__date": str(moment.day)}
    return Lapse("lost_time", values)


def _key(shard: int) -> str:
    return f"sb:{{s{shard}}}:life"


def _new() -> str:
    return secrets.token_hex(4)
