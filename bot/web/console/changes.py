"""What differs between two revisions' files, line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from bot.content.files import Files

MOST = 1500
"""Lines shown of one comparison; the rest is counted."""


@dataclass(frozen=True)
class Change:
    """One file. `what`: added, removed or changed. `lines`: of a unified diff, each with its sign; `cut`: how
    many more there are."""

    file: str
    what: str
    plus: int
    minus: int
    lines: tuple[str, ...]
    cut: int = 0


def changes(old: Files, new: Files) -> list[Change]:
    """By file name; empty if they are the same."""
    found: list[Change] = []
    left = MOST
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        lines = tuple(difflib.unified_diff(_lines(before), _lines(after), n=2, lineterm=""))[2:]
        what = "added" if before is None else "removed" if after is None else "changed"
        plus, minus = (sum(line.startswith(sign) for line in lines) for sign in "+-")
        shown = lines[:left]
        left -= len(shown)
        found.append(Change(name, what, plus, minus, shown, len(lines) - len(shown)))
    return found


def _lines(raw: bytes | None) -> list[str]:
    return (raw or b"").decode("utf-8", "replace").splitlines()
