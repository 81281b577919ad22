"""The current content directory, read and checked again only after one of its files was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from threading import Lock

from bot.content.load import BESIDE, Loaded, load
from bot.content.read.files import PATTERNS, Stamps, content_of, replace_file, stamps
from bot.engine.scope import china_time


class Directory:
    def __init__(self, root: Path, language: str, now: Callable[[], int]) -> None:
        """`language`: the default one. `now`: epoch seconds; policy values expire by China's days."""
        self.root, self._language, self._now = root, language, now
        self._seen: tuple[Stamps, date, Loaded] | None = None
        self._lock = Lock()

    def stamps(self) -> Stamps:
        """Returns the stamps of all files that the check reads."""
        return stamps(self.root, (*PATTERNS, *BESIDE))

    def save(self, changed: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Write what was changed elsewhere: of each file what it was and what it is to be, b"" for none.
        False where a file is neither or cannot be written; then none is changed that comes after it."""
        try:
            there = {name: content_of(self.root / name) for name in changed}
            if any(there[name] not in sides for name, sides in changed.items()):
                return False
            for name, (_, after) in changed.items():
                if there[name] != after:
                    replace_file(self.root / name, after)
        except OSError:
            return False
        return True

    def loaded(self) -> Loaded:
        with self._lock:
            now, today = self.stamps(), china_time(self._now()).date()
            if self._seen is None or self._seen[:2] != (now, today):
                loaded = load(self.root, self._language, today=today)
                self._seen = (now, today, loaded)
            return self._seen[2]
