"""The current content directory, read and checked again only after one of its files was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Lock

from bot.content.load import Loaded, load
from bot.content.read import city
from bot.content.read.files import (
    BESIDE,
    MISSING,
    PATTERNS,
    Files,
    Stamps,
    collect,
    content_of,
    is_city,
    own,
    replace_file,
    revised,
    stamps,
)
from bot.content.read.own_files import Shipped
from bot.content.read.source import BrokenContent
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

    def save(self, before: Files, after: Files) -> bool:
        """Write what was changed elsewhere; of a city what it changes in the city's own files. False where a
        file is neither as it was nor as it is to be, or cannot be written; then none is changed that comes
        after it."""
        old, new = before, after
        if is_city(self.root):
            try:
                made = city.edited(self.root, before, after)
            except Shipped:
                made = None
            if made is None:
                return dict(collect(self.root)) == dict(after)
            old, new = own(self.root), made
        names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        saved = self._replace({name: (old.get(name, b""), new.get(name, b"")) for name in names})
        with suppress(BrokenContent, OSError):  # what it rests on; a publish from the directory notes it too
            if saved and is_city(self.root):
                city.note(self.root)
        return saved

    def settled(self, before: Files, after: Files) -> Files:
        """`after`, as this directory would publish it once it holds that.

        Raises:
            Shipped.
        """
        made = city.edited(self.root, before, after) if is_city(self.root) else None
        return after if made is None else revised(city.over_release(made))

    def _replace(self, changed: Mapping[str, tuple[bytes, bytes]]) -> bool:
        try:
            found = {name: content_of(self.root / name) for name in changed}
            there = {name: b"" if raw == MISSING else raw for name, raw in found.items()}
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
