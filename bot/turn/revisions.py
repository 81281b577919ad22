"""The served content: a published revision, or the directory while nothing was published.

Every process learns the revision with each message, since `begin` reads the pointer, and loads it if needed.
A process that cannot load a revision keeps its last good one and reports itself unhealthy.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.content.changes import Change, Step, changes, other_steps
from bot.content.load import Loaded, load_files
from bot.content.read.files import MISSING, OUTLETS, Files, collect, identity
from bot.content.read.source import BrokenContent
from bot.content.training import give_model
from bot.engine.content import Content
from bot.services.places import BadOutlets, Outlet, read_outlets
from bot.store.records import StoreAway
from bot.store.redis import RedisStore
from bot.store.revisions import Entry, NoRevision, RevisionStore
from bot.store.session_census import standing

log = structlog.get_logger()

HELD = 4
"""Revisions kept in memory: while pointers move, residents of two revisions write in turns."""
AGAIN = 10.0
"""Seconds until a revision that could not be loaded is tried again."""


class Moved(Exception):
    """Another operator published meanwhile: check again what would change."""


class InDoubt(Exception):
    """The store is not as it was: nothing is published until an operator has accepted that."""


@dataclass(frozen=True)
class Served:
    """A revision in memory. `published`: it came from Redis and not from the directory."""

    files: Files
    loaded: Loaded
    content: Content
    outlets: tuple[Outlet, ...]
    published: bool


class Revisions:
    """`now`: the last served one. `broken`: the revision that should be served and cannot be, or ""."""

    def __init__(
        self,
        store: RevisionStore,
        root: Path,
        language: str,
        clock: Callable[[], float] = time.monotonic,
        doubt: Callable[[], str] = lambda: "",
        face_page: bool = False,
    ) -> None:
        """`doubt`: why the store is not trusted, as bot.store.epochs. `face_page`: as in Content.

        Raises:
            BrokenContent, NoRevision: there is no content to serve.
            StoreAway: Redis did not answer.
        """
        self.store, self._language, self._clock, self._doubt = store, language, clock, doubt
        self._face_page = face_page
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Served] = OrderedDict()
        self._failed: dict[str, float] = {}
        self.broken = ""
        revision = store.pointers()[0]
        self.now = self._load(revision) if revision else self._made(collect(root), False)

    def content(self, revision: str) -> Content:
        """Returns the content of a revision, or the last good one if it cannot be loaded; "": the served
        one."""
        if revision not in ("", self.now.content.revision):
            with self._lock:
                found = self._held.get(revision) or self._try(revision)
            if found is None:
                return self.now.content
            self.now = found
            return found.content
        if revision:
            self.broken = ""
        return self.now.content

    def _try(self, revision: str) -> Served | None:
        if self._clock() - self._failed.get(revision, -AGAIN) < AGAIN:
            return None
        try:
            served = self._load(revision)
        except (BrokenContent, NoRevision, StoreAway) as e:
            self._failed[revision], self.broken = self._clock(), revision
            log.error("revision not loaded", revision=revision, cause=type(e).__name__, alert=True)
            return None
        self._failed.clear()
        self.broken = ""
        log.info("revision", revision=revision)
        return served

    def _load(self, revision: str) -> Served:
        served = self._made(self.store.files(revision), True)
        give_model(served.content.guesser, self.store.model(revision))
        self._held[revision] = served
        while len(self._held) > HELD:
            self._held.popitem(last=False)
        return served

    def _made(self, files: Files, published: bool) -> Served:
        loaded = load_files(files, self._language)
        made = loaded.content or (loaded.served if published else None)
        if made is None:
            raise BrokenContent(findings=loaded.findings)
        if loaded.content is None:
            errors = sum(x.severity == "error" for x in loaded.findings)
            log.warning("revision with findings", revision=made.revision, errors=errors)
        try:
            outlets = read_outlets(files.get(OUTLETS, MISSING), OUTLETS)
        except BadOutlets as e:
            raise BrokenContent(str(e)) from e
        content = made.with_faces(self._face_page)
        return Served(files, loaded, content, outlets, published)

    # --- publishing ---
    def draft(self, files: Files) -> Served:
        """Returns what would be published. Raises BrokenContent."""
        return self._made(files, False)

    def current(self) -> str:
        """Returns the revision that a publish would replace; "" for none. Raises StoreAway."""
        return self.store.pointers()[0]

    def publish(self, files: Files, by: str, note: str = "", base: str | None = None) -> Entry:
        """Raises BrokenContent, Moved (`base` is no longer published), InDoubt, StoreAway."""
        model = self.draft(files).content.guesser.dump()
        return self._move(identity(files), files, model, by, note, "publish", base)

    def rollback(self, revision: str, by: str, note: str = "", base: str | None = None) -> Entry:
        """Serves an earlier revision again. Raises NoRevision, BrokenContent, Moved, InDoubt, StoreAway."""
        files = self.store.files(revision)
        model = self._made(files, True).content.guesser.dump()
        return self._move(revision, files, model, by, note, "rollback", base)

    def _move(
        self, revision: str, files: Files, model: bytes, by: str, note: str, what: str, base: str | None
    ) -> Entry:
        if doubt := self._doubt():
            raise InDoubt(doubt)
        if base is not None and self.current() != base:
            raise Moved(f"{self.current()} was published meanwhile")
        self.store.keep(revision, files, model)
        before = self.current()
        entry = self.store.move(revision, by, note, what)
        if what == "rollback":
            log.warning("revision taken back", revision=before, served=revision)
        return entry


@dataclass(frozen=True)
class Preview:
    """The effect of a publish. `stand`: steps that change, with the number of residents now at them.

    `base`: the published revision, "" for none; pass it to `publish`, so that no other publish is
    overwritten.
    """

    base: str
    revision: str
    changes: tuple[Change, ...]
    stand: tuple[tuple[Step, int], ...]


def preview(revisions: Revisions, store: RedisStore, files: Files) -> Preview:
    """Compares with the served content. Raises BrokenContent, NoRevision, StoreAway."""
    base = revisions.current()
    draft = revisions.draft(files)
    revisions.content(base)
    now = revisions.now
    stand = stands(store, now.content, draft.content)
    return Preview(base, draft.content.revision, tuple(changes(now.files, files)), stand)


def stands(store: RedisStore, old: Content, new: Content) -> tuple[tuple[Step, int], ...]:
    """Returns steps that change, with the number of residents now at them. Raises StoreAway."""
    steps = other_steps(old, new)
    there = standing(store) if steps else Counter()  # it reads every session
    return tuple((step, there[step.flow, step.step]) for step in steps)
