"""The content directory as it is now, read and checked again only when a file of it was saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock

from bot.content.load import BESIDE, Loaded, load
from bot.content.read.files import PATTERNS, Stamps, stamps
from bot.engine.scope import china_time


class Directory:
    def __init__(self, root: Path, language: str, now: Callable[[], int]) -> None:
        """`language`: the default one. `now`: epoch seconds; policy values grow old by China's days."""
        self.root, self._language, self._now = root, language, now
        self._seen: tuple[Stamps, date, Loaded] | None = None
        self._lock = Lock()

    def stamps(self) -> Stamps:
        """Of everything that the check reads."""
        return stamps(self.root, (*PATTERNS, *BESIDE))

    def loaded(self) -> Loaded:
        with self._lock:
            now, today = self.stamps(), china_time(self._now()).date()
            if self._seen is None or self._seen[:2] != (now, today):
                loaded = load(self.root, self._language, today=today)
                self._seen = (now, today, loaded)
            return self._seen[2]
