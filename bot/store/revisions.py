"""Published content in Redis: immutable revisions by hash, one pointer per shard, and who moved them when.

A script may only touch one slot of a cluster, so each shard has a pointer of its own, which `begin` reads
with the session. Moving them is idempotent: whoever was interrupted publishes again.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import redis

from bot.store.connect import answering, server_time

SCHEMA = 1
KEPT = 100
"""Entries of the history; a revision that none of them names any more is removed."""
HISTORY = "sb:revisions"


class NoRevision(Exception):
    """There is no such revision, or it was written by a newer program."""


@dataclass(frozen=True)
class Entry:
    """One move of the pointers. `what`: publish or rollback. `at`: epoch seconds."""

    revision: str
    at: int
    by: str
    note: str = ""
    what: str = "publish"


class RevisionStore:
    """Raises StoreAway from everything."""

    def __init__(self, client: redis.Redis, shards: int) -> None:
        self.client, self._shards = client, shards

    def pointers(self) -> dict[int, str]:
        """By shard; "" where nothing was published. They differ while a publish is under way, or cut off."""
        with answering():
            pipe = self.client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.get(pointer(shard))
            found = pipe.execute()
        return {shard: (raw or b"").decode() for shard, raw in enumerate(found)}

    def files(self, revision: str) -> Mapping[str, bytes]:
        """Raises NoRevision."""
        with answering():
            packed = cast("bytes | None", self.client.get(_blob(revision)))
        if packed is None:
            raise NoRevision(f"revision {revision} is not in this Redis")
        held = json.loads(zlib.decompress(packed))
        if held["schema"] > SCHEMA:
            raise NoRevision(f"revision {revision} was published by a newer program")
        return {name: base64.b64decode(raw) for name, raw in held["files"].items()}

    def keep(self, revision: str, files: Mapping[str, bytes]) -> None:
        """Before any pointer names it. What is there under this hash is the same already."""
        plain = {name: base64.b64encode(raw).decode() for name, raw in files.items()}
        packed = zlib.compress(json.dumps({"schema": SCHEMA, "files": plain}).encode(), 9)
        with answering():
            self.client.set(_blob(revision), packed, nx=True)

    def move(self, revision: str, by: str, note: str, what: str) -> Entry:
        """Every pointer, then the history."""
        with answering():
            pipe = self.client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.set(pointer(shard), revision)
            pipe.execute()
            entry = Entry(revision, server_time(self.client), by, note, what)
            self.client.lpush(HISTORY, json.dumps(asdict(entry)))
        self._tidy()
        return entry

    def history(self) -> list[Entry]:
        """Newest first."""
        with answering():
            found = cast("list[bytes]", self.client.lrange(HISTORY, 0, -1))
        return [Entry(**json.loads(raw)) for raw in found]

    def _tidy(self) -> None:
        entries = self.history()
        held = {entry.revision for entry in entries[:KEPT]}
        with answering():
            for entry in entries[KEPT:]:
                if entry.revision not in held:
                    self.client.delete(_blob(entry.revision))
            self.client.ltrim(HISTORY, 0, KEPT - 1)


def pointer(shard: int) -> str:
    return f"sb:{{s{shard}}}:rev"


def _blob(revision: str) -> str:
    return f"sb:revision:{revision}"
