"""The result of playing the replays on two contents, which a publisher reads first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.content.read.city import RELEASE, file_of
from bot.content.read.files import STUB, Files, content_of, is_city, unpacked

REPLAYS = Path("tests/replays")
LONGEST = 900
"""Seconds; the shipped replays take half a minute."""


@dataclass(frozen=True)
class Failed:
    """A failing replay. `place`: its file and line. `why`: the difference, in one line."""

    place: str
    why: str


@dataclass(frozen=True)
class Bubble:
    """What the account said `before` the change and says `after` it; "" for nothing. `replays`: those that
    show it. `flow`: whose words it is, "" for nobody's."""

    before: str
    after: str
    replays: tuple[str, ...]
    flow: str = ""


@dataclass(frozen=True)
class Verdict:
    """`broken`: replays that passed before. `already`: those that failed before, which say nothing about this
    change. `differ`: how many bubbles differ; `bubbles` are the most frequent. `cannot`: why nothing could be
    played."""

    played: int
    broken: tuple[Failed, ...] = ()
    already: tuple[Failed, ...] = ()
    bubbles: tuple[Bubble, ...] = ()
    differ: int = 0
    cannot: str = ""

    @property
    def holds(self) -> bool:
        return not self.broken and not self.cannot

    @property
    def by_flow(self) -> list[tuple[str, list[Bubble]]]:
        """Returns the bubbles of each flow, that with the most first."""
        found: dict[str, list[Bubble]] = {}
        for bubble in self.bubbles:
            found.setdefault(bubble.flow, []).append(bubble)
        return sorted(found.items(), key=lambda item: -len(item[1]))


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
