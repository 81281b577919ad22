"""One file of the release with a city's pieces in it, line by line. Pure.

Of words the smallest piece is a text, of the policy a value; phrases are added. Of each line the file is
known that holds it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.content.read.files import PAGES, POLICY
from bot.content.read.policy_file import of
from bot.content.read.source import Loc, Source, parse

SHIPPED = "release:"
"""Stands before the name of a file of the release where a city's findings name one."""
PHRASES = frozenset({"words", "also", "things", "fillers", "own", "yes", "no"})
ROOMS = ("recovery", "remarks", "codes", "on_page")  # of common.yaml
_END = re.compile(r"(---|\.\.\.)(\s|$)")  # of a document
_PLAIN = re.compile(r"\w[\w.-]*(?=:)")


class Line(NamedTuple):
    """A line, its file (with SHIPPED where that is the release's), its number there, how far it was moved."""

    text: str
    file: str
    number: int
    moved: int = 0


@dataclass(frozen=True)
class Piece:
    """What a city says instead of the release. `name`: file, or file#path. `base`: what the release says, ""
    where it says nothing."""

    name: str
    base: str
    own: str

    @property
    def mark(self) -> str:
        """By which it is noticed that the release says something else now."""
        return mark_of(self.base)


def mark_of(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


# --- what is merged part by part -----------------------------------------------------------------
def in_parts(name: str) -> bool:
    return name.startswith("messages/") or name in (POLICY, PAGES)


def opens(name: str, loc: Loc) -> bool:
    """Checks whether the map at that place is merged part by part, not taken whole."""
    if not loc:
        return True
    if name == POLICY:
        return False
    if name == PAGES:
        return loc == ("pages",)
    if name.endswith("/pages.yaml"):
        return len(loc) == 1
    if name.endswith("/common.yaml"):
        return loc in [(room,) for room in ROOMS]
    return loc in (("slots",), ("texts",)) or (len(loc) == 2 and loc[0] == "slots")


def spliced(name: str, base: bytes, raw: bytes, found: list[Piece]) -> list[Line] | None:
    """Returns the lines of a file of both, and adds to `found` what the city says instead. None: one of them
    cannot be read as a map."""
    release, own = parse(name, base), parse(name, raw)
    if not isinstance(release.data, dict) or not isinstance(own.data, dict):
        return None
    return [*_Splicer(name, release, own, found).map((), 1, len(release.lines) + 1)]


class _Splicer:
    def __init__(self, name: str, release: Source, own: Source, found: list[Piece]) -> None:
        self.name, self.release, self.own, self.found = name, release, own, found

    def map(self, loc: Loc, first: int, end: int) -> Iterator[Line]:
        """Returns the lines [first, end) of the release with what the city says instead and beside."""
        ours = _at(self.own.data, loc)
        if self.name.startswith("flows/") and not in_parts(self.name):
            ours = {"enabled": ours["enabled"]}  # all that it can hold beside its name
        blocks = dict(blocks_of(self.release, loc, end))
        yield from self._release(first, min([start for start, _ in blocks.values()], default=end))
        for key, (start, stop) in blocks.items():
            here = (*loc, key)
            if key not in ours:
                yield from self._release(start, stop)
            elif self._parts(here):
                yield from self._release(start, start + 1)
                yield from self.map(here, start + 1, stop)
            elif adds(here, _at(self.release.data, here), ours[key]):
                yield from self._longer(here, start, stop)
            else:
                yield from self._instead(here, start, stop)
        for key in ours:
            if key not in blocks:
                lines = [*self._city((*loc, key), loc)]
                self.found.append(Piece(self._piece((*loc, key)), "", "\n".join(x.text for x in lines)))
                yield from lines

    def _piece(self, loc: Loc) -> str:
        return f"{self.name}#{'.'.join(map(str, loc))}"

    def _parts(self, loc: Loc) -> bool:
        """Checks whether both have a map there that is merged part by part."""
        both = (_at(source.data, loc) for source in (self.release, self.own))
        return opens(self.name, loc) and all(isinstance(part, dict) for part in both)

    def _release(self, start: int, stop: int) -> Iterator[Line]:
        for number in range(start, stop):
            yield Line(self.release.lines[number - 1], SHIPPED + self.name, number)

    def _city(self, loc: Loc, beside: Loc) -> Iterator[Line]:
        """Returns a part as the city has it, moved into the column of the release's parts."""
        row, own = self.own.keys[loc]
        column = min((at[1] for place, at in self.release.keys.items() if place[:-1] == beside), default=own)
        if self.own.begins(loc[:-1], "{"):  # its parts share lines: here each has one, in JSON, which is YAML
            plain = _PLAIN.match(
                self.own.lines[row - 1], own - 1
            )  # as it is there, so that columns are right
            key = plain[0] if plain else quoted(loc[-1])
            text = f"{' ' * (column - 1)}{key}: {quoted(_at(self.own.data, loc))}"
            yield Line(text, self.name, row, column - own)
            return
        start, stop = dict(blocks_of(self.own, loc[:-1], len(self.own.lines) + 1))[str(loc[-1])]
        for number in range(start, stop):
            line = self.own.lines[number - 1]
            if not _END.match(line):
                blanks = len(line) - len(line.lstrip(" "))
                shift = max(column - own, -blanks)  # a comment or a closing bracket may stand before the key
                yield Line(" " * shift + line if shift >= 0 else line[-shift:], self.name, number, shift)

    def _instead(self, loc: Loc, start: int, stop: int) -> Iterator[Line]:
        lines = [*self._city(loc, loc[:-1])]
        base, ours = "\n".join(self.release.lines[start - 1 : stop - 1]), "\n".join(x.text for x in lines)
        self.found.append(Piece(self._piece(loc), base, ours))
        value, known = (_at(source.data, loc) for source in (self.own, self.release))
        among = of(known) if self.name == POLICY else ()
        at, first = ((*loc, 0), value[0]) if isinstance(value, list) and value else (loc, value)
        if among and isinstance(first, dict) and first and "of" not in first:
            lines = self._with(f"of: {quoted(among)}", at, lines)
        yield from lines

    def _with(self, part: str, loc: Loc, lines: list[Line]) -> list[Line]:
        """Returns the city's map with a part more before its own, which keep their columns."""
        row, column = self.own.at(loc)
        at = next(i for i, line in enumerate(lines) if line.number == row)
        line = lines[at]
        if not self.own.begins(loc, "{"):
            blank, dash = " " * (column - 1 + line.moved), line.text[: column - 1 + line.moved]
            above, below = (
                line._replace(text=text) for text in (dash + part, blank + line.text[len(dash) :])
            )
            return [*lines[:at], above, below, *lines[at + 1 :]]
        left = line.text.index("{")
        opened = line._replace(text=f"{line.text[: left + 1]}{part},")
        rest = line._replace(text=" " * (left + 1) + line.text[left + 1 :])
        return [*lines[:at], opened, rest, *lines[at + 1 :]]

    def _longer(self, loc: Loc, start: int, stop: int) -> Iterator[Line]:
        """Returns the release's list of phrases and after it the city's, each on a line of its own."""
        lines = [*self._release(start, stop)]
        last = next(n for n in range(len(lines) - 1, -1, -1) if lines[n].text.split(" #")[0].strip())
        text = lines[last].text
        bracket = text.split(" #")[0].rstrip().endswith("]")
        if bracket:
            lines[last] = lines[last]._replace(text=text[: text.rindex("]")].rstrip().rstrip(",") + ",")
        indent = self.release.at((*loc, 0))[1]
        made: list[Line] = []
        known = _at(self.release.data, loc)  # an upgrade may bring a phrase that the city has had
        for i, phrase in enumerate(_at(self.own.data, loc)):
            if phrase in known:
                continue
            line, column = self.own.at((*loc, i))
            words = quoted(phrase)
            text = " " * (column - 1) + words + "," if bracket else " " * (indent - 3) + "- " + words
            made.append(Line(text, self.name, line))
        yield from lines[: last + 1]
        yield from made
        yield from [lines[last]._replace(text="  ]")] if bracket else []
        yield from lines[last + 1 :]


def adds(loc: Loc, base: Any, own: Any) -> bool:
    """Phrases, which a city adds to; any other list is taken whole."""
    named = loc[-1] in PHRASES or (loc[0] in ROOMS and len(loc) > 1)
    return (
        bool(named and base)
        and isinstance(base, list)
        and isinstance(own, list)
        and all(isinstance(phrase, str) for phrase in own)  # else its own finding says what is wrong
    )


def _at(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data[part]
    return data


def blocks_of(source: Source, loc: Loc, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Returns each key of the map there with its lines, to the next key of this map or of one around it."""
    after = sorted(at[0] for place, at in source.keys.items() if len(place) <= len(loc) + 1)
    for key in _at(source.data, loc):
        start = source.keys[(*loc, key)][0]
        yield str(key), (start, min(next((row for row in after if row > start), end), end))


def quoted(data: Any) -> str:
    """As YAML reads it back, whatever is in it."""
    return json.dumps(data, ensure_ascii=False)
