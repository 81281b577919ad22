"""Which services are switched off, now or later: planned maintenance, and the switch for an outage.

A script may only touch one slot of a cluster, so each shard has a copy, which `begin` reads with the session:
every process knows with its next message. Writing all copies is idempotent and can be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import redis
from msgspec import json

from bot.actions import switches as services
from bot.engine.events import Maintenance
from bot.engine.scope import CHINA
from bot.store.connect import answering, server_time

_MAINTENANCE = json.Decoder(Maintenance)


class Switches:
    """Raises StoreAway from everything."""

    def __init__(self, client: redis.Redis, shards: int) -> None:
        self._client, self._shards = client, shards

    def of(self, shard: int) -> tuple[Maintenance, ...]:
        with answering():
            found: Any = self._client.hvals(key(shard))
        return read(found)

    def all(self) -> list[Maintenance]:
        """Returns what is off or will be, earliest first; also what a command that was cut off has
        written to a few shards."""
        with answering():
            now = server_time(self._client)
            pipe = self._client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.hvals(key(shard))
            found = {one for values in pipe.execute() for one in read(values)}
        return sorted((m for m in found if not 0 < m.until <= now), key=lambda m: (m.since, m.service))

    def off(self, planned: Maintenance) -> None:
        """Switches a service off for that time. Replaces what began for it at the same moment."""
        self._write("hset", planned, json.encode(planned))

    def on(self, planned: Maintenance) -> None:
        """Switches it on again, or gives the plan up."""
        self._write("hdel", planned)

    def _write(self, command: str, planned: Maintenance, *value: bytes) -> None:
        with answering():
            now = server_time(self._client)
            over = [_name(m) for m in self.of(0) if 0 < m.until <= now]
            pipe = self._client.pipeline(transaction=False)
            for shard in range(self._shards):
                if over:
                    pipe.hdel(key(shard), *over)
                getattr(pipe, command)(key(shard), _name(planned), *value)
            pipe.execute()


def read(values: Sequence[bytes]) -> tuple[Maintenance, ...]:
    return _read(tuple(values)) if values else ()


@lru_cache(maxsize=8)
def _read(values: tuple[bytes, ...]) -> tuple[Maintenance, ...]:
    return tuple(_MAINTENANCE.decode(value) for value in values)


def key(shard: int) -> str:
    return f"sb:{{s{shard}}}:off"


def _name(planned: Maintenance) -> str:
    return f"{planned.service} {planned.since}"


class BadPlan(Exception):
    """A service cannot be switched off so. `why`: service, time or order."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def plan(service: str, since: str, until: str, now: int) -> Maintenance:
    """Makes it of what an operator typed: times of China, 2026-11-27 22:00; "" for now, and for an end that
    nobody knows.

    Raises:
        BadPlan.
    """
    actions = services().get(service)
    if actions is None:
        raise BadPlan("service")
    begins, ends = _epoch(since) if since else now, _epoch(until) if until else 0
    if 0 < ends <= max(begins, now):
        raise BadPlan("order")
    return Maintenance(service, actions, begins, ends)


def _epoch(text: str) -> int:
    try:
        then = datetime.fromisoformat(text)
    except ValueError as e:
        raise BadPlan("time") from e
    if then.tzinfo is not None or not 2000 <= then.year <= 2200:
        raise BadPlan("time")
    return int((then - CHINA).replace(tzinfo=UTC).timestamp())
