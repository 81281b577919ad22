"""A copy of the whole store, to be put back later; and the beat."""

from __future__ import annotations

from typing import cast

from bot.store.redis import RedisStore

Copy = dict[bytes, bytes]


def copy_of(store: RedisStore) -> Copy:
    client = store.client
    return {key: cast(bytes, client.dump(key)) for key in client.scan_iter()}


def bring_back(store: RedisStore, copy: Copy) -> None:
    """The data as it was when it was copied."""
    store.client.flushall()
    for key, value in copy.items():
        store.client.restore(key, 0, value)


def beat(store: RedisStore) -> None:
    store.epochs.look(raises=True)
    store.epochs.look()
