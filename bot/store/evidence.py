"""Evidence for one receipt: what was shown, agreed to and answered (masked), signed.

It is written in Redis by the turn, and moved to the archive after some days, where there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from bot.ports import ArchiveAway, Archived
from bot.store.connect import answering, server_time, take
from bot.store.packing import evidence_keys
from bot.store.records import ResidentKey, StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.seal import SealError

MOVED_AFTER = 3 * 86400
"""Seconds after which evidence leaves Redis for the archive."""
ARCHIVING = "sb:archiving"
EVERY = 3600
"""Seconds between two times that old evidence is looked for, by whichever worker."""
_REMOVE = "return redis.call('LINDEX', KEYS[1], 0) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"
"""Only what was copied: the same receipt may have been written anew meanwhile."""
_ADD = """redis.call('SADD', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], math.max(ARGV[2], redis.call('TTL', KEYS[1])))"""
_KEYS = "sb:{s*}:e:*"


class _Kept(Struct, frozen=True):
    """`until`: epoch seconds."""

    shard: int
    tag: str
    facts: dict[str, Any]
    turns: list[dict[str, Any]]
    until: int


def find(store: RedisStore, receipt: str, owner: ResidentKey | None = None) -> list[dict[str, Any]]:
    """Returns what is kept for a receipt, signed; `owner`: theirs alone. Several residents may have one
    receipt: first stands for whom the change was made, then who was answered that it had been `already`.

    Raises:
        StoreAway, ArchiveAway, SealError.
    """
    return [_signed(store, kept) for kept in _find(store, receipt, owner)]


def holders(store: RedisStore, receipt: str) -> list[ResidentKey]:
    """Returns whose receipt it is, in the order of `find`, with "" for the openid, which stays unknown.

    Raises:
        StoreAway, ArchiveAway, SealError.
    """
    return [ResidentKey("", kept.tag, kept.shard) for kept in _find(store, receipt)]


def everything(store: RedisStore) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields whose a receipt is (a tag) and its facts, of every one that is kept. What does not open is left
    out. Reads through the whole store and the archive.

    Raises:
        StoreAway, ArchiveAway.
    """
    with answering():
        for key in store.client.scan_iter(match=_KEYS, count=500):
            first: Any = store.client.lindex(key, 0)
            if first:
                with suppress(SealError):
                    yield store.forms.open_tagged(first)
    for item in store.archive.everything() if store.archive else ():
        with suppress(SealError):
            kept = _archived(store, item)
            yield kept.tag, kept.facts


def archive(store: RedisStore) -> int:
    """Moves what is older than `MOVED_AFTER`, and deletes what is over; the number moved. One worker does it,
    every hour. What does not open here is left to another.

    Raises:
        StoreAway, ArchiveAway.
    """
    if store.archive is None:
        return 0
    with answering():
        if not take(store.client, ARCHIVING, EVERY):
            return 0
        now = server_time(store.client)
    try:
        store.archive.end(now)
        return _move_all(store, now)
    except (StoreAway, ArchiveAway):
        with suppress(StoreAway), answering():
            store.client.delete(ARCHIVING)  # the next look tries again
        raise


def _move_all(store: RedisStore, now: int) -> int:
    moved = 0
    with answering():
        for key in store.client.scan_iter(match=_KEYS, count=500):
            items: Any = store.client.lrange(key, 0, -1)
            lasts: Any = store.client.ttl(key)
            if items and lasts > 0:
                with suppress(SealError):
                    moved += _move(store, key, items, now, now + lasts)
    return moved


def _move(store: RedisStore, key: bytes, items: list[bytes], now: int, until: int) -> bool:
    _, place, _, receipt, *_ = key.decode().split(":")
    kept = _opened(store, int(place[2:-1]), items, until)
    if store.archive is None or now - kept.facts["recorded_at"] < MOVED_AFTER:
        return False
    sealed = store.forms.packed(kept.tag, {"shard": kept.shard, "facts": kept.facts, "turns": kept.turns})
    opens = sealed.partition(b"|")[2][:4].hex()
    name = Archived.name(kept.shard, receipt)
    if any(_tag(there.sealed) != kept.tag for there in store.archive.get([name]).values()):
        name = Archived.name(kept.shard, receipt, kept.tag)
        _, _, others = evidence_keys(ResidentKey("", kept.tag, kept.shard), receipt)
        store.client.eval(_ADD, 1, others, kept.tag, until - now)
    store.archive.put([Archived(name, until, opens, sealed)])
    store.client.eval(_REMOVE, 1, key, items[0])
    return True


def genuine(store: RedisStore, printed: Mapping[str, Any]) -> bool:
    """Checks that we printed and signed this."""
    body = {k: v for k, v in printed.items() if k != "signature"}
    return hmac.compare_digest(str(printed.get("signature", "")), _signature(store, body))


def _find(store: RedisStore, receipt: str, owner: ResidentKey | None = None) -> list[_Kept]:
    number = store.seal.tag(f"receipt {receipt}")
    shards = [owner.shard] if owner else range(SHARDS)
    places = [(shard, "") for shard in shards]
    places += [(owner.shard, owner.tag)] if owner else _beside(store, number)
    found: dict[tuple[int, str], _Kept] = {}
    with answering():
        pipe = store.client.pipeline(transaction=False)
        for shard, tag in places:
            key = evidence_keys(ResidentKey("", tag, shard), number)[bool(tag)]
            pipe.lrange(key, 0, -1)
            pipe.ttl(key)
        now, answers = server_time(store.client), pipe.execute()
    for (shard, _), items, lasts in zip(places, answers[::2], answers[1::2], strict=True):
        if items and (owner is None or _tag(items[0]) == owner.tag):
            found[shard, _tag(items[0])] = _opened(store, shard, items, now + lasts)
    if store.archive and not (owner and found):
        for item in store.archive.get([Archived.name(shard, number, tag) for shard, tag in places]).values():
            if owner is None or _tag(item.sealed) == owner.tag:
                kept = _archived(store, item)
                found.setdefault((kept.shard, kept.tag), kept)
    return sorted(found.values(), key=lambda k: (k.facts.get("outcome") == "already", k.facts["recorded_at"]))


def _beside(store: RedisStore, number: str) -> list[tuple[int, str]]:
    """Returns shard and tag of those whose evidence is beside another's. `number`: HMAC of the receipt's."""
    with answering():
        pipe = store.client.pipeline(transaction=False)
        for shard in range(SHARDS):
            pipe.smembers(evidence_keys(ResidentKey("", "", shard), number)[2])
        return [(shard, tag.decode()) for shard, tags in enumerate(pipe.execute()) for tag in tags]


def _tag(sealed: bytes) -> str:
    return sealed.partition(b"|")[0].decode()


def _opened(store: RedisStore, shard: int, items: list[bytes], until: int) -> _Kept:
    tag, facts = store.forms.open_tagged(items[0])
    owner = ResidentKey("", tag, shard)
    return _Kept(shard, tag, facts, [store.forms.open(owner, item) for item in items[1:]], until)


def _archived(store: RedisStore, item: Archived) -> _Kept:
    tag, held = store.forms.open_tagged(item.sealed)
    return _Kept(held["shard"], tag, held["facts"], held["turns"], item.until)


def _signed(store: RedisStore, kept: _Kept) -> dict[str, Any]:
    facts = kept.facts
    body = {
        **facts,
        "resident": kept.tag,
        "turns": [{**turn, "time": _time(turn["at"])} for turn in kept.turns],
        "kept_until": _time(kept.until)[:10],
    }
    for name in ("asked_at", "answered_at", "recorded_at"):
        body[name] = _time(facts[name])
    body["consents"] = {
        name: {"version": given["version"], "at": _time(given["at"])}
        for name, given in facts["consents"].items()
    }
    return {**body, "signature": _signature(store, body)}


def _signature(store: RedisStore, body: Mapping[str, Any]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return store.seal.tag(f"evidence {hashlib.sha256(canonical.encode()).hexdigest()}")


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
