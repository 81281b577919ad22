"""What the page keeps in Redis for some minutes: sealed, each under a name that only its holder knows."""

from __future__ import annotations

import secrets
from typing import Generic, TypeVar, cast

import redis
from msgspec import Struct, json

from bot.store.connect import answering
from bot.store.seal import Seal, SealError
from bot.store.wire import script

T = TypeVar("T", bound=Struct)
USED = b"used"
_USE = """
local held = redis.call('GET', KEYS[1])
if not held or string.sub(held, 1, 4) == 'used' then return held == ARGV[1] end
return redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
"""
"""A command that was not answered is sent again: one's own use is known by its value."""
_CHANGE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
"""


def too_often(client: redis.Redis, key: str, most: int) -> bool:
    """Counts one more try: whether they are more than `most` within a minute. Raises StoreAway."""
    with answering():
        tries = client.incr(key)
        if tries == 1 or client.ttl(key) == -1:
            client.expire(key, 60)
    return tries > most


class Sealed(Generic[T]):
    """Of one type. Everything raises StoreAway. `kind`: the first part of each key; `lasts`: seconds."""

    def __init__(self, client: redis.Redis, seal: Seal, kind: str, type_: type[T], lasts: int) -> None:
        self._client, self._seal, self._kind, self._lasts = client, seal, kind, lasts
        self._decoder = json.Decoder(type_)
        self._use, self._change = script(client, _USE), script(client, _CHANGE)

    def keep(self, name: str, value: T, new: bool = False) -> None:
        """Nothing, unless it is new, where it was dropped meanwhile."""
        key = self._key(name)
        with answering():
            self._client.set(key, self._seal.seal(json.encode(value), key), ex=self._lasts, xx=not new)

    def change(self, name: str, before: T, after: T) -> None:
        """Nothing where it was changed or dropped meanwhile."""
        key = self._key(name)
        with answering():
            found = cast("bytes | None", self._client.get(key))
            if found and self._opened(key, found) == before:
                self._change([key], [found, self._seal.seal(json.encode(after), key), self._lasts])

    def find(self, name: str, again: bool = False) -> T | None:
        """None: there is none, or it does not open. `again`: it lasts as long once more."""
        key = self._key(name)
        with answering():
            found = self._client.getex(key, ex=self._lasts) if again else self._client.get(key)
        return self._opened(key, cast("bytes | None", found))

    def use(self, name: str) -> bool:
        """Once: False for whoever comes second, and `used` tells why."""
        with answering():
            return bool(self._use([self._key(name)], [USED + secrets.token_bytes(8)]))

    def used(self, name: str) -> bool:
        with answering():
            return _used(cast("bytes | None", self._client.get(self._key(name))))

    def drop(self, name: str) -> None:
        with answering():
            self._client.delete(self._key(name))

    def _key(self, name: str) -> str:
        return f"page:{self._kind}:{self._seal.tag(f'page {self._kind} {name}')}"

    def _opened(self, key: str, found: bytes | None) -> T | None:
        if not found or _used(found):
            return None
        try:
            return self._decoder.decode(self._seal.open(found, key))
        except SealError:
            return None


def _used(found: bytes | None) -> bool:
    return found is not None and found.startswith(USED)
