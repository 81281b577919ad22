"""Counts over the whole store what each key sealed, to show whether an old key can be removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import redis

from bot.store.connect import answering

BATCH = 500
_READS = {
    b"string": lambda pipe, key: pipe.get(key),
    b"list": lambda pipe, key: pipe.lrange(key, 0, -1),
    b"hash": lambda pipe, key: pipe.hvals(key),
}
_PLAIN = (b"sb:revision:", b"sb:fleet")


def census(client: redis.Redis, ids: tuple[str, ...]) -> dict[str, Counter[str]]:
    """Returns what each key sealed: kinds of Redis key, and counts. Reads the whole store.

    Raises:
        StoreAway.
    """
    found: dict[str, Counter[str]] = {name: Counter() for name in ids}
    known = {bytes.fromhex(name): name for name in ids}
    with answering():
        for key, value in _values(client):
            # a sealed value begins with its key's id; a tag or a letter may come first
            parts = (value[:4], value[1:5], value.partition(b"|")[2][:4])
            if name := next((known[part] for part in parts if part in known), ""):
                found[name][_kind(key.decode())] += 1
    return found


def _values(client: Any) -> Iterator[tuple[bytes, bytes]]:
    batch: list[bytes] = []
    for key in client.scan_iter(count=BATCH):
        if not key.startswith(_PLAIN):
            batch.append(key)
        if len(batch) == BATCH:
            yield from _read(client, batch)
            batch = []
    yield from _read(client, batch)


def _read(client: Any, keys: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.type(key)
    kinds = pipe.execute() if keys else []
    sealed = [(key, kind) for key, kind in zip(keys, kinds, strict=True) if kind in _READS]
    for key, kind in sealed:
        _READS[kind](pipe, key)
    for (key, _), held in zip(sealed, pipe.execute() if sealed else [], strict=True):
        for value in held if isinstance(held, list) else [held or b""]:
            yield key, value


def _kind(key: str) -> str:
    """Returns `e` for sb:{s7}:e:…; for another key its first word."""
    head, _, rest = key.partition("}:")
    return rest.partition(":")[0] if head.startswith("sb:{s") else key.removeprefix("sb:").partition(":")[0]
