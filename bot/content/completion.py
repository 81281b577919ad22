"""What may stand where somebody writes in a file: keys and values of the schema, names of this content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import yaml

from bot.content.completion_names import Names
from bot.content.messages import CHINESE
from bot.content.read.compose import data_of
from bot.content.read.files import Files
from bot.content.read.source import Loc
from bot.content.read.validation import parts_at
from bot.content.schema import kind_of, schemas
from bot.content.steps import KINDS, keys

WORD = re.compile(r"[A-Za-z0-9_.]*$")
_MARK = "THE_CURSOR"
_CLOSERS = ["".join(signs) for n in range(5) for signs in product("]}", repeat=n)]
_PLACEHOLDER = re.compile(r"(?<!\{)\{[A-Za-z0-9_.]*$")
_DASH = re.compile(r"( *-) +")
_COMMENT = re.compile(r"(^|\s)#")
LONGEST = 4_000
"""Characters of a line, and of all around it. Nothing is offered beyond that."""


@dataclass(frozen=True, order=True)
class Offer:
    """`about`: one line for the reader, "" if there is none. `key`: whether a colon comes after it."""

    name: str
    about: str = ""
    key: bool = False


def offers(files: Files, file: str, text: str, at: int, language: str) -> list[Offer]:
    """Returns what may stand at a place of a file, sorted. `text`: as it is being written, it need not be
    valid. `at`: characters before the cursor; the word that ends there is what is completed. `files`: where
    other names are found. `language`: of `about`."""
    before = text[: max(at, 0)]
    line = before.rpartition("\n")[2]
    if not kind_of(file) or len(line) > LONGEST or _COMMENT.search(line):
        return []
    names = Names(files, file, text)
    if file.startswith("messages/") and _PLACEHOLDER.search(line):
        return sorted(_named(names.paths()))
    place = _place(before)
    if place is None:
        return []
    loc, is_key, is_value = place
    beside = _beside(text, before) if is_key else set()
    found: list[Offer] = []
    schema = schemas_once()[kind_of(file)]
    for part in parts_at(schema, loc):
        if is_key:
            found += _keys(schema, part, beside, language)
        if is_value:
            found += _named(value for value in _values(part) if isinstance(value, str))
    if is_key:
        found += [Offer(name, key=True) for name in names.keys(loc) if name not in beside]
    if is_value:
        found += _named(names.values(loc))
    return sorted({offer.name: offer for offer in reversed(found)}.values())


@cache
def schemas_once() -> Mapping[str, Mapping[str, Any]]:
    return schemas()


def _named(names: Iterable[str]) -> list[Offer]:
    return [Offer(name) for name in dict.fromkeys(names)]


# --- where it is -------------------------------------------------------------------------------
def _place(before: str) -> tuple[Loc, bool, bool] | None:
    """Returns the path to what is written there, and whether it may be a key of that, and a value of it."""
    *above, line = before.split("\n")
    line = line[: len(line) - len(WORD.findall(line)[0])]
    begins = not line.strip(" -")  # nothing but blanks and dashes before it: the next word may be a key
    written = "\n".join([*_around(above, line), line + _MARK])
    if len(written) > LONGEST:
        return None
    for closers in _CLOSERS:
        try:
            data = data_of(written + closers)
        except yaml.YAMLError:
            continue
        found = next(_marked((), data), None)
        return (found[0], found[1] or begins, not found[1]) if found else None
    return None


def _around(above: list[str], line: str) -> list[str]:
    """Returns the lines above in which it stands: each begins further left than all after it."""
    kept: list[str] = []
    column = _column(line) if line.strip() else len(line)
    for one in reversed(above):
        if one.strip() and not one.lstrip().startswith("#") and _column(one) < column:
            dash = _DASH.match(
                one
            )  # an entry of a list whose keys begin here: the one after the dash is beside
            kept.append(dash[1] if dash and len(dash[0]) == column else one)
            column = _column(one)
        if column == 0:
            break
    return kept[::-1]


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _marked(loc: Loc, data: Any) -> Iterator[tuple[Loc, bool]]:
    """Yields where the mark is: the path of what is around it where it is a key, else its own."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == _MARK:
                yield loc, True
            yield from _marked((*loc, key), value)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _marked((*loc, number), value)
    elif data == _MARK:
        yield loc, False


def _beside(text: str, before: str) -> set[str]:
    """Returns the keys that the map has already."""
    line = before.rpartition("\n")[2]
    if "{" in line:
        after = text[len(before) :].partition("\n")[0].partition("}")[0]
        return set(re.findall(r"([\w.]+):", line.rpartition("{")[2] + after))
    column = len(line) - len(WORD.findall(line)[0])
    above, below = before.split("\n")[:-1], text[len(before) :].split("\n")[1:]
    return {key for lines in (reversed(above), below) for key in _same(lines, column)}


def _same(lines: Iterable[str], column: int) -> Iterator[str]:
    for line in lines:
        dash = line[:column].strip() == "-"
        if line.strip() and not dash and _column(line) < column:
            return
        if (found := re.match(r"[\w.]+(?=:)", line[column:])) and (dash or _column(line) == column):
            yield found[0]
        if dash:
            return


# --- the schema --------------------------------------------------------------------------------
def _keys(schema: Mapping[str, Any], part: Mapping[str, Any], beside: set[str], language: str) -> list[Offer]:
    known = part.get("properties", {})
    if part is schema.get("$defs", {}).get("StepModel") and (kinds := beside & set(KINDS)):
        known = {name: known[name] for name in known if name in keys(KINDS[min(kinds)])}
    return [Offer(name, _about(one, language), True) for name, one in known.items() if name not in beside]


def _about(part: Mapping[str, Any], language: str) -> str:
    lines = part.get("description", "").split("\n")
    return str(lines[-1 if language == CHINESE else 0])


def _values(part: Mapping[str, Any]) -> Iterator[Any]:
    yield from part.get("enum", ())
    if "const" in part:
        yield part["const"]
