"""Published content in Redis: immutable revisions by hash, one pointer per shard, and a history.

A script may only touch one slot of a cluster, so each shard has a pointer of its own, which `begin` reads
with the session. Moving them is idempotent: an interrupted publish can be repeated.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import cast

import redis

from bot.store.connect import answering, server_time

SCHEMA = 1
KEPT = 100
"""Entries of the history; a revision that none of them names is removed."""
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


NOW, TAKEN_BACK = "now", "taken_back"


@dataclass(frozen=True)
class Past:
    """The served revisions. `rows`: the history, newest first, each with its state: served now, taken back,
    or "". `before`: the target of a rollback, "" for nothing.

    A rollback takes back whatever was published since its target, so that a second one goes further back and
    none goes to what was taken back. A publish that was cut off was never served: its rollback goes to the
    last entry of the history.
    """

    rows: tuple[tuple[Entry, str], ...]
    before: str

    def state(self, revision: str) -> str:
        """Returns the state of its last entry; "" if there is none."""
        return next((state for entry, state in self.rows if entry.revision == revision), "")


def past(history: Sequence[Entry], pointers: Collection[str]) -> Past:
    """`history`: newest first. `pointers`: the revisions that the shards serve now."""
    entries = list(reversed(history))
    served, *others = set(pointers) or {""}
    whole = not others and served != ""  # else cut off, or nothing was published
    if whole and (not entries or entries[-1].revision != served):  # cut off before it was recorded
        known = any(entry.revision == served for entry in entries)
        entries.append(Entry(served, 0, "", what="rollback" if known else "publish"))  # at: not known
    stays: list[tuple[str, list[int]]] = []
    states = [""] * len(entries)
    for number, entry in enumerate(entries):
        if entry.what == "rollback" and entry.revision in (name for name, _ in stays):
            while stays[-1][0] != entry.revision:
                for taken in stays.pop()[1]:
                    states[taken] = TAKEN_BACK
        if not stays or stays[-1][0] != entry.revision:
            stays.append((entry.revision, []))
        stays[-1][1].append(number)
    if whole:
        states[-1] = NOW
        stays.pop()
    return Past(tuple(zip(entries, states, strict=True))[::-1], stays[-1][0] if stays else "")


class RevisionStore:
    """Raises StoreAway from everything."""

    def __init__(self, client: redis.Redis, shards: int) -> None:
        self.client, self._shards = client, shards

    def pointers(self) -> dict[int, str]:
        """Returns pointers by shard; "" if nothing was published. They differ during a publish, or after a
        cut-off."""
        with answering():
            pipe = self.client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.get(pointer(shard))
            found = pipe.execute()
        return {shard: (raw or b"").decode() for shard, raw in enumerate(found)}

    def files(self, revision: str) -> Mapping[str, bytes]:
        """Raises NoRevision."""
        with answering():
            packed = cast("bytes | None", self.client.get(_blob(revision))) if revision.isalnum() else None
        if packed is None:
            raise NoRevision(f"revision {revision} is not in this Redis")
        held = json.loads(zlib.decompress(packed))
        if held["schema"] > SCHEMA:
            raise NoRevision(f"revision {revision} was published by a newer program")
        return {name: base64.b64decode(raw) for name, raw in held["files"].items()}

    def model(self, revision: str) -> bytes:
        """Returns the model trained at its publish; b"" if there is none."""
        with answering():
            return cast("bytes | None", self.client.get(_model(revision))) or b""

    def keep(self, revision: str, files: Mapping[str, bytes], model: bytes = b"") -> None:
        """Stores a revision before any pointer names it. Existing files under this hash are the same already.
        Without `model`, each process trains it when loading."""
        plain = {name: base64.b64encode(raw).decode() for name, raw in files.items()}
        packed = zlib.compress(json.dumps({"schema": SCHEMA, "files": plain}).encode(), 9)
        with answering():
            self.client.set(_blob(revision), packed, nx=True)
            self.client.set(_model(revision), model)

    def move(self, revision: str, by: str, note: str, what: str) -> Entry:
        """Moves every pointer, then writes the history; before that, entries that an earlier move missed."""
        missed = [entry for entry, _ in self.past().rows if entry.at == 0]
        with answering():
            for entry in missed:
                self._note(replace(entry, at=server_time(self.client)))
            pipe = self.client.pipeline(transaction=False)
            for shard in range(self._shards):
                pipe.set(pointer(shard), revision)
            pipe.execute()
            entry = Entry(revision, server_time(self.client), by, note, what)
            self._note(entry)
        self._tidy()
        return entry

    def _note(self, entry: Entry) -> None:
        self.client.lpush(HISTORY, json.dumps(asdict(entry)))

    def past(self) -> Past:
        return past(self.history(), self.pointers().values())

    def history(self) -> list[Entry]:
        """Returns entries, newest first."""
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
                    self.client.delete(_model(entry.revision))
            self.client.ltrim(HISTORY, 0, KEPT - 1)


def pointer(shard: int) -> str:
    return f"sb:{{s{shard}}}:rev"


def _blob(revision: str) -> str:
    return f"sb:revision:{revision}"


def _model(revision: str) -> str:
    """Returns the key of its model: beside the files and not in the hash, since it follows from them."""
    return f"{_blob(revision)}:model"
