"""The living processes: which keys each can open, and which stored forms it reads.

Each announces itself every few seconds. A form or key that all must be able to read is written only once all
of them can: a new key seals after every living process has known it for a while, so that a rolling restart
loses nothing. The store holds which key seals, so that a new process seals as the others do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import redis
import structlog

from bot.release import release
from bot.store.connect import answering, server_time
from bot.store.seal import RINGS, Seal

log = structlog.get_logger()

KEY = "sb:fleet"
LIVES = 30
"""Seconds that an announcement is valid: longer than a restart, or a short absence of the store."""
ANNOUNCED, DEPLOYED = "announced", 3600
"""Time from which all living processes are taken to announce themselves; seconds in which a release that does
not is replaced."""
UNREAD = "unread"
UNREAD_AGAIN, UNREAD_LASTS = 60, 3600
"""Seconds until unreadable sessions are recorded again, and for which that is reported."""


class KeyMissing(ValueError):
    """The others seal with a key that this process does not hold: it could open nothing of theirs."""


@dataclass(frozen=True)
class Member:
    """A living process. `keys`: ids of those it opens; `first`: by ring, the one that it would seal with.
    `forms`: the newest schema that it reads, by kind. `revision`: what it serves; "" before it announces it.
    `id`: its own name, for its lifetime."""

    keys: tuple[str, ...]
    first: Mapping[str, str]
    release: str = ""
    forms: Mapping[str, int] = field(default_factory=dict)
    revision: str = ""
    id: str = ""


class Fleet:
    """`lives`: seconds. All requests to Redis raise StoreAway."""

    def __init__(self, client: redis.Redis, seal: Seal, forms: Mapping[str, int], lives: int = LIVES) -> None:
        self._client, self._seal, self._lives = client, seal, lives
        self._say = client.register_script((Path(__file__).parent / "fleet.lua").read_text())
        self._id = secrets.token_hex(8)
        first = {ring: seal.ids(ring)[0] for ring in RINGS}
        self._me = Member(seal.ids(), first, release(), forms, id=self._id)
        self._sealing: dict[str, str] = {}
        self._agreed: dict[str, int] = {}
        self._seen = 0
        self.members: tuple[Member, ...] = ()
        self._unread = self._announced = 0

    def founded(self, new: bool) -> None:
        """Records a start. `new`: the store is new, so every process announces itself; else a release that
        does not may still run for a while."""
        with answering():
            now = server_time(self._client)
            self._client.hsetnx(KEY, ANNOUNCED, now if new else now + DEPLOYED)

    def cannot_read(self, now: int) -> None:
        """Records for an hour, for all to see, a session whose form or key is not known here."""
        if now - self._unread > UNREAD_AGAIN:
            self._unread = now
            with answering():
                self._client.hset(KEY, UNREAD, now)

    def unread(self) -> bool:
        """Checks whether a process met such a session within the last hour, as of the last announcement."""
        return self._seen - self._unread < UNREAD_LASTS

    def say(self, revision: str = "") -> None:
        """Announces this process and what it serves. Seals from now on as the fleet does.

        Raises:
            KeyMissing.
        """
        self._me = replace(self._me, revision=revision or self._me.revision)
        self._ask([(ring, self._seal.ids(ring)[0], "") for ring in RINGS if ring not in self._sealing])
        changes = [
            (ring, self._seal.ids(ring)[0], key) for ring, key in self._sealing.items() if self._may(ring)
        ]
        if changes:
            self._ask(changes)
            for ring, new, old in changes:
                log.info("key changed", ring=ring, old=old, new=new)
        missing = {key for key in self._sealing.values() if key not in self._seal.ids()}
        if missing:
            raise KeyMissing(
                f"the other processes seal with the key {', '.join(sorted(missing))}, which is not among "
                "SHEBAO_SEAL_KEYS and SHEBAO_EVIDENCE_KEYS here: put it back, behind the others"
            )
        for ring, key in self._sealing.items():
            self._seal.use(ring, key)

    def announced(self) -> bool:
        """Checks whether all living processes announce themselves; if not, an earlier release may still
        run."""
        return self._seen >= self._announced

    def all_read(self, kind: str, form: int) -> bool:
        """Checks whether every living process reads this form, as of the last announcement; False before the
        first."""
        return (
            bool(self.members)
            and self.announced()
            and all(member.forms.get(kind, 0) >= form for member in self.members)
        )

    def _ask(self, changes: Iterable[tuple[str, str, str]]) -> None:
        given = [part for change in changes for part in change]
        me = json.dumps(asdict(self._me))
        with answering():
            got: list[bytes] = self._say(keys=[KEY], args=[self._id, me, self._lives, *given])
        now, *rest = (value.decode() for value in got)
        if int(now) - self._seen > self._lives / 2:  # others may have been cut off for as long as this one
            self._agreed.clear()
        self._seen = int(now)
        held = dict(zip(rest[::2], rest[1::2], strict=True))
        self.members, self._sealing = read(held)
        self._announced = int(held.get(ANNOUNCED, 0))
        self._unread = max(self._unread, int(held.get(UNREAD, 0)))
        for ring in RINGS:
            new = self._seal.ids(ring)[0]
            if all(new in member.keys for member in self.members):
                self._agreed.setdefault(ring, self._seen)
            else:
                self._agreed.pop(ring, None)

    def _may(self, ring: str) -> bool:
        """Checks whether our newest key has been known to all for as long as an announcement is valid, and
        none announces a newer one."""
        new, now = self._seal.ids(ring)[0], self._sealing[ring]
        if new == now or self._seen - self._agreed.get(ring, self._seen) < self._lives:
            return False
        return all(member.first.get(ring) == new for member in self.members)


def living(client: redis.Redis, lives: int = LIVES) -> tuple[tuple[Member, ...], dict[str, str]]:
    """Returns the same as `read`, without joining.

    Raises:
        StoreAway.
    """
    with answering():
        held: Any = client.hgetall(KEY)
        now = server_time(client)
    said = {name.decode(): value.decode() for name, value in held.items()}
    return read({n: v for n, v in said.items() if n[:2] != "p:" or int(v.partition(" ")[0]) >= now - lives})


def read(held: Mapping[str, str]) -> tuple[tuple[Member, ...], dict[str, str]]:
    """Returns the living processes, and by ring the key that seals."""
    members = tuple(
        _member(json.loads(text.partition(" ")[2])) for name, text in held.items() if name.startswith("p:")
    )
    return members, {n.removeprefix("seals:"): key for n, key in held.items() if n.startswith("seals:")}


def _member(said: Mapping[str, Any]) -> Member:
    more = {name: said[name] for name in ("release", "forms", "revision", "id") if name in said}
    return Member(tuple(said["keys"]), said["first"], **more)
