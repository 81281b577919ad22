"""Measures how well messages are understood: a table of messages with their right targets."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from bot.reading.clean import Said
from bot.reading.guess import Guess, Guesser

NONE = "none"
"""As a target: no flow and no page is right."""
FOLDS = 5


@dataclass(frozen=True)
class Row:
    """A message, and all targets that are right for it, the best one first."""

    said: str
    right: tuple[str, ...]


class NoTable(Exception):
    """The file is no table of messages; the text says where and why."""


def read(text: str) -> list[Row]:
    """Reads tab-separated lines: intent, message, targets separated by spaces; the first line is a header.

    Raises:
        NoTable: a line has another form.
    """
    rows = []
    for number, line in enumerate(text.splitlines()[1:], 2):
        cells = line.split("\t")
        if len(cells) != 3 or not cells[1].strip() or not cells[2].split():
            raise NoTable(f"line {number}: not intent, message and targets, with tabs between")
        rows.append(Row(cells[1].strip(), tuple(cells[2].split())))
    return rows


@dataclass
class Figures:
    """Counts of rows. `first`, `among`: a right target is first, or among the suggestions. `changing`: begun
    at once, wrongly, where that leads to a change. `confused`: what was first instead of the right one."""

    rows: int = 0
    first: int = 0
    among: int = 0
    at_once: int = 0
    at_once_wrong: int = 0
    changing: list[str] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[tuple[Row, Guess]] = field(default_factory=list)
    suggested: int = 0

    def add(self, row: Row, guess: Guess, changing: Collection[str]) -> None:
        named = guess.names or (NONE,)
        right = [name in row.right for name in named]
        self.rows += 1
        self.suggested += bool(guess.names)
        self.first += right[0]
        self.among += any(right)
        self.at_once += guess.sure and right[0]
        self.at_once_wrong += guess.sure and not right[0]
        if guess.sure and not right[0] and named[0] in changing:
            self.changing.append(row.said)
        if not right[0]:
            self.confused[row.right[0], named[0]] += 1
        if not any(right):
            self.missed.append((row, guess))

    def share(self, count: int) -> float:
        """Returns a percentage of the rows."""
        return 100 * count / self.rows if self.rows else 0.0


def evaluate(
    rows: Iterable[tuple[Row, Guess]], changing: Collection[str]
) -> tuple[Figures, dict[str, Figures]]:
    """Returns the figures of all rows, and by the best target of each."""
    whole: Figures = Figures()
    by: dict[str, Figures] = {}
    for row, guess in rows:
        for figures in (whole, by.setdefault(row.right[0], Figures())):
            figures.add(row, guess, changing)
    return whole, by


def cross_validated(
    rows: Collection[Row],
    phrases: Iterable[tuple[str, str]],
    make: Callable[[list[tuple[str, str]]], Guesser],
) -> Iterator[tuple[Row, Guess]]:
    """Guesses each row with a guesser that never saw it: not as a phrase of the content, and not among the
    rows, four fifths of which it learns together with the content's other phrases."""
    folds = sorted(rows, key=lambda row: hashlib.sha256(row.said.encode()).digest())
    own = {_key(row.said) for row in rows}
    known = [(phrase, name) for phrase, name in phrases if _key(phrase) not in own]
    names = {name for _, name in known}
    for fold in range(FOLDS):
        others = [row for n, row in enumerate(folds) if n % FOLDS != fold]
        taught = [(row.said, row.right[0]) for row in others if row.right[0] in names]
        guesser = make(known + taught)
        for row in folds[fold::FOLDS]:
            yield row, guesser.guess(Said(row.said))


def _key(phrase: str) -> str:
    return Said(phrase).normal
