"""Reports a run: the first difference side by side, and JUnit XML."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree as ET

from wcwidth import ljust, wrap

from bot.kit.replay.play import Failure, Played
from bot.wechat.xml import without_illegal

WIDTH = 46


@dataclass(frozen=True)
class Result:
    """One conversation's result, small enough to cross processes. `text`: why it failed, "" if it passed."""

    path: str
    turns: int
    seconds: float
    text: str = ""
    skipped: str = ""
    only_chat: str = ""
    """What the page cannot do of it."""
    ruled: bool = False
    """Of the release, on a city whose rules lead elsewhere: it holds with the release's rules."""
    broken: bool = False
    """The file itself cannot be played."""
    unseen: Mapping[str, int] = field(default_factory=dict)
    """Counts of expectations that could not be checked there, by their key."""


def describe(failure: Failure, root: Path) -> str:
    """Returns file:line, the turn, and expected beside got."""
    path = failure.path.relative_to(root) if failure.path.is_relative_to(root) else failure.path
    found = failure.difference
    where = f"{path}:{failure.line}:"
    turn = f" turn {failure.turn}" if failure.turn else ""
    key = f" {found.key}" if found.key else ""
    key += f" in {failure.language}" if failure.language else ""
    lines = [f"{where}{turn}{key} {'— ' + found.what if found.what else 'differs'}"]
    if found.wanted or found.got:
        lines += side_by_side(found.wanted, found.got)
    return "\n".join(lines)


def side_by_side(
    wanted: str, got: str, width: int = WIDTH, heads: tuple[str, str] = ("expected", "got")
) -> list[str]:
    """Returns two columns; ≠ marks the lines that differ. Chinese characters take two places."""
    left, right = wanted.split("\n"), got.split("\n")
    made = [f"    {ljust(heads[0], width)} │ {heads[1]}", f"    {'─' * width}─┼─{'─' * width}"]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for one, other in zip_longest(left[a:b], right[c:d], fillvalue=""):
            mark = "  " if tag == "equal" else "≠ "
            for x, y in zip_longest(_folded(one, width), _folded(other, width), fillvalue=""):
                made.append(f"  {mark}{ljust(x, width)} │ {y}")
                mark = "  "
    return made


def _folded(text: str, width: int) -> list[str]:
    return wrap(text, width, expand_tabs=False, replace_whitespace=False, drop_whitespace=False) or [""]


def result(played: Sequence[Played], root: Path, seconds: float) -> Result:
    """Returns the result of a conversation in each language in which it was played."""
    path = played[0].conversation.path
    name = path.relative_to(root) if path.is_relative_to(root) else path
    text = next((describe(one.failure, root) for one in played if one.failure), "")
    return Result(str(name), sum(one.turns for one in played), seconds, text)


def not_seen(results: Sequence[Result]) -> str:
    """Returns one line of what was not judged; "" if everything was."""
    total = Counter[str]()
    for one in results:
        total.update(one.unseen)
    return ", ".join(f"{count} {key}" for key, count in sorted(total.items()))


def junit(results: Sequence[Result], path: Path) -> None:
    suite = ET.Element(
        "testsuite",
        name="replays",
        tests=str(len(results)),
        failures=str(sum(bool(r.text) and not r.broken for r in results)),
        errors=str(sum(r.broken for r in results)),
        skipped=str(sum(bool(r.skipped) for r in results)),
        time=f"{sum(r.seconds for r in results):.3f}",
    )
    for one in results:
        case = ET.SubElement(suite, "testcase", classname="replay", name=one.path, time=f"{one.seconds:.3f}")
        if one.skipped:
            ET.SubElement(case, "skipped", message=one.skipped)
        elif one.text:
            first = one.text.splitlines()[0]
            kind = "error" if one.broken else "failure"
            ET.SubElement(case, kind, message=without_illegal(first)).text = without_illegal(one.text)
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
