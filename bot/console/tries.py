"""How often somebody may try to sign in: counted in Redis, so for all processes together."""

from __future__ import annotations

import redis

from bot.store.seal import Seal

WITHIN = 900
"""Seconds."""
PAIR, ADDRESS, NAME = 5, 20, 50
"""Tries of one name from one address; from one address; of one name from anywhere."""


class Tries:
    """Names and addresses are kept as tags. Everything raises redis.RedisError."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def begin(self, name: str, address: str) -> bool:
        """Counts a try before its password is looked at; False if there were too many."""
        allowed = True
        for key, most in self._counters(name, address):
            allowed &= int(self._client.incr(key)) <= most
            if self._client.ttl(key) == -1:  # new, or it was never given one: it would lock out for good
                self._client.expire(key, WITHIN)
        return allowed

    def good(self, name: str, address: str) -> None:
        """It was the right one: only wrong ones count."""
        for key, _ in self._counters(name, address):
            if int(self._client.decr(key)) < 0:  # its time ran out in between
                self._client.delete(key)

    def _counters(self, name: str, address: str) -> list[tuple[str, int]]:
        def key(what: str) -> str:
            return f"console:tries:{self._seal.tag(f'console {what}')}"

        return [
            (key(f"pair {name} {address}"), PAIR),
            (key(f"address {address}"), ADDRESS),
            (key(f"name {name}"), NAME),
        ]
