"""The audit log: who changed what, when, with which result; sign-ins, refused ones too. Sealed, capped."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis

from bot.store.seal import Seal, SealError

KEY, REFUSED = "console:audit", "console:refused"
KEPT = {KEY: 5000, REFUSED: 500}
"""Entries. Whoever hammers at the door must not push the changes out."""
BEGUN, DONE, FAILED = "begun", "done", "failed"
TERMINAL = "terminal"
"""The address of what was done by a command."""


@dataclass(frozen=True)
class Entry:
    """`what`: a word of words/audit.yaml. `about`: what it was done to. `at`: epoch seconds.

    `result` begun: nobody knows whether it was done, for the process ended in between.
    """

    id: str
    at: int
    who: str
    what: str
    about: str
    address: str
    result: str


class Audit:
    """Everything raises redis.RedisError."""

    def __init__(self, client: redis.Redis, seal: Seal, now: Callable[[], float]) -> None:
        self._client, self._seal, self._now = client, seal, now

    def note(self, who: str, what: str, about: str, address: str, result: str = DONE) -> None:
        """Something that is over."""
        self._write(Entry(secrets.token_hex(8), int(self._now()), who, what, about, address, result))

    @contextmanager
    def change(self, who: str, what: str, about: str, address: str) -> Iterator[Callable[[str], None]]:
        """Written before the change, so that none goes unrecorded, and again after it.

        Yields a function to call with a result other than `done`. An exception's type is the result.
        """
        id_, results = secrets.token_hex(8), [DONE]

        def write(result: str) -> None:
            self._write(Entry(id_, int(self._now()), who, what, about, address, result))

        write(BEGUN)
        try:
            yield results.append
        except Exception as e:
            write(f"{FAILED}: {type(e).__name__}")
            raise
        write(results[-1])

    def entries(self, first: int = 0, count: int = 100) -> list[Entry]:
        """Newest first; an entry that no key opens any more is left out."""
        found: dict[str, Entry] = {}
        for key in KEPT:
            for sealed in self._client.lrange(key, 0, -1):
                entry = self._opened(sealed, key)
                if entry is not None:
                    found.setdefault(entry.id, entry)  # the later one of a change stands first
        return sorted(found.values(), key=lambda e: -e.at)[first : first + count]

    def _write(self, entry: Entry) -> None:
        key = REFUSED if entry.what == "sign_in" and entry.result != DONE else KEY
        sealed = self._seal.seal(json.dumps(entry.__dict__).encode(), key)
        pipe: Any = self._client.pipeline(transaction=False)
        pipe.lpush(key, sealed)
        pipe.ltrim(key, 0, KEPT[key] - 1)
        pipe.execute()

    def _opened(self, sealed: Any, key: str) -> Entry | None:
        try:
            raw: Mapping[str, Any] = json.loads(self._seal.open(sealed, key))
        except SealError:
            return None
        return Entry(**raw)
