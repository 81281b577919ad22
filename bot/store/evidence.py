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
from bot.store.connect import answering, server_time
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
_KEYS = "sb:{s*}:e:*"


class _Kept(Struct, frozen=True):
    """`until`: epoch seconds."""

    shard: int
    tag: str
    facts: dict[str, Any]
    turns: list[dict[str, Any]]
    until: int


def find(store: RedisStore, receipt: str) -> dict[str, Any] | None:
    """Returns a receipt's evidence, signed; None if none is kept (any more).

    Raises:
        StoreAway, ArchiveAway, SealError.
    """
    kept = _find(store, receipt)
    return _signed(store, kept) if kept else None


def holder(store: RedisStore, receipt: str) -> ResidentKey | None:
    """Returns whose receipt it is, with "" for the openid, which stays unknown; None if nothing is kept."""
    kept = _find(store, receipt)
    return ResidentKey("", kept.tag, kept.shard) if kept else None


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
        if not store.client.set(ARCHIVING, "1", nx=True, ex=EVERY):
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
    head, _, receipt = key.decode().rpartition(":")
    kept = _opened(store, int(head.partition("{s")[2].partition("}")[0]), items, until)
    if store.archive is None or now - kept.facts["recorded_at"] < MOVED_AFTER:
        return False
    sealed = store.forms.packed(kept.tag, {"shard": kept.shard, "facts": kept.facts, "turns": kept.turns})
    opens = sealed.partition(b"|")[2][:4].hex()
    store.archive.put([Archived(Archived.name(kept.shard, receipt), until, opens, sealed)])
    store.client.eval(_REMOVE, 1, key, items[0])
    return True


def genuine(store: RedisStore, printed: Mapping[str, Any]) -> bool:
    """Checks that we printed and signed this."""
    body = {k: v for k, v in printed.items() if k != "signature"}
    return hmac.compare_digest(str(printed.get("signature", "")), _signature(store, body))


def _find(store: RedisStore, receipt: str) -> _Kept | None:
    name = store.seal.tag(f"receipt {receipt}")
    keys = [f"sb:{{s{shard}}}:e:{name}" for shard in range(SHARDS)]
    with answering():
        pipe = store.client.pipeline(transaction=False)
        for key in keys:
            pipe.lrange(key, 0, -1)
        for shard, items in enumerate(pipe.execute()):
            if items:
                lasts: Any = store.client.ttl(keys[shard])
                return _opened(store, shard, items, server_time(store.client) + lasts)
    names = [Archived.name(shard, name) for shard in range(SHARDS)]
    items = [*store.archive.get(names).values()] if store.archive else []
    return _archived(store, items[0]) if items else None


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
