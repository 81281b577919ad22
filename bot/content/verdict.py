"""The result of playing the replays on two contents, which a publisher reads first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.content.read.city import RELEASE, file_of
from bot.content.read.files import Files, content_of, is_city, unpacked

REPLAYS = Path("tests/replays")
STUB = "config/stub.yaml"
LONGEST = 900
"""Seconds; the shipped replays take half a minute."""


@dataclass(frozen=True)
class Failed:
    """A failing replay. `place`: its file and line. `why`: the difference, in one line."""

    place: str
    why: str


@dataclass(frozen=True)
class Verdict:
    """`broken`: replays that passed before. `already`: those that failed before, which say nothing about this
    change. `differ`: how many bubbles differ; the most frequent `bubbles` are before, after, and the replays
    that show it. `cannot`: why nothing could be played."""

    played: int
    broken: tuple[Failed, ...] = ()
    already: tuple[Failed, ...] = ()
    bubbles: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    differ: int = 0
    cannot: str = ""

    @property
    def holds(self) -> bool:
        return not self.broken and not self.cannot


def replay_folders(root: Path) -> list[Path]:
    """Returns where the replays are: of a city's directory those of the release too."""
    shipped = [RELEASE / REPLAYS] if is_city(root) else []
    return [folder for folder in (*shipped, root / REPLAYS) if folder.is_dir()]


@contextmanager
def contents(root: Path, old: Files, new: Files) -> Iterator[tuple[Path, Path]]:
    """Unpacks both as directories. The stubs' people are no part of a revision, but replays need them."""
    stub = file_of(root, STUB)
    people = {STUB: content_of(stub)} if stub.is_file() else {}
    with unpacked({**people, **old}) as before, unpacked({**people, **new}) as after:
        yield before, after
