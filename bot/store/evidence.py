"""Evidence for one receipt: what was shown, agreed to and answered (masked), signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot.store.connect import answering, server_time
from bot.store.records import ResidentKey
from bot.store.redis import SHARDS, RedisStore
from bot.store.seal import SealError


def find(store: RedisStore, receipt: str) -> dict[str, Any] | None:
    """Returns None if nothing is kept (any more). Raises StoreAway, SealError."""
    kept = _kept(store, receipt)
    if kept is None:
        return None
    shard, items = kept
    with answering():
        lasts: Any = store.client.ttl(_key(store, shard, receipt))
        until = server_time(store.client) + lasts
    return _signed(store, items, until)


def everything(store: RedisStore) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of every receipt that is kept: whose it is (a tag), and the facts. What does not open is left out.
    Reads through the whole store. Raises StoreAway."""
    with answering():
        for key in store.client.scan_iter(match="sb:{s*}:e:*", count=500):
            first: Any = store.client.lindex(key, 0)
            if first:
                with suppress(SealError):
                    yield store.forms.open_tagged(first)


def holder(store: RedisStore, receipt: str) -> ResidentKey | None:
    """Returns the owner of a receipt; the openid stays unknown ("")."""
    kept = _kept(store, receipt)
    return ResidentKey("", store.forms.open_tagged(kept[1][0])[0], kept[0]) if kept else None


def genuine(store: RedisStore, printed: Mapping[str, Any]) -> bool:
    """Checks that we printed and signed this."""
    body = {k: v for k, v in printed.items() if k != "signature"}
    return hmac.compare_digest(str(printed.get("signature", "")), _signature(store, body))


def _kept(store: RedisStore, receipt: str) -> tuple[int, list[bytes]] | None:
    """Returns the shard and what is kept there."""
    with answering():
        pipe = store.client.pipeline(transaction=False)
        for shard in range(SHARDS):
            pipe.lrange(_key(store, shard, receipt), 0, -1)
        found = pipe.execute()
    return next(((shard, items) for shard, items in enumerate(found) if items), None)


def _key(store: RedisStore, shard: int, receipt: str) -> str:
    return f"sb:{{s{shard}}}:e:{store.seal.tag(f'receipt {receipt}')}"


def _signed(store: RedisStore, items: list[bytes], until: int) -> dict[str, Any]:
    tag, facts = store.forms.open_tagged(items[0])
    turns = [json.loads(store.seal.open(item, tag)) for item in items[1:]]
    body = {
        **facts,
        "resident": tag,
        "turns": [{**turn, "time": _time(turn["at"])} for turn in turns],
        "kept_until": _time(until)[:10],
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
