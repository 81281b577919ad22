"""What a publish would do to the recorded conversations: which replays it breaks, which bubbles differ.

`python -m bot.replay.gate ROOT BEFORE AFTER LANGUAGE` plays them in a process that answers no resident, and
prints the verdict as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import logs
from bot.content.files import Files, content_of, unpacked
from bot.replay.conversation import Conversation
from bot.replay.fixture import BadReplay, load
from bot.replay.play import Came, Played
from bot.replay.report import describe
from bot.replay.run import files
from bot.replay.stage import CannotPlay, Scenery, scenery
from bot.replay.twin import in_each_language

REPLAYS = Path("tests/replays")
STUB = "config/stub.yaml"
SHOWN = 20
"""Bubbles."""
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


def from_plain(raw: Mapping[str, Any]) -> Verdict:
    """What `asdict` and JSON made of one."""
    broken, already = (tuple(Failed(**one) for one in raw[name]) for name in ("broken", "already"))
    bubbles = tuple((before, after, tuple(names)) for before, after, names in raw["bubbles"])
    return Verdict(raw["played"], broken, already, bubbles, raw["differ"], raw["cannot"])


@contextmanager
def contents(root: Path, old: Files, new: Files) -> Iterator[tuple[Path, Path]]:
    """Both as directories. The people of the stubs are no part of a revision, but replays are about them."""
    people = {STUB: content_of(root / STUB)} if (root / STUB).is_file() else {}
    with unpacked({**people, **old}) as before, unpacked({**people, **new}) as after:
        yield before, after


def verdict(root: Path, before: Path, after: Path, language: str) -> Verdict:
    """`root`: where the replays are. `before`, `after`: content directories. Never raises for what stands
    in them."""
    paths = files([root / REPLAYS]) if (root / REPLAYS).is_dir() else []
    if not paths:
        return Verdict(0)
    try:
        old, new = scenery(before, language), scenery(after, language)
    except (CannotPlay, ValueError) as e:
        return Verdict(0, cannot=str(e))
    broken: list[Failed] = []
    already: list[Failed] = []
    bubbles: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        was, now = _Side(path, old), _Side(path, new)
        if now.why:
            name = path.relative_to(root) if path.is_relative_to(root) else path
            failed = Failed(f"{name}:{now.line}", now.why)
            (already if was.why and was.turn <= now.turn else broken).append(failed)
        for pair in _pairs(was, now):
            names = bubbles.setdefault(pair, [])
            names += [path.name] if path.name not in names else []
    most = sorted(bubbles.items(), key=lambda item: -len(item[1]))[:SHOWN]
    shown = tuple((*pair, tuple(names)) for pair, names in most)
    return Verdict(len(paths), tuple(broken), tuple(already), shown, len(bubbles))


class _Side:
    """One replay on one content. `why`: "" where it holds; else at `line` and `turn` (0: the file)."""

    def __init__(self, path: Path, on: Scenery) -> None:
        self.on, self.why, self.line, self.turn = on, "", 1, 0
        self.played: list[Played] = []
        self.conversation: Conversation | None = None
        try:
            self.conversation = load(path, on.root)
        except BadReplay as e:
            self.why, self.line = e.findings[0].sentence, e.findings[0].line
            return
        self.played = in_each_language(self.conversation, on)
        if failure := self.played[-1].failure:
            self.why = describe(failure, path.parent).split("\n")[0].partition(": ")[2]
            self.line, self.turn = failure.line, failure.turn

    def came(self, whole: bool) -> list[Came]:
        """`whole`: also what came after a difference."""
        if self.conversation is None:
            return []
        played = in_each_language(self.conversation, self.on, update=True) if whole else self.played
        return [came for one in played for came in one.came]


def _pairs(was: _Side, now: _Side) -> list[tuple[str, str]]:
    """Bubbles that differ, in the order of the turns."""
    whole = bool(was.why or now.why)
    pairs = zip(was.came(whole), now.came(whole), strict=False)
    shown = [(_shown(one), _shown(other)) for one, other in pairs]
    return list(dict.fromkeys(pair for pair in shown if pair[0] != pair[1]))


def _shown(came: Came) -> str:
    return "\n".join(
        bubble.shown() for bubble in (*came.pushed, *came.bubbles) if bubble.shown() != "nothing"
    )


def main(root: str, before: str, after: str, language: str) -> None:
    os.nice(10)
    signal.alarm(LONGEST)
    logs.configure("CRITICAL")
    found = verdict(Path(root), Path(before), Path(after), language)
    json.dump(asdict(found), sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
