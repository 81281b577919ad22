"""Two changes of one file brought together, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

Hunk = tuple[int, int, tuple[str, ...]]
"""Lines [from, to) of the file as it was, and what stands there now."""


def merged(before: bytes, one: bytes, other: bytes) -> bytes | None:
    """Returns `before` with both changes in it; None where they change the same lines."""
    if one == other or other == before:
        return one
    if one == before:
        return other
    try:
        was, *sides = (raw.decode().splitlines(keepends=True) for raw in (before, one, other))
    except UnicodeDecodeError:
        return None
    hunks = sorted({hunk for side in sides for hunk in _hunks(was, side)})
    if any(_clash(a, b) for a, b in pairwise(hunks)):
        return None
    for start, stop, lines in reversed(hunks):
        was[start:stop] = lines
    return "".join(was).encode()


def _hunks(was: list[str], now: list[str]) -> list[Hunk]:
    found = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [(i, j, tuple(now[a:b])) for tag, i, j, a, b in found if tag != "equal"]


def _clash(a: Hunk, b: Hunk) -> bool:
    """`a` comes first. Where one only inserts, whatever it touches has no order."""
    inserts = a[0] == a[1] or b[0] == b[1]
    return b[0] < a[1] or (inserts and b[0] == a[1])
