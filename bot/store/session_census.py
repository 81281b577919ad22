"""Counts at which steps residents are now, from the sealed sessions; no resident is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from bot.engine.session import Session
from bot.store.connect import answering
from bot.store.redis import RedisStore
from bot.store.seal import SealError

BATCH = 500
LOOKED_AT = 20_000


def standing(store: RedisStore) -> Counter[tuple[str, str]]:
    """Counts residents by (flow, step) of all their open and suspended runs.

    A session that cannot be opened counts under ("", "").

    Raises:
        StoreAway: Redis did not answer.
    """
    found: Counter[tuple[str, str]] = Counter()
    for session in _sessions(store):
        found.update(_places(session) if session is not None else {("", "")})
    return found


def unread(store: RedisStore, most: int = LOOKED_AT) -> tuple[int, int]:
    """Returns how many sessions cannot be read here, and of how many: all of them, or a sample.

    Raises:
        StoreAway.
    """
    found = Counter(session is None for session in islice(_sessions(store), most))
    return found[True], found.total()


def _places(session: Session) -> set[tuple[str, str]]:
    frames = (*session.frames, *(session.suspended.frames if session.suspended else ()))
    return {(frame.flow, frame.step) for frame in frames}


def _sessions(store: RedisStore) -> Iterator[Session | None]:
    client: Any = store.client
    with answering():
        keys: list[bytes] = []
        for key in client.scan_iter(match="sb:{s*}:s:*", count=BATCH):
            keys.append(key)
            if len(keys) == BATCH:
                yield from _opened(store, keys)
                keys = []
        yield from _opened(store, keys)


def _opened(store: RedisStore, keys: list[bytes]) -> Iterator[Session | None]:
    pipe = store.client.pipeline(transaction=False)
    for key in keys:
        pipe.hget(key.decode(), "d")
    for key, sealed in zip(keys, cast("list[bytes | None]", pipe.execute()), strict=True):
        if sealed is None:  # expired meanwhile
            continue
        try:
            tag = key.decode().rpartition(":")[2]
            yield store.forms.session(tag, sealed)
        except SealError:
            yield None
