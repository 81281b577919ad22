"""Who is recorded, and what was heard of them so far: sealed, for a time, gone with the resident.

`begin` says with every turn whether a recording is on, and `commit` appends to it, so that whoever is not
recorded pays for one look at a key that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.store.connect import answering
from bot.store.packing import TAPE_TTL
from bot.store.records import ResidentKey
from bot.store.redis import SHARDS, RedisStore


class Recordings:
    """Raises StoreAway."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def start(self, owner: ResidentKey, seconds: int) -> None:
        """An earlier recording of theirs is dropped."""
        self.drop(owner)
        with answering():
            self._store.client.set(owner.key("rec", owner.tag), "1", ex=seconds)

    def keep_on(self, owner: ResidentKey, seconds: int) -> None:
        """Begin one, or let the one there is last that much longer."""
        with answering():
            self._store.client.set(owner.key("rec", owner.tag), "1", ex=seconds)

    def stop(self, owner: ResidentKey) -> None:
        """What was heard stays until it is dropped, at most a day."""
        with answering():
            self._store.client.delete(owner.key("rec", owner.tag))

    def items(self, owner: ResidentKey) -> list[dict[str, Any]]:
        with answering():
            sealed = self._store.client.lrange(owner.key("tape", owner.tag), 0, -1)
        return [self._store.forms.open(owner, cast(bytes, item)) for item in sealed]

    def add(self, owner: ResidentKey, item: Mapping[str, Any]) -> None:
        """What no commit writes down."""
        key = owner.key("tape", owner.tag)
        with answering():
            self._store.client.rpush(key, self._store.forms.sealed(owner, item))
            self._store.client.expire(key, TAPE_TTL)

    def drop(self, owner: ResidentKey) -> None:
        with answering():
            self._store.client.delete(owner.key("rec", owner.tag), owner.key("tape", owner.tag))

    def known_as(self, tag: str) -> ResidentKey | None:
        """The resident of whom something is held under this tag, which logs and dead letters show."""
        owners = [ResidentKey("", tag, shard) for shard in range(SHARDS)]
        with answering():
            pipe = self._store.client.pipeline(transaction=False)
            for owner in owners:
                pipe.exists(*(owner.key(kind, tag) for kind in ("s", "rec", "tape")))
            found = pipe.execute()
        return next((owner for owner, there in zip(owners, found, strict=True) if there), None)
