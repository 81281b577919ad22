"""What the overview shows: one sign for each part that must work."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from redis.cluster import RedisCluster

from bot.store.connect import answering
from bot.web.console.desk import Desk

GOOD, WARN, BAD = "good", "warn", "bad"
LATE = 60
"""Seconds that a due job may wait before the workers count as too slow."""


@dataclass(frozen=True)
class Sign:
    """`part`, `found`, `notes`: words of words/health.yaml; `values` fill them in."""

    part: str
    state: str
    found: str
    notes: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def examine(desk: Desk) -> list[Sign]:
    """Raises StoreAway: without Redis there is no console."""
    return [*_redis(desk), *_work(desk), *_services(desk), *_content(desk)]


def _redis(desk: Desk) -> Iterator[Sign]:
    client = desk.bot.client
    with answering():
        started = time.monotonic()
        client.ping()
        took = round((time.monotonic() - started) * 1000, 1)
        node: dict[str, Any] = (
            {"target_nodes": client.get_random_node()} if isinstance(client, RedisCluster) else {}
        )
        info: Any = client.info(**node)
    name = "Valkey" if info.get("valkey_version") else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "?")
    notes, state = ["memory"], GOOD
    if not info.get("aof_enabled"):
        notes.append("no_aof")
        state = WARN
    if info.get("maxmemory_policy", "noeviction") != "noeviction":
        notes.append("evicts")
        state = BAD
    values = {"name": name, "version": version, "ms": took, "memory": info.get("used_memory_human", "?")}
    yield Sign("redis", state, "redis_answers", tuple(notes), values)


def _work(desk: Desk) -> Iterator[Sign]:
    waiting = desk.bot.store.jobs.waiting()
    values = {"due": waiting.due, "later": waiting.later, "lag": waiting.lag}
    late = waiting.lag > LATE
    yield Sign("worker", BAD if late else GOOD, "late" if late else "on_time", ("counts",), values)
    dead = len(desk.bot.store.jobs.dead())
    found, notes = ("some_dead", ("see_jobs",)) if dead else ("no_dead", ())
    yield Sign("dead", WARN if dead else GOOD, found, notes, {"n": dead})


def _services(desk: Desk) -> Iterator[Sign]:
    for part in ("real_name", "card"):
        address: str = getattr(desk.bot.settings, part)
        if address == "stub":
            yield Sign(part, WARN, "stub", ("stub_note",))
        else:
            yield Sign(part, GOOD, "bureau", (), {"host": re.sub(r".*@", "", urlsplit(address).netloc)})


def _content(desk: Desk) -> Iterator[Sign]:
    served = desk.bot.content.revision
    saved = desk.directory.loaded()
    if saved.content is None:
        errors = sum(f.severity == "error" for f in saved.findings)
        yield Sign("content", BAD, "revision", ("broken",), {"revision": served, "n": errors})
    else:
        notes = ("differs",) if saved.content.revision != served else ("same",)
        yield Sign("content", GOOD, "revision", notes, {"revision": served})
