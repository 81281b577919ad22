"""A linear classifier of messages over character 1-3-grams: an averaged perceptron.

It is trained on the content's phrases and on a background of messages about other things. Integers only:
every processor computes the same model.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from bot.reading.clean import fold

BACKGROUND = ""
"""The name of the background."""
LONGEST = 200
"""Characters read; in a long story the matter comes late."""
EPOCHS = 8
MARGIN = 3
"""Training continues until the right target leads by more than this."""
SCALE = 64
"""A step of training in the stored weights, which are whole numbers."""
LANE = 32
"""Bits of one target's score: all targets' weights of a gram are one big integer, so that adding up a message
takes one addition per gram. Far more than any sum of weights needs."""
HALF = 1 << (LANE - 1)
FEW = 8
"""Targets of a gram that are stored one by one: a lane for each of all targets would mostly be empty."""
SMALL = 500
"""So few phrases are trained again: kept, they would put out a model that is expensive."""
_SHIFT, _WHOSE = 16, 0xFFFF
FORM = 1
"""Form of the stored model; one of another form is trained again."""

_RUNS = re.compile(r"[a-z0-9']+|[^\W_a-z0-9]+")


def words(folded: str) -> list[str]:
    """Splits a folded message into runs of Latin letters and digits, and of other letters."""
    return _RUNS.findall(folded[:LONGEST])


def grams(said: Iterable[str]) -> set[str]:
    """Returns the features: character 1-3-grams of non-Latin text, Latin words alone and in pairs."""
    found: set[str] = set()
    rest, before = [], "<"
    for word in said:
        if word.isascii():
            found.update((f" {word}", f"{before} {word}", f" {word[:4]}"))
            before = word
        else:
            rest.append(word)
    if rest:
        line = f"^{''.join(rest)}$"
        for n in (1, 2, 3):
            found.update(line[i : i + n] for i in range(len(line) - n + 1))
    return found


@dataclass(frozen=True)
class Phrases:
    """The training data: phrases as written, each with the name of its target, in any order."""

    of: tuple[tuple[str, str], ...] = ()

    @cached_property
    def digest(self) -> bytes:
        """Identifies the phrases that a stored model was trained on."""
        written = json.dumps([FORM, sorted(self.of), background()], ensure_ascii=False)
        return hashlib.sha256(written.encode()).digest()


@lru_cache(maxsize=1)
def background() -> tuple[str, ...]:
    """Returns invented messages about other things: one per line in background.txt."""
    written = files(__package__).joinpath("background.txt").read_text("utf-8")
    return tuple(line for line in written.splitlines() if line and not line.startswith("#"))


@dataclass(frozen=True)
class Model:
    """`rows`: gram -> the weights of all targets in `names`, a lane each; the last name is the background.
    `few`: for the many grams with only few targets, the weights and their targets."""

    names: tuple[str, ...]
    rows: Mapping[str, int] = field(repr=False)
    few: Mapping[str, tuple[int, ...]] = field(repr=False)

    def scores(self, found: Iterable[str]) -> list[int]:
        """Returns the score of each of `names`, plus a number that is the same for all; a lead of SCALE is a
        step of training."""
        rows, few = self.rows, self.few
        found = list(found)
        added = sum([rows[gram] for gram in found if gram in rows])
        scores = _lanes(added + _bias(len(self.names)), len(self.names))
        for gram in found:
            for weight in few.get(gram, ()):
                scores[weight & _WHOSE] += weight >> _SHIFT
        return scores

    def weights(self, gram: str) -> dict[str, int]:
        """Returns what a gram adds to the score of each of `names`, unless 0."""
        lanes = _unpacked(self.rows.get(gram, 0), len(self.names))
        for weight in self.few.get(gram, ()):
            lanes[weight & _WHOSE] = weight >> _SHIFT
        return {name: weight for name, weight in zip(self.names, lanes, strict=True) if weight}

    @cached_property
    def dump(self) -> bytes:
        """Returns the stored form: only weights that are not 0."""
        number = {name: n for n, name in enumerate(self.names)}
        rows = {
            gram: [x for name, weight in self.weights(gram).items() for x in (number[name], weight)]
            for gram in (*self.rows, *self.few)
        }
        return zlib.compress(json.dumps([self.names, rows], separators=(",", ":")).encode(), 6)


@lru_cache(maxsize=2)  # the served revision, and the one to roll back to
def restored(raw: bytes) -> Model:
    """Reads a model that `dump` wrote."""
    names, rows = json.loads(zlib.decompress(raw))
    weights = ((gram, list(zip(row[::2], row[1::2], strict=True))) for gram, row in rows.items())
    return _packed(tuple(names), weights)


def _packed(names: tuple[str, ...], weights: Iterable[tuple[str, list[tuple[int, int]]]]) -> Model:
    """`weights`: grams, each with numbers of targets and their weights, none of them 0."""
    rows, few, same = dict[str, int](), dict[str, tuple[int, ...]](), dict[tuple[int, ...], tuple[int, ...]]()
    for gram, row in weights:
        if len(row) > FEW:
            rows[gram] = sum(weight << (LANE * n) for n, weight in row)
        elif row:  # two of three are those of another gram: kept once
            some = tuple([weight << _SHIFT | n for n, weight in row])
            few[gram] = same.setdefault(some, some)
    return Model(names, rows, few)


@cache
def _bias(many: int) -> int:
    """Returns a number that makes every lane positive: HALF in each."""
    return sum(HALF << (LANE * n) for n in range(many))


def _lanes(biased: int, many: int) -> list[int]:
    lanes = memoryview(biased.to_bytes(many * LANE // 8, sys.byteorder)).cast("I").tolist()
    return lanes if sys.byteorder == "little" else lanes[::-1]


def _unpacked(row: int, many: int) -> list[int]:
    return [weight - HALF for weight in _lanes(row + _bias(many), many)]


def model_of(phrases: Phrases) -> Model:
    return train(phrases) if len(phrases.of) > SMALL else train.__wrapped__(phrases)


@lru_cache(maxsize=4)  # a draft with the same phrases has the same model
def train(phrases: Phrases) -> Model:
    """Trains a model: a second and more for ten thousand phrases."""
    names = (*sorted({name for _, name in phrases.of}), BACKGROUND)
    numbers = {name: n for n, name in enumerate(names)}
    many, bias, now = len(names), _bias(len(names)), 1
    examples = _examples(phrases, numbers)
    rows = {gram: 0 for found, _ in examples for gram in found}
    late: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # what the average subtracts
    row = rows.__getitem__
    for _ in range(EPOCHS):
        for found, own in examples:
            scores = _lanes(sum(map(row, found), bias), many)
            right, scores[own] = scores[own], 0
            best = max(scores)
            if right - best <= MARGIN:
                other = scores.index(best)
                change = (1 << (LANE * own)) - (1 << (LANE * other))
                for gram in found:
                    rows[gram] += change
                    late[gram][own] += now
                    late[gram][other] -= now
            now += 1
    return _packed(names, ((gram, _averaged(rows[gram], late[gram], many, now)) for gram in late))


def _averaged(row: int, late: Mapping[int, int], many: int, now: int) -> list[tuple[int, int]]:
    steps = _lanes(row + _bias(many), many)
    totals = [(n, (steps[n] - HALF) * now - late[n]) for n in sorted(late)]
    weights = [(n, (total * SCALE + now // 2) // now) for n, total in totals]
    return [(n, weight) for n, weight in weights if weight]


def _examples(phrases: Phrases, numbers: Mapping[str, int]) -> list[tuple[list[str], int]]:
    """Returns each example once, in an order in which neighbours have nothing in common; the same
    everywhere."""
    known = {(phrase, numbers[name]) for phrase, name in phrases.of}
    known |= {(line, numbers[BACKGROUND]) for line in background()}
    order = sorted(known, key=lambda example: hashlib.sha256(repr(example).encode()).digest())
    return [(sorted(grams(words(fold(phrase)))), own) for phrase, own in order]
