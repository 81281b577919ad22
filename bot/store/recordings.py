"""Who is recorded, and the items so far: sealed, for a time, deleted with the resident.

`begin` says with every turn whether a recording is on, and `commit` appends to it, so that a resident who is
not recorded costs one look at an absent key.
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
        """Starts a recording and drops an earlier one."""
        self.drop(owner)
        with answering():
            self._store.client.set(owner.key("rec", owner.tag), "1", ex=seconds)

    def keep_on(self, owner: ResidentKey, seconds: int) -> None:
        """Starts one, or lets the current one last that much longer."""
        with answering():
            self._store.client.set(owner.key("rec", owner.tag), "1", ex=seconds)

    def stop(self, owner: ResidentKey) -> None:
        """Stops it. The items stay until they are dropped, at most a day."""
        with answering():
            self._store.client.delete(owner.key("rec", owner.tag))

    def items(self, owner: ResidentKey) -> list[dict[str, Any]]:
        with answering():
            sealed = self._store.client.lrange(owner.key("tape", owner.tag), 0, -1)
        return [self._store.forms.open(owner, cast(bytes, item)) for item in sealed]

    def add(self, owner: ResidentKey, item: Mapping[str, Any]) -> None:
        """Adds an item that no commit writes."""
        key = owner.key("tape", owner.tag)
        with answering():
            self._store.client.rpush(key, self._store.forms.sealed(owner, item))
            self._store.client.expire(key, TAPE_TTL)

    def drop(self, owner: ResidentKey) -> None:
        with answering():
            self._store.client.delete(owner.key("rec", owner.tag), owner.key("tape", owner.tag))

    def known_as(self, tag: str) -> ResidentKey | None:
        """Returns the resident with stored data under this tag, which logs and dead letters show."""
        owners = [ResidentKey("", tag, shard) for shard in range(SHARDS)]
        with answering():
            pipe = self._store.client.pipeline(transaction=False)
            for owner in owners:
                pipe.exists(*(owner.key(kind, tag) for kind in ("s", "rec", "tape")))
            found = pipe.execute()
        return next((owner for owner, there in zip(owners, found, strict=True) if there), None)
