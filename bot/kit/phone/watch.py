"""Tells whether saved content is served, and if not, what the check says."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from bot.content.changes import changes
from bot.content.load import load_files
from bot.content.messages import CHINESE, ENGLISH
from bot.content.read.files import AT_START, MISSING, OUTLETS, Files, Stamps, collect, identity, stamps
from bot.kit.phone.wire import Json
from bot.services.places import BadOutlets, read_outlets
from bot.turn.revisions import Revisions, Served

PATIENCE = 2.5
"""Seconds in which `shebao run` publishes saved content; later it does not publish it by itself."""
_SHOWN = 8


class Watch:
    """Watches the content directory. `clock`: monotonic seconds."""

    def __init__(
        self, root: Path, revisions: Revisions, language: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._revisions, self._language, self._clock = root, revisions, language, clock
        self._served = revisions.now
        self._seen: Stamps = {}
        self._saved: Files = {}
        self._at = 0.0
        self._findings: list[Json] = []
        self._news: Json = {}
        self._start = stamps(root, AT_START)
        self._lock = Lock()

    def look(self) -> Json:
        """Returns `state`: "" (nothing to say), served, refused or waiting, and its details. Raises
        StoreAway.

        served and waiting: `changes` with file, name and what. refused: `findings`, each with where and the
        sentence in zh and en. `more`: how many are left out. `again`: files that are only read at a start.
        """
        with self._lock:
            before = self._served
            now = self._now_served()
            self._read_saved(identity(now.files), now is not before)
            again = [name for name, at in stamps(self._root, AT_START).items() if at != self._start.get(name)]
            return {"again": again, **self._told(now)}

    def _now_served(self) -> Served:
        self._revisions.content(self._revisions.current())
        now = self._revisions.now
        if now is not self._served:
            changed = _listed(self._served.files, now.files)
            self._news = {"state": "served", "revision": now.content.revision, **changed}
            self._served = now
        return now

    def _read_saved(self, served: str, fresh: bool) -> None:
        there = stamps(self._root)
        if there == self._seen:
            return
        self._seen, self._saved, self._at = there, collect(self._root), self._clock()
        if identity(self._saved) != served:
            self._findings = self._check(self._saved)
        elif not fresh:  # changed back to the served content
            self._news = {}

    def _told(self, now: Served) -> Json:
        if identity(self._saved) == identity(now.files):
            return self._news or {"state": ""}
        if self._findings:
            shown = self._findings[:_SHOWN]
            return {"state": "refused", "findings": shown, "more": len(self._findings) - len(shown)}
        if self._clock() - self._at < PATIENCE:
            return {"state": ""}
        return {"state": "waiting", **_listed(now.files, self._saved)}

    def _check(self, files: Files) -> list[Json]:
        """Returns the errors; empty if the content passes."""
        loaded = load_files(files, self._language)
        if loaded.content is None:
            return [
                {
                    "where": f"{finding.file}:{finding.line}:{finding.col}",
                    "zh": finding.sentence_in(CHINESE),
                    "en": finding.sentence_in(ENGLISH),
                }
                for finding in loaded.findings
                if finding.severity == "error"
            ]
        try:
            read_outlets(files.get(OUTLETS, MISSING), OUTLETS)
        except BadOutlets as e:
            where, _, what = str(e).partition(": ")
            return [{"where": where, "zh": what, "en": what}]
        return []


def _listed(old: Files, new: Files) -> Json:
    every = [{"file": c.file, "name": c.name, "what": c.what} for c in changes(old, new)]
    return {"changes": every[:_SHOWN], "more": len(every) - len(every[:_SHOWN])}
