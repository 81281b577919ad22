"""What playing the recorded conversations on two contents has shown; whoever publishes looks at it first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.content.read.files import Files, content_of, unpacked

REPLAYS = Path("tests/replays")
STUB = "config/stub.yaml"
LONGEST = 900
"""Seconds; the shipped replays take half a minute."""


@dataclass(frozen=True)
class Failed:
    """A replay that does not hold. `place`: its file and line. `why`: the difference, in one line."""

    place: str
    why: str


@dataclass(frozen=True)
class Verdict:
    """`broken`: replays that held before. `already`: those that did not, so that they say nothing about this
    change. `differ`: how many bubbles read otherwise; the most frequent `bubbles` are before, after, and the
    replays that show it. `cannot`: why nothing could be played.
    """

    played: int
    broken: tuple[Failed, ...] = ()
    already: tuple[Failed, ...] = ()
    bubbles: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    differ: int = 0
    cannot: str = ""

    @property
    def holds(self) -> bool:
        return not self.broken and not self.cannot


@contextmanager
def contents(root: Path, old: Files, new: Files) -> Iterator[tuple[Path, Path]]:
    """Both as directories. The people of the stubs are no part of a revision, but replays are about them."""
    people = {STUB: content_of(root / STUB)} if (root / STUB).is_file() else {}
    with unpacked({**people, **old}) as before, unpacked({**people, **new}) as after:
        yield before, after
