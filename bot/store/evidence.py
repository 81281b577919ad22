"""Evidence for one receipt: what was shown, agreed to and answered (masked), signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.store.connect import answering
from bot.store.redis import SHARDS, RedisStore


def find(store: RedisStore, receipt: str) -> dict[str, Any] | None:
    """None where nothing is kept (any more). Raises StoreAway, SealError."""
    name = store.seal.tag(f"receipt {receipt}")
    with answering():
        for shard in range(SHARDS):
            key = f"sb:{{s{shard}}}:e:{name}"
            items: Any = store.client.lrange(key, 0, -1)
            if items:
                lasts: Any = store.client.ttl(key)
                now: Any = datetime.now(UTC).timestamp()
                return _signed(store, items, int(now + lasts))
    return None


def genuine(store: RedisStore, printed: Mapping[str, Any]) -> bool:
    """Whether this is what we printed and signed."""
    body = {k: v for k, v in printed.items() if k != "signature"}
    return hmac.compare_digest(str(printed.get("signature", "")), _signature(store, body))


def _signed(store: RedisStore, items: list[bytes], until: int) -> dict[str, Any]:
    tag, facts = store.open_tagged(items[0])
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
