"""Records under tags in Redis, changed by compare-and-set: the stub bureau's records, and failed checks.

All keys are in one hash slot (`{bureau}`), so the same script runs on one Redis and on a cluster.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import redis
from redis.exceptions import RedisClusterException

from bot.ports import Unknown

Json = dict[str, Any]
Name = tuple[str, str]  # kind of record, its owner
T = TypeVar("T")

_DAY = 86_400
_KEPT = {"person": 0, "done": 30 * _DAY, "tries": 2 * _DAY, "checks": _DAY}  # seconds; 0: no end
_TRIES = 500  # each lost race means that another process won it, so this ends long before
_MOST_OPERATIONS = 50_000

# Compares the sealed bytes themselves: a nonce is never used twice, so equal bytes mean an untouched record.
_COMPARE_AND_SET = """
local count, entry = tonumber(ARGV[1]), ARGV[2]
for i = 1, count do
  if (redis.call('GET', KEYS[i]) or '') ~= ARGV[2 + i] then return 0 end
end
for i = 1, count do
  local new, keep = ARGV[2 + count + i], tonumber(ARGV[2 + 2 * count + i])
  if new ~= '' then
    redis.call('SET', KEYS[i], new)
    if keep > 0 then redis.call('EXPIRE', KEYS[i], keep) end
  end
end
if entry ~= '' then
  redis.call('RPUSH', KEYS[count + 1], entry)
  redis.call('LTRIM', KEYS[count + 1], -tonumber(ARGV[3 + 3 * count]), -1)
end
return 1
"""


class Unreachable(Exception):
    """The records could not be read, so nothing was written. Its text holds nothing of them."""


class Sealer(Protocol):
    """The part of bot.store.seal.Seal used here; services may not import the store."""

    def seal(self, plain: bytes, owner: str) -> bytes: ...

    def open(self, sealed: bytes, owner: str) -> bytes: ...

    def tag(self, text: str) -> str: ...


@dataclass(frozen=True)
class Unsealed:
    """For records of tags and numbers only, which need no key. `tag`: as Seal's."""

    tag: Callable[[str], str]

    def seal(self, plain: bytes, owner: str) -> bytes:
        return plain

    def open(self, sealed: bytes, owner: str) -> bytes:
        return sealed


@dataclass(frozen=True)
class Decision:
    """`records`: what to write for each name, None to leave it. `entry`: a line in the book of operations."""

    records: tuple[Json | None, ...]
    entry: Json | None = None


class Ledger:
    """`client`: redis-py without decode_responses, since sealed values are bytes."""

    def __init__(self, client: redis.Redis, seal: Sealer, prefix: str = "stub:") -> None:
        self._client = client
        self._seal = seal
        self._prefix = prefix + "{bureau}:"
        self._script = client.register_script(_COMPARE_AND_SET)

    def tag(self, text: str) -> str:
        """Returns a name that does not reveal its owner (22 characters)."""
        return self._seal.tag(text)

    def read(self, *names: Name) -> tuple[Json | None, ...]:
        """Returns the records of these names, None for those not written yet.

        Raises:
            Unreachable.
        """
        return tuple(record for record, _ in self._load(names))

    def change(
        self, names: Sequence[Name], decide: Callable[[tuple[Json | None, ...]], tuple[Decision, T]]
    ) -> T:
        """Reads, decides and writes atomically. `decide` is pure: it runs again after a lost race.

        Raises:
            Unreachable: nothing was written.
            Unknown: it is not known whether it was written.
        """
        for _ in range(_TRIES):
            loaded = self._load(names)
            decision, answer = decide(tuple(record for record, _ in loaded))
            if decision.entry is None and not any(decision.records):
                return answer
            if self._commit(names, [raw for _, raw in loaded], decision):
                return answer
        raise Unreachable("too many at once")

    def operations(self) -> list[Json]:
        """Returns every completed operation, oldest first: action, key, subject, number, at."""
        book = self._key(("operations", ""))
        lines: list[bytes] = self._client.lrange(book, 0, -1)  # type: ignore[assignment]
        return [self._open(line, book) for line in lines]

    def clear(self) -> None:
        """Deletes everything, so that each person is again as in config/stub.yaml."""
        for key in self._client.scan_iter(match=self._prefix + "*", count=500):
            self._client.unlink(key)

    def _load(self, names: Sequence[Name]) -> list[tuple[Json | None, bytes]]:
        keys = [self._key(name) for name in names]
        try:
            found: list[bytes | None] | None = self._client.mget(keys)  # type: ignore[assignment]
        except (redis.RedisError, RedisClusterException):
            found = None
        if found is None:  # raised out here, so that it chains no exception with keys or an address
            raise Unreachable("Redis does not answer")
        return [
            (self._open(raw, key), raw) if raw else (None, b"") for raw, key in zip(found, keys, strict=True)
        ]

    def _commit(self, names: Sequence[Name], before: Sequence[bytes], decision: Decision) -> bool:
        keys = [self._key(name) for name in names]
        book = self._key(("operations", ""))
        after = [
            self._close(record, key) if record is not None else b""
            for record, key in zip(decision.records, keys, strict=True)
        ]
        entry = self._close(decision.entry, book) if decision.entry is not None else b""
        kept = [_KEPT[kind] for kind, _ in names]
        try:
            written = self._script(
                keys=[*keys, book], args=[len(keys), entry, *before, *after, *kept, _MOST_OPERATIONS]
            )
        except (redis.RedisError, RedisClusterException):
            written = None
        if written is None:
            raise Unknown("Redis was lost while the bureau's record was written")
        return bool(written)

    def _key(self, name: Name) -> str:
        kind, whose = name
        return f"{self._prefix}{kind}:{self.tag(whose)}" if whose else f"{self._prefix}{kind}"

    def _open(self, raw: bytes, key: str) -> Json:
        try:
            record: Json = json.loads(self._seal.open(raw, key))
        except Exception as e:  # whatever the cause, this record cannot be used
            raise Unreachable(f"a record does not open: {type(e).__name__}") from None
        return record

    def _close(self, record: Json, key: str) -> bytes:
        return self._seal.seal(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(), key)
