"""What an operator has just saved: which files differ from those being served, and what the check says."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from bot.content.files import Stamps
from bot.web.directory import Directory
from bot.web.phone.wire import Json

_SHOWN = 8


class Watch:
    """Compares with the moment it was made, which is when the server read its content."""

    def __init__(self, root: Path, language: str) -> None:
        self._directory = Directory(root, language)
        self._served = self._seen = self._directory.stamps()
        self._said: Json = {}
        self._lock = Lock()

    def look(self) -> Json:
        """{} while nothing differs; else `files`, `good`, and the first `findings` with file and line."""
        with self._lock:
            now = self._directory.stamps()
            if now != self._seen:
                self._seen, self._said = now, self._check(now)
            return self._said

    def _check(self, now: Stamps) -> Json:
        names = now.keys() | self._served.keys()
        files = sorted(name for name in names if now.get(name) != self._served.get(name))
        if not files:
            return {}
        loaded = self._directory.loaded()
        findings = [str(finding) for finding in loaded.findings]
        return {"files": files, "good": loaded.content is not None, "findings": findings[:_SHOWN]}
