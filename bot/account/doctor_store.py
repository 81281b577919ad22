"""The part of `shebao doctor` about the store: Redis, keys, sessions, revisions, jobs.

Where a call raises Unknown, `examine` goes on: that Redis is away is a result of `redis`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from bot.account.checks import CheckResult, Diagnostics, bad, caution, good
from bot.content.messages import Phrase, listed, phrase
from bot.engine.events import Maintenance
from bot.engine.scope import china_time
from bot.ports import Unknown

MAX_LAG = 3
"""Seconds; with a longer min-replicas-max-lag a replaced primary accepts writes for that long."""
LATE = 60
"""Seconds that a due job may wait before the workers count as too slow."""


def redis(p: Diagnostics) -> Iterator[CheckResult]:
    if p.redis is None:
        yield bad("redis.url")
        return
    try:
        # hosted servers hide CONFIG; INFO has what matters
        started = time.monotonic()
        server, memory, disk = (p.redis.info(part) for part in ("server", "memory", "persistence"))
        ms = round((time.monotonic() - started) * 1000, 1)
        fsync = _text(next(iter(p.redis.config_get("appendfsync").values()), ""))
    except Unknown as e:
        yield bad("redis.away", {"why": str(e)})
        return
    version = _text(server.get("valkey_version") or server.get("redis_version", "0"))
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    about = {
        "name": "Valkey" if server.get("valkey_version") else "Redis",
        "version": version,
        "ms": ms,
        "memory": _text(memory.get("used_memory_human", "?")),
    }
    yield bad("redis.old", about) if numbers < (6, 2) else good("redis.good", about)
    policy = _text(memory.get("maxmemory_policy", "noeviction"))
    yield good("eviction.good") if policy == "noeviction" else bad("eviction.wrong", {"policy": policy})
    if _text(disk.get("aof_enabled", "0")) == "1":
        yield good("persistence.good", {"fsync": f" (appendfsync {fsync})" if fsync else ""})
    else:
        yield caution("persistence.off")


def guard(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks that a primary without replicas, which may be replaced already, refuses writes it would lose."""
    if p.redis is None or not p.copies:
        return
    found = [p.redis.config_get(f"min-replicas-{name}") for name in ("to-write", "max-lag")]
    if not all(found):
        yield caution("guard.hidden")
        return
    write, lag = (int(_text(next(iter(f.values())))) for f in found)
    enough = write >= 1 and 0 < lag <= MAX_LAG
    yield good("guard.good", {"size": write}) if enough else bad("guard.off")


def fleet(p: Diagnostics) -> Iterator[CheckResult]:
    """Whether all processes are of one release."""
    found = p.redis.releases() if p.redis else {}
    about = {
        "size": sum(found.values()),
        "releases": ", ".join(f"{name or '?'} ×{n}" for name, n in sorted(found.items())),
    }
    if len(found) > 1:
        yield caution("fleet.mixed", about)
    elif found:
        yield good("fleet.good", about)


def old_keys(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks whether a key that no longer seals can be removed."""
    if p.keys is None:
        return
    keys = p.keys()
    for name, sealed in keys.old.items():
        rest = {kind: n for kind, n in sealed.items() if n}
        about = {"key": name, "behind": keys.behind, "count": sum(rest.values())}
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(rest.items()))
        if name in keys.seals:
            yield caution("seal.still", about) if keys.behind else good("seal.still", about)
        elif rest and set(rest) <= {"e"}:
            yield caution("seal.evidence", about)
        elif rest:
            yield good("seal.remains", {**about, "kinds": kinds})
        else:
            yield caution("seal.may_go", about)


def sessions(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks for sessions that this release cannot read."""
    if p.sessions is None:
        return
    unread, size = p.sessions()
    about = {"unread": unread, "size": size}
    yield bad("sessions.unread", about) if unread else good("sessions.good", about)


def content(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks the served revision, and the content directory beside it."""
    served: set[str] = set()
    try:
        served = set(p.redis.pointers().values()) if p.redis else served
    except Unknown:
        yield caution("revision.silent")
    if len(served) > 1:
        yield bad("revision.torn", {"size": len(served)})
    elif p.broken:
        yield bad("revision.broken", {"revision": p.broken})
    elif any(served):
        yield good("revision.good", {"revision": next(iter(served))})
    elif served:
        yield good("revision.none")
    if p.errors:
        about = {"errors": p.errors}
        yield caution("content.errors", about) if any(served) else bad("content.errors", about)
    elif any(served) and p.revision and served != {p.revision}:
        yield good("content.differs")
    else:
        yield good("content.good")


def work(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks the workers' open jobs and failed jobs."""
    if p.redis is None:
        return
    found = p.redis.waiting()
    about = {"due": found.due, "later": found.later, "lag": found.lag}
    yield bad("work.late", about) if found.lag > LATE else good("work.good", about)
    size = p.redis.dead()
    yield caution("dead.some", {"size": size}) if size else good("dead.none")
    if off := p.redis.off():
        yield caution(
            "maintenance.off",
            {"services": lambda language: listed((planned(m)(language) for m in off), language)},
        )


def planned(off: Maintenance) -> Phrase:
    """Returns which service is switched off, since when and until when."""
    since, until = (f"{china_time(at):%Y-%m-%d %H:%M}" for at in (off.since, off.until))
    return phrase("off_until" if off.until else "off_open", service=off.service, since=since, until=until)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
