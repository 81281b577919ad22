"""Reports what a publish would change in the replays: which ones it breaks, which bubbles differ.

`python -m bot.kit.replay.gate ROOT BEFORE AFTER LANGUAGE` plays them in a process that answers no
resident, and prints the verdict as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bot import logs
from bot.content.read import city
from bot.content.read.files import collect, is_city
from bot.content.verdict import LONGEST, Bubble, Failed, Verdict, replay_folders
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.fixture import BadReplay, load
from bot.kit.replay.play import Played
from bot.kit.replay.player import Came
from bot.kit.replay.report import describe
from bot.kit.replay.run import CHUNK, Options, files, one, scenery_of, spread
from bot.kit.replay.stage import CannotPlay
from bot.kit.replay.twin import in_each_language

COMMON = "common"
SHOWN = 60
"""The most bubbles that are kept."""


def verdict(root: Path, before: Path, after: Path, language: str) -> Verdict:
    """Compares the replays below `root` on two content directories. Never raises for what is in them."""
    paths = files(replay_folders(root))
    if not paths:
        return Verdict(0)
    if not is_city(root):
        return _verdict(root, paths, Options(before, language=language), Options(after, language=language))
    with city.played(collect(before)) as was, city.played(collect(after)) as now:
        sides = (
            Options(own, language=language, release=city.RELEASE, ruled=ruled) for own, ruled in (was, now)
        )
        return _verdict(root, paths, *sides)


def _verdict(root: Path, paths: Sequence[Path], before: Options, after: Options) -> Verdict:
    try:
        for side in (before, after):
            scenery_of(side)
    except (CannotPlay, ValueError) as e:
        return Verdict(0, cannot=str(e))
    broken: list[Failed] = []
    already: list[Failed] = []
    bubbles: dict[_Pair, list[str]] = {}
    for compared in spread(partial(_compared, root, before), paths, after, 0, CHUNK):
        for each in compared:
            if each.failed:
                (already if each.before else broken).append(each.failed)
            for pair in each.pairs:
                names = bubbles.setdefault(pair, [])
                names += [each.name] if each.name not in names else []
    most = sorted(bubbles.items(), key=lambda item: -len(item[1]))[:SHOWN]
    shown = tuple(Bubble(pair.before, pair.after, tuple(names), pair.flow) for pair, names in most)
    return Verdict(len(paths), tuple(broken), tuple(already), shown, len(bubbles))


class _Pair(NamedTuple):
    before: str
    after: str
    flow: str


@dataclass(frozen=True)
class _Compared:
    """The result of one replay. `failed`: fails on the new content. `before`: failed on the old one too."""

    name: str
    failed: Failed | None
    before: bool
    pairs: list[_Pair]


def _compared(root: Path, before: Options, paths: Sequence[Path], after: Options) -> list[_Compared]:
    made = []
    for path in paths:
        was, now = _Side(path, before), _Side(path, after)
        name = path.relative_to(root) if path.is_relative_to(root) else path
        failed = Failed(f"{name}:{now.line}", now.why) if now.why else None
        made.append(_Compared(path.name, failed, bool(was.why) and was.turn <= now.turn, _pairs(was, now)))
    return made


class _Side:
    """One replay on one content. `why`: "" if it passes; else it fails at `line` and `turn` (0: the file)."""

    def __init__(self, path: Path, options: Options) -> None:
        self.on, self.why, self.line, self.turn = scenery_of(options), "", 1, 0
        self.played: list[Played] = []
        self.conversation: Conversation | None = None
        try:
            self.conversation = load(path, self.on.root)
        except BadReplay as e:
            self.why, self.line = e.findings[0].sentence, e.findings[0].line
            return
        self.played = in_each_language(self.conversation, self.on)
        shipped = options.release is not None and path.is_relative_to(options.release)
        if (failure := self.played[-1].failure) and not (shipped and not one(path, options, self.on).text):
            self.why = describe(failure, path.parent).split("\n")[0].partition(": ")[2]
            self.line, self.turn = failure.line, failure.turn

    def came(self, whole: bool) -> list[Came]:
        """Returns what each turn brought. `whole`: also after the first difference."""
        if self.conversation is None:
            return []
        played = in_each_language(self.conversation, self.on, update=True) if whole else self.played
        return [came for one in played for came in one.came]


def _pairs(was: _Side, now: _Side) -> list[_Pair]:
    """Returns the bubbles that differ, in the order of the turns."""
    whole = bool(was.why or now.why)
    pairs = zip(was.came(whole), now.came(whole), strict=False)
    shown = [_Pair(_shown(one), _shown(other), _flow(one, other)) for one, other in pairs]
    return list(dict.fromkeys(pair for pair in shown if pair.before != pair.after))


def _flow(was: Came, now: Came) -> str:
    """Returns the flow whose words differ; if only common ones do, the one that waits."""
    says = [came.facts.says if came.facts else () for came in (now, was)]
    differ = [one for n, side in enumerate(says) for one in side if one not in says[1 - n]]
    flows = (name.partition(".")[0] for name, _ in differ)
    waits = next((came.facts.at for came in (now, was) if came.facts and "." in came.facts.at), "")
    return next((name for name in flows if name != COMMON), waits.partition(".")[0])


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
