"""The content directory as it is now, read and checked again only when a file of it was saved."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Lock

from bot.content.files import PATTERNS, Stamps, stamps
from bot.content.load import BESIDE, Loaded, load


class Directory:
    def __init__(self, root: Path, language: str, dated: bool = False) -> None:
        """`language`: the default one. `dated`: the check also warns of policy values that grew old."""
        self.root, self._language, self._dated = root, language, dated
        self._seen: tuple[Stamps, date, Loaded] | None = None
        self._lock = Lock()

    def stamps(self) -> Stamps:
        """Of everything that the check reads."""
        return stamps(self.root, (*PATTERNS, *BESIDE))

    def loaded(self) -> Loaded:
        with self._lock:
            now, today = self.stamps(), date.today()
            if self._seen is None or self._seen[:2] != (now, today):
                loaded = load(self.root, self._language, today=today if self._dated else None)
                self._seen = (now, today, loaded)
            return self._seen[2]
