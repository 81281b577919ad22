"""Drafts: changes of the content that are not published yet. Kept in Redis, sealed.

A draft holds the files that it changes, before and after, so it fits any content in which the lines that it
changes are as they were.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import redis

from bot.store.connect import answering
from bot.store.merge import merged
from bot.store.seal import Seal, SealError
from bot.store.wire import script

KEY = "console:drafts"
MOST = 50
"""Drafts; a new one beyond that is refused."""


_KEEP = """
local held = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if held == ARGV[3] then return 'done' end -- it was sent again
if held ~= ARGV[2] then return 'changed' end
if held == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 'many' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'done'
"""
_DROP = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= ARGV[2] then return 'changed' end
redis.call('HDEL', KEYS[1], ARGV[1])
return 'done'
"""


class TooMany(Exception):
    """There are too many drafts: publish some, or take them back."""


class Changed(Exception):
    """Somebody changed or dropped the draft since it was read."""


class Overtaken(Exception):
    """Somebody else changed what the draft changes. The text names the file."""


@dataclass(frozen=True)
class Draft:
    """`by`: its author. `at`: when it was last changed, epoch seconds. `files`: each changed one before and
    after; b"" if there is none. `reviewed`: the colleague who said that exactly this may be published, "" for
    nobody yet. `stored`: as it was read, b"" for a new one; nothing else is overwritten."""

    id: str
    by: str
    at: int
    files: Mapping[str, tuple[bytes, bytes]]
    reviewed: str = ""
    stored: bytes = field(default=b"", compare=False, repr=False)

    def over(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Returns the content with the draft in it, beside what was changed there since.

        Raises:
            Overtaken: the same lines were changed elsewhere.
        """
        changed = dict(files)
        for name, (before, after) in self.files.items():
            made = merged(before, after, files.get(name, b""))
            if made is None:
                raise Overtaken(name)
            changed[name] = made
        return {name: raw for name, raw in changed.items() if raw or name not in self.files}


def drafted(
    by: str, at: int, base: Mapping[str, bytes], new: Mapping[str, bytes], on: Draft | None = None
) -> Draft:
    """Returns what `new` changes in `base`. `on`: the draft that this continues; its changes are in `new`."""
    names = sorted(name for name in {*base, *new} if base.get(name) != new.get(name))
    files = {name: (base.get(name, b""), new.get(name, b"")) for name in names}
    return Draft(on.id if on else secrets.token_hex(4), by, at, files, stored=on.stored if on else b"")


class Drafts:
    """Raises StoreAway from everything."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal
        self._keep, self._drop = script(client, _KEEP), script(client, _DROP)

    def all(self) -> list[Draft]:
        """Returns drafts, last changed first, without those that no key opens any more."""
        with answering():
            found = cast("dict[bytes, bytes]", self._client.hgetall(KEY))
        drafts = (self._opened(id_.decode(), raw) for id_, raw in found.items())
        return sorted((draft for draft in drafts if draft), key=lambda draft: (-draft.at, draft.id))

    def get(self, id_: str) -> Draft | None:
        with answering():
            raw = cast("bytes | None", self._client.hget(KEY, id_))
        return self._opened(id_, raw) if raw else None

    def keep(self, draft: Draft) -> None:
        """Stores a draft.

        Raises:
            Changed: not what it was read as.
            TooMany: there are MOST already.
        """
        files = {
            name: [base64.b64encode(raw).decode() for raw in sides] for name, sides in draft.files.items()
        }
        held = {"by": draft.by, "at": draft.at, "files": files, "reviewed": draft.reviewed}
        raw = json.dumps(held).encode()
        sealed = self._seal.seal(raw, f"{KEY}:{draft.id}")
        with answering():
            answer = self._keep([KEY], [draft.id, draft.stored, sealed, MOST])
        if answer == b"many":
            raise TooMany
        self._done(answer)

    def drop(self, draft: Draft) -> None:
        """Removes a draft, if it is still there.

        Raises:
            Changed: it is not what was read.
        """
        with answering():
            self._done(self._drop([KEY], [draft.id, draft.stored]))

    def _done(self, answer: bytes) -> None:
        if answer != b"done":
            raise Changed

    def _opened(self, id_: str, sealed: bytes) -> Draft | None:
        try:
            held = json.loads(self._seal.open(sealed, f"{KEY}:{id_}"))
        except SealError:
            return None
        files = {name: (base64.b64decode(a), base64.b64decode(b)) for name, (a, b) in held["files"].items()}
        return Draft(id_, held["by"], held["at"], files, held.get("reviewed", ""), sealed)
