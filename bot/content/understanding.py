"""Compares how two contents understand residents' words: messages that get another answer, better or worse.

`python -m bot.content.understanding BEFORE AFTER LANGUAGE FILE…` trains on both contents in a process that
answers no resident, guesses every message of the files and those on its input, and prints the comparison as
JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import logs
from bot.content.load import load
from bot.content.verdict import LONGEST
from bot.engine.content import Content
from bot.reading.clean import Said
from bot.reading.evaluate import NONE, Figures, NoTable, Row, evaluate, read
from bot.reading.guess import Guess

MESSAGES = "tests/reading"
"""The directory of message files, with what is right for each message."""
WRONG_CHANGE, WORSE, BETTER, OTHER = KINDS = ("wrong_change", "worse", "better", "other")
"""Kinds of another answer, the gravest first: a wrong change begun at once; worse; better; not rated, or
rated equal."""


@dataclass(frozen=True)
class Answer:
    """`names`: targets, best first. `sure`: the first begins at once."""

    names: tuple[str, ...]
    sure: bool


@dataclass(frozen=True)
class Differs:
    """A message with another answer. `right`: () if not rated."""

    said: str
    right: tuple[str, ...]
    before: Answer
    after: Answer
    kind: str


@dataclass(frozen=True)
class Comparison:
    """`rows`: how many messages are rated; `before`, `after`: how many of them have a right target first,
    among the suggestions, at once, and how many are wrong at once. `wrong`: why the files could not be
    read."""

    differ: tuple[Differs, ...] = ()
    rows: int = 0
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    wrong: str = ""


def word(content: Content, said: str) -> str:
    """Returns the meaning of a word that always works; such a word is never guessed."""
    if said in content.yes or said in content.no:
        return "yes or no"
    return content.recovery.get(said, "")


def understood(content: Content, row: Row, guess: Guess) -> Guess:
    """Adds the words that always work, which are read before any guess: right for `none`."""
    means = word(content, Said(row.said).normal)
    return Guess((means if means in row.right else NONE,), "word", True, True) if means else guess


def compare(before: Content, after: Content, rows: Sequence[Row], asked: Sequence[str]) -> Comparison:
    """`asked`: messages that are not rated."""
    known = {row.said for row in rows}
    every = [*rows, *(Row(said, ()) for said in dict.fromkeys(asked) if said not in known)]
    sides = [list(_guessed(content, every)) for content in (before, after)]
    differ = [
        Differs(row.said, row.right, old, new, _kind(row, old, new, after))
        for row, old, new in zip(every, *([_answer(g) for g in side] for side in sides), strict=True)
        if old != new
    ]
    old_figures, new_figures = (
        _counts(evaluate(zip(rows, side[: len(rows)], strict=True), content.guesser.known.changing)[0])
        for side, content in zip(sides, (before, after), strict=True)
    )
    order = sorted(differ, key=lambda one: KINDS.index(one.kind))
    return Comparison(tuple(order), len(rows), old_figures, new_figures)


def _guessed(content: Content, rows: Sequence[Row]) -> Iterator[Guess]:
    return (understood(content, row, content.guesser.guess(Said(row.said))) for row in rows)


def _answer(guess: Guess) -> Answer:
    """Returns what the resident gets: if one begins at once, the others are not shown."""
    return Answer(guess.names[: guess.matters] if guess.sure else guess.names, guess.sure)


def _kind(row: Row, old: Answer, new: Answer, content: Content) -> str:
    if not row.right:
        return OTHER
    worth = [_worth(row, answer) for answer in (old, new)]
    if worth[1] < 0 and new.names[0] in content.guesser.known.changing:
        return WRONG_CHANGE
    return WORSE if worth[1] < worth[0] else BETTER if worth[1] > worth[0] else OTHER


def _worth(row: Row, answer: Answer) -> int:
    """Rates an answer: right at once, first, among the suggestions, absent, wrong at once."""
    right = [name in row.right for name in answer.names or (NONE,)]
    if answer.sure and answer.names:
        return 3 if right[0] else -1
    return 2 if right[0] else int(any(right))


def _counts(figures: Figures) -> tuple[int, ...]:
    return figures.first, figures.among, figures.at_once, figures.at_once_wrong


def main(before: str, after: str, language: str, *files: str) -> None:
    """Prints a Comparison; messages that are not rated come as a JSON list."""
    os.nice(10)
    signal.alarm(LONGEST)
    logs.configure("CRITICAL")
    asked = json.load(sys.stdin)
    old, new = (load(Path(root), language).content for root in (before, after))
    assert old is not None and new is not None  # noqa: S101, PT018 - both were checked
    try:
        rows = [row for file in files for row in read(Path(file).read_text("utf-8"))]
    except (NoTable, UnicodeDecodeError, OSError) as e:
        found = Comparison(wrong=str(e))
    else:
        found = compare(old, new, rows, asked)
    json.dump(asdict(found), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
