"""What the overview shows: one sign for each part that must work."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from redis.cluster import RedisCluster

from bot.console.desk import Desk
from bot.content.errcodes import midnight, spent
from bot.content.messages import CHINESE, ENGLISH
from bot.ports import Unknown
from bot.store.connect import answering

GOOD, WARN, BAD = "good", "warn", "bad"
REACH = 1.0
"""Seconds for a connection to the bureau."""
LATE = 60
"""Seconds that a due job may wait before the workers count as too slow."""


@dataclass(frozen=True)
class CheckResult:
    """`part`, `found`, `notes`: words of words/health.yaml; `values` fill them in. `act`: a button that
    does something about it, an endpoint and a word."""

    part: str
    state: str
    found: str
    notes: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    act: str = ""


def examine(desk: Desk) -> list[CheckResult]:
    """Raises StoreAway: without Redis there is no console."""
    return [*_redis(desk), *_work(desk), *_services(desk), *_wechat(desk), *_content(desk)]


def _redis(desk: Desk) -> Iterator[CheckResult]:
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
    yield CheckResult("redis", state, "redis_answers", tuple(notes), values)


def _work(desk: Desk) -> Iterator[CheckResult]:
    waiting = desk.bot.store.jobs.waiting()
    values = {"due": waiting.due, "later": waiting.later, "lag": waiting.lag}
    late = waiting.lag > LATE
    yield CheckResult("worker", BAD if late else GOOD, "late" if late else "on_time", ("counts",), values)
    dead = len(desk.bot.store.jobs.dead())
    found, notes = ("some_dead", ("see_jobs",)) if dead else ("no_dead", ())
    yield CheckResult("dead", WARN if dead else GOOD, found, notes, {"n": dead})


def _services(desk: Desk) -> Iterator[CheckResult]:
    reached: dict[str, bool] = {}
    for part in ("real_name", "card"):
        address: str = getattr(desk.bot.settings, part)
        if address == "stub":
            yield CheckResult(part, WARN, "stub", ("stub_note",))
            continue
        host = urlsplit(address).hostname or ""
        if address not in reached:
            reached[address] = _reaches(address)
        found, note = ("bureau", "bureau_note") if reached[address] else ("bureau_away", "bureau_away_note")
        yield CheckResult(part, GOOD if reached[address] else BAD, found, (note,), {"host": host})


def _reaches(address: str) -> bool:
    """Whether a connection can be made. No request is sent: the bureau has none that means nothing."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), REACH).close()
    except OSError:
        return False
    return True


def _wechat(desk: Desk) -> Iterator[CheckResult]:
    if desk.wechat is None:
        yield CheckResult("token", WARN, "no_secret", ("no_secret_note",))
        return
    with answering():
        left, gone = desk.wechat.token_left(), desk.wechat.spent()
    if left is None:
        yield CheckResult("token", GOOD, "no_token", ("no_token_note",))
    else:
        yield CheckResult("token", GOOD, "has_token", ("renews",), {"minutes": max(left, 0) // 60})
    if gone:
        values = {"calls": spent(gone, ENGLISH), "zh_calls": spent(gone, CHINESE)}
        values["until"] = midnight(max(gone.values()))
        yield CheckResult("spent", BAD, "not_called", ("calls_spent", "reset"), values, "call_again")
    pushes = desk.bot.settings.push == "yes"
    if not pushes:
        yield CheckResult("pushes", GOOD, "no_pushes", ("no_pushes_note",))
        return
    try:
        found = desk.wechat.quota()
    except Unknown as e:
        yield CheckResult("pushes", BAD, "quota_away", ("quota_away_note",), {"why": str(e)})
        return
    values = {"left": f"{found.left:,}", "limit": f"{found.limit:,}", "used": f"{found.used:,}"}
    scarce = found.left * 10 < found.limit
    yield CheckResult(
        "pushes", WARN if scarce else GOOD, "quota", ("scarce",) if scarce else ("quota_note",), values
    )


def _content(desk: Desk) -> Iterator[CheckResult]:
    revisions = desk.bot.revisions
    pointers = set(revisions.store.pointers().values())
    revisions.content(revisions.current())
    saved = desk.directory.loaded()
    values = {"revision": revisions.now.content.revision, "pointers": len(pointers)}
    if len(pointers) > 1:
        yield CheckResult("content", BAD, "revision", ("cut_off",), values)
    elif revisions.broken:
        yield CheckResult("content", BAD, "revision", ("not_loaded",), values | {"wanted": revisions.broken})
    elif not pointers - {""}:
        yield CheckResult("content", WARN, "revision", ("unpublished",), values)
    else:
        yield CheckResult("content", GOOD, "revision", ("published",), values)
    if saved.content is None:
        errors = sum(f.severity == "error" for f in saved.findings)
        yield CheckResult("directory", WARN, "errors", ("broken",), {"n": errors})
    else:
        same = saved.content.revision == revisions.now.content.revision
        yield CheckResult("directory", GOOD, "same" if same else "differs")
