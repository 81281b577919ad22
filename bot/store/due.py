"""Due jobs, timers and pushes: one sorted set per shard, which is both lease and retry delay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bot.store.connect import answering, server_time
from bot.store.records import ResidentKey
from bot.store.window import ALLOWED

PEEK = 16
DEAD_AFTER = 6
"""Failures by a bug of ours after which a job is a dead letter: about half an hour."""
BUG_PAUSE = (15, 60, 120, 300, 900)
"""Seconds until a job that a bug has stopped is tried again."""


_REVIVE = """if redis.call('HDEL', KEYS[3], ARGV[1]) == 0 then return end
redis.call('HDEL', KEYS[2], 'b', 'f')
redis.call('ZADD', KEYS[1], redis.call('TIME')[1], ARGV[1])"""
"""Only a dead letter: the job of one that was tried again meanwhile is under way."""


@dataclass(frozen=True)
class Dead:
    """A job that waits for an operator. `cause`: the exception's type; `sealed`: the job."""

    shard: int
    member: str
    cause: str
    at: int
    attempts: int
    sealed: bytes


@dataclass(frozen=True)
class Waiting:
    """`due` by now, `later`; `lag`: seconds that the oldest due one has waited for a worker."""

    due: int
    later: int
    lag: int


class DueJobs:
    """A member is `j:` and a job, or `t:` or `p:` and a resident's tag.

    Raises:
        StoreAway.
    """

    def __init__(self, client: redis.Redis, shards: int) -> None:
        self._client, self._shards = client, shards
        folder = Path(__file__).parent
        self._claim = client.register_script((folder / "claim.lua").read_text())
        self._failed = client.register_script((folder / "failed.lua").read_text())
        self._give_back = client.register_script((folder / "give_back.lua").read_text())
        self._revive = client.register_script(_REVIVE)

    def due(self) -> Iterator[tuple[int, str]]:
        """Yields (shard, member), from one read over all shards (a cluster's pipeline carries no script)."""
        with answering():
            now = server_time(self._client)
            pipe = self._client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.zrangebyscore(f"sb:{{s{shard}}}:due", 0, now, start=0, num=PEEK)
            found = pipe.execute()
        for shard, members in enumerate(found):
            for member in members:
                yield shard, member.decode()

    def waiting(self) -> Waiting:
        """Returns how much is due and for how long, over all shards."""
        with answering():
            now = server_time(self._client)
            pipe = self._client.pipeline(transaction=False)
            for shard in range(self._shards):
                key = f"sb:{{s{shard}}}:due"
                pipe.zcount(key, 0, now)
                pipe.zcard(key)
                pipe.zrange(key, 0, 0, withscores=True)
            found = pipe.execute()
        due, all_, firsts = sum(found[0::3]), sum(found[1::3]), found[2::3]
        oldest = min((int(score) for first in firsts for _, score in first), default=now)
        return Waiting(due, all_ - due, max(now - oldest, 0))

    def members(self, shards: Sequence[int], most: int = 0) -> list[list[str]]:
        """Returns what waits in each of these shards, dead letters too, which are never due. `most`: of what
        is due, now or later; 0: all."""
        with answering():
            pipe = self._client.pipeline(transaction=False)
            for shard in shards:
                pipe.zrange(f"sb:{{s{shard}}}:due", 0, most - 1)
                pipe.hkeys(f"sb:{{s{shard}}}:dead")
            found: list[list[bytes]] = pipe.execute()
        both = zip(found[::2], found[1::2], strict=True)
        return [[member.decode() for member in dict.fromkeys((*due, *dead))] for due, dead in both]

    def calls(self, most: int = 500) -> Iterator[tuple[int, bytes]]:
        """Yields (shard, sealed) of calls that are not over: due, later, and dead letters. `most`: as in
        `members`."""
        shards = range(self._shards)
        found = self.members(shards, most)
        members = [(s, m) for s in shards for m in found[s] if m.startswith("j:")]
        with answering():
            pipe = self._client.pipeline(transaction=False)
            for shard, member in members:
                pipe.hget(f"sb:{{s{shard}}}:j:{member[2:]}", "d")
            held = pipe.execute()
        for (shard, _), sealed in zip(members, held, strict=True):
            if sealed:
                yield shard, sealed

    def claim(self, shard: int, member: str, lease: int) -> list[Any] | None:
        """Claims a job or timer under a lease; returns what claim.lua says."""
        kind, _, name = member.partition(":")
        prefix, timer = f"sb:{{s{shard}}}", kind == "t"
        keys = [f"{prefix}:due", f"{prefix}:{'s' if timer else 'j'}:{name}", f"{prefix}:life"]
        with answering():
            got: list[Any] | None = self._claim(keys, [member, lease, "timer" if timer else "job"])
        return got

    def end(self, shard: int, member: str) -> None:
        """Ends a job without an outcome to report."""
        with answering():
            self._client.delete(f"sb:{{s{shard}}}:j:{member.partition(':')[2]}")
            self._client.zrem(f"sb:{{s{shard}}}:due", member)

    def put_off(self, shard: int, member: str, seconds: int) -> None:
        """Delays a claimed item; does nothing if it is finished, or if a turn has set it to a later time
        meanwhile. 0: makes it due now."""
        with answering():
            now = server_time(self._client)
            self._client.zadd(f"sb:{{s{shard}}}:due", {member: now + seconds}, xx=True, gt=seconds > 0)

    def give_back(self, shard: int, member: str, attempt: int, seconds: int) -> None:
        """Delays a claimed job that was not tried, without counting this attempt; does nothing if it is not
        the current one."""
        prefix = f"sb:{{s{shard}}}"
        with answering():
            self._give_back(
                [f"{prefix}:due", f"{prefix}:j:{member.partition(':')[2]}"], [member, attempt, seconds]
            )

    def sooner(self, seconds: int, owners: Iterable[ResidentKey] = ()) -> None:
        """Moves all due times and WeChat's windows for `owners` forward: how a development server lets time
        pass."""
        self.close_sooner(seconds, owners)
        with answering():
            for shard in range(self._shards):
                key = f"sb:{{s{shard}}}:due"
                members: Any = self._client.zrange(key, 0, -1)
                for member in members:
                    self._client.zadd(key, {member: -seconds}, xx=True, incr=True)

    def close_sooner(self, seconds: int, owners: Iterable[ResidentKey]) -> None:
        """Ends WeChat's windows for these residents that much sooner."""
        with answering():
            for owner in owners:
                key = owner.key("n", owner.tag)
                for kind in ALLOWED:
                    if self._client.hexists(key, kind):
                        self._client.hincrby(key, kind, -seconds)

    # --- dead letters ---
    def failed(self, shard: int, member: str, cause: str, attempt: int = 0) -> bool:
        """Records that a bug stopped this job; True if it is a dead letter now. `cause` holds nothing
        personal. `attempt`: which one; 0 if that is not known, of a job that could not be read."""
        pause = BUG_PAUSE[min(max(attempt, 1), len(BUG_PAUSE)) - 1]
        prefix = f"sb:{{s{shard}}}"
        keys = [f"{prefix}:due", f"{prefix}:j:{member.partition(':')[2]}", f"{prefix}:dead"]
        with answering():
            times = self._failed(keys=keys, args=[member, DEAD_AFTER, cause, pause, attempt or ""])
        return bool(times >= DEAD_AFTER)

    def dead(self) -> list[Dead]:
        """Returns dead letters, oldest first; one whose job was finished meanwhile (by a callback) no longer
        counts."""
        found: list[Dead] = []
        with answering():
            for shard in range(self._shards):
                letters: Any = self._client.hgetall(f"sb:{{s{shard}}}:dead")
                for member, text in letters.items():
                    key = f"sb:{{s{shard}}}:j:{member.decode().partition(':')[2]}"
                    kept: Any = self._client.hmget(key, "d", "a")
                    sealed, attempts = kept
                    if not sealed:
                        self._client.hdel(f"sb:{{s{shard}}}:dead", member)
                        continue
                    at, _, cause = text.decode().partition(" ")
                    found.append(Dead(shard, member.decode(), cause, int(at), int(attempts or 0), sealed))
        return sorted(found, key=lambda d: d.at)

    def revive(self, letter: Dead) -> None:
        """Tries it again now; does nothing if somebody else has done so."""
        prefix = f"sb:{{s{letter.shard}}}"
        keys = [f"{prefix}:due", f"{prefix}:j:{letter.member.partition(':')[2]}", f"{prefix}:dead"]
        with answering():
            self._revive(keys=keys, args=[letter.member])

    def bury(self, letter: Dead) -> None:
        """Removes a job that cannot be opened any more."""
        prefix = f"sb:{{s{letter.shard}}}"
        with answering():
            self._client.delete(f"{prefix}:j:{letter.member.partition(':')[2]}")
            self._client.hdel(f"{prefix}:dead", letter.member)
