"""A city's own directory: what differs from the release, laid over it when its files are read.

`config/city.yaml` (`files.CITY`) makes a directory one. A flow, the menu, the outlets and the calendar are
whole files; of words the smallest piece is a text, of the policy a value; phrases are added. The merged files
are read, checked and published; of each of their lines the file is known that holds it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from bot.content.read import files
from bot.content.read.files import CITY, ORIGIN, Files, Unreadable, is_city
from bot.content.read.source import Finding, Loc, Source, parse

RELEASE = Path(__file__).parents[3]
"""Where flows/, messages/ and config/ of this release are."""
ALONE = (CITY, "config/settings.yaml", "config/stub.yaml")
"""Files of a city that rest on nothing of the release."""
SHIPPED = "release:"
"""Stands before the name of a file of the release where a city's findings name one."""
_LISTS = frozenset({"words", "also", "things", "fillers", "own", "yes", "no"})
_ROOMS = ("recovery", "remarks", "codes")  # of common.yaml
_OF = re.compile(r"\bof: \[[^\]]*\]")


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
        return hashlib.sha256(self.base.strip().encode()).hexdigest()[:12]


class Overlaid(dict[str, bytes]):
    """Merged files. `origins`: the lines of files made of both; `shipped`: those of the release alone."""

    def __init__(
        self, made: Mapping[str, bytes], origins: Mapping[str, list[Line]], shipped: set[str]
    ) -> None:
        super().__init__(made)
        self.origins, self.shipped = origins, shipped

    def only(self, some: Mapping[str, bytes]) -> Overlaid:
        return Overlaid(some, self.origins, self.shipped)

    def home(self, finding: Finding) -> Finding:
        """Returns the finding at the line that was written, in the city's file or in the release's."""
        if finding.file in self.shipped:
            return replace(finding, file=SHIPPED + finding.file)
        lines = self.origins.get(finding.file, [])
        if finding.line > len(lines):
            return finding
        at = lines[finding.line - 1]
        return replace(finding, file=at.file, line=at.number, col=max(finding.col - at.moved, 1))


@dataclass
class _Merged:
    files: dict[str, bytes]
    origins: dict[str, list[Line]] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)
    pieces: list[Piece] = field(default_factory=list)


def merged(root: Path) -> Overlaid:
    """Returns the release's files with the city's over them, and which release that is."""
    made = _merge(files.own(RELEASE), files.own(root))
    name, marks = _name(root), {piece.name: piece.mark for piece in made.pieces}
    made.files[ORIGIN] = sheet(name, release(), marks).encode()
    made.files.pop(CITY, None)
    return Overlaid(made.files, made.origins, made.shipped)


def on_the_release(root: Path) -> Files:
    """Returns a city's flows and words with the release's configuration: what the release's replays look at.

    Policy values that only the city has are among it, as its words may name them.
    """
    made, base = files.revised(merged(root)), files.own(RELEASE)
    policy = "config/policy.yaml"
    values = _merge({policy: made[policy]}, {policy: base[policy]}).files
    return {**made, **{name: raw for name, raw in base.items() if name.startswith("config/")}, **values}


def own_flows(root: Path) -> frozenset[str]:
    """Returns the flows that the city has instead of the release's."""
    return frozenset(name[6:-5] for name in files.own(root) if name.startswith("flows/")) - {"pages"}


def release() -> str:
    """Returns this release's version, "" where the package is not installed."""
    try:
        return version("shebao")
    except PackageNotFoundError:
        return ""


def merged_file(root: Path, name: str) -> bytes:
    """Returns one file, of a city as it is merged."""
    raw = files.content_of(root / name)
    if not is_city(root):
        return raw
    base = {name: files.content_of(RELEASE / name)}
    return _merge(base, {} if raw == files.MISSING else {name: raw}).files[name]


def file_of(root: Path, name: str) -> Path:
    """Returns the file of a city, or the release's where it has none."""
    return RELEASE / name if is_city(root) and not (root / name).exists() else root / name


def pieces(root: Path) -> list[Piece]:
    """Returns whatever a city says instead of the release or beside it, but for phrases that it adds."""
    return _merge(files.own(RELEASE), files.own(root)).pieces


def based_on(root: Path) -> dict[str, str]:
    """Returns by piece the mark of what the release said when the city last looked at it."""
    found = _sheet(root).get("based_on")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def note(root: Path, accept: bool = False) -> None:
    """Writes down on what each piece rests. `accept`: also where the release has changed it since."""
    before = {} if accept else based_on(root)
    marks = {piece.name: before.get(piece.name, piece.mark) for piece in pieces(root)}
    made = sheet(_name(root), release(), marks)
    if (root / CITY).read_text("utf-8") != made:
        (root / CITY).write_text(made, encoding="utf-8")


def _sheet(root: Path) -> Mapping[str, Any]:
    data = parse(CITY, files.content_of(root / CITY)).data
    return data if isinstance(data, dict) else {}


def _name(root: Path) -> str:
    return str(_sheet(root).get("name", ""))


def sheet(name: str, number: str, marks: Mapping[str, str]) -> str:
    """config/city.yaml: `number` of the release, and by piece its mark there."""
    lines = ["# 本市的目录。name可以改，下面的由shebao写：本市改过的每一处，产品里当时是哪一版。"]
    lines += [f"name: {_quoted(name)}", f"release: {_quoted(number)}"]
    lines += ["based_on:"] if marks else []
    return "\n".join([*lines, *(f"  {_quoted(piece)}: {mark}" for piece, mark in sorted(marks.items())), ""])


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


_POLICY = """\
# 本市与产品不同的规定，一行一个；没写的用产品里的值。把source改成出处，checked改成核对的日期。
bureau: {{value: {name}人社局, source: 请写出处, checked: {day}}}
bureau_en: {{value: {name} Human Resources and Social Security Bureau, source: 请写出处, checked: {day}}}
"""


class Taken(ValueError):
    """The directory holds something already."""


def start(root: Path, name: str, day: date) -> list[str]:
    """Makes a city's directory; returns its files. Raises Taken."""
    if root.exists() and any(root.iterdir()):
        raise Taken(str(root))
    made = {
        CITY: sheet(name, release(), {}),
        "config/policy.yaml": _POLICY.format(name=name, day=day),
        "config/outlets.yaml": (RELEASE / "config/outlets.yaml").read_text("utf-8"),
    }
    for file, text in made.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    note(root)
    return list(made)


# --- upgrading ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Compared:
    """A piece against the release. `how`: piece_kept (the release has not changed it), piece_same
    (both say the same now), piece_conflict (both changed it), piece_gone (the release has it no more)."""

    how: str
    piece: Piece


def compare(root: Path) -> list[Compared]:
    """Compares three: the city, the release now, and what the release said when the city was written."""
    marks = based_on(root)
    return [Compared(_how(piece, marks.get(piece.name, piece.mark)), piece) for piece in pieces(root)]


def _how(piece: Piece, before: str) -> str:
    if piece.base.strip() == piece.own.strip():
        return "piece_same"
    if before == piece.mark:
        return "piece_kept"
    return "piece_conflict" if piece.base else "piece_gone"


# --- merging -------------------------------------------------------------------------------------
def _merge(release: Files, own: Files) -> _Merged:
    made = _Merged(dict(release), shipped=set(release) - set(own))
    for name, raw in own.items():
        base = release.get(name, b"")
        lines = _spliced(name, base, raw, made.pieces) if base and _in_parts(name) else None
        if lines is None:  # whole, or not to be read: then its own findings say why
            made.files[name] = raw
            if not isinstance(raw, Unreadable) and name.endswith(".yaml") and name not in ALONE:
                made.pieces.append(Piece(name, _text(base), _text(raw)))
        else:
            made.files[name] = "".join(f"{line.text}\n" for line in lines).encode()
            made.origins[name] = lines
    return made


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace")


def _in_parts(name: str) -> bool:
    return name.startswith("messages/") or name in ("config/policy.yaml", "flows/pages.yaml")


def _opens(name: str, loc: Loc) -> bool:
    """Whether the map at that place is merged part by part, not taken whole."""
    if not loc:
        return True
    if name == "config/policy.yaml":
        return False
    if name == "flows/pages.yaml":
        return loc == ("pages",)
    if name.endswith("/pages.yaml"):
        return len(loc) == 1
    if name.endswith("/common.yaml"):
        return loc in [(room,) for room in _ROOMS]
    return loc in (("slots",), ("texts",)) or (len(loc) == 2 and loc[0] == "slots")


def _spliced(name: str, base: bytes, raw: bytes, found: list[Piece]) -> list[Line] | None:
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
        blocks = dict(_blocks(self.release, loc, end))
        yield from self._release(first, min([start for start, _ in blocks.values()], default=end))
        for key, (start, stop) in blocks.items():
            here = (*loc, key)
            if key not in ours:
                yield from self._release(start, stop)
            elif self._parts(here):
                yield from self._release(start, start + 1)
                yield from self.map(here, start + 1, stop)
            elif _adds(here, _at(self.release.data, here), ours[key]):
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
        """Whether both have a map there, a key a line."""
        return _opens(self.name, loc) and all(
            isinstance(_at(source.data, loc), dict) and _by_lines(source, loc)
            for source in (self.release, self.own)
        )

    def _release(self, start: int, stop: int) -> Iterator[Line]:
        for number in range(start, stop):
            yield Line(self.release.lines[number - 1], SHIPPED + self.name, number)

    def _city(self, loc: Loc, beside: Loc) -> Iterator[Line]:
        """Returns a part as the city has it, moved into the column of the release's parts."""
        start, stop = dict(_blocks(self.own, loc[:-1], len(self.own.lines) + 1))[str(loc[-1])]
        column = min((at[1] for place, at in self.release.keys.items() if place[:-1] == beside), default=0)
        shift = column - self.own.keys[loc][1] if column else 0
        for number in range(start, stop):
            line = self.own.lines[number - 1]
            yield Line(" " * shift + line if shift >= 0 else line[-shift:], self.name, number, shift)

    def _instead(self, loc: Loc, start: int, stop: int) -> Iterator[Line]:
        lines = [*self._city(loc, loc[:-1])]
        base, ours = "\n".join(self.release.lines[start - 1 : stop - 1]), "\n".join(x.text for x in lines)
        self.found.append(Piece(self._piece(loc), base, ours))
        value, known = _at(self.own.data, loc), _OF.search(base)
        if self.name == "config/policy.yaml" and known and isinstance(value, dict) and "of" not in value:
            text = lines[0].text.rstrip()
            if text.endswith("}"):
                lines[0] = lines[0]._replace(text=f"{text[:-1]}, {known[0]}}}")
        yield from lines

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
        for i, phrase in enumerate(_at(self.own.data, loc)):
            line, column = self.own.at((*loc, i))
            words = _quoted(str(phrase))
            text = " " * (column - 1) + words + "," if bracket else " " * (indent - 3) + "- " + words
            made.append(Line(text, self.name, line))
        yield from lines[: last + 1]
        yield from made
        yield from [lines[last]._replace(text="  ]")] if bracket else []
        yield from lines[last + 1 :]


def _adds(loc: Loc, base: Any, own: Any) -> bool:
    """Phrases, which a city adds to; any other list is taken whole."""
    named = loc[-1] in _LISTS or (loc[0] in _ROOMS and len(loc) > 1)
    return bool(named and base) and isinstance(base, list) and isinstance(own, list)


def _at(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data[part]
    return data


def _by_lines(source: Source, loc: Loc) -> bool:
    """Whether each key of the map there begins a line of its own, below the map's own key."""
    rows = [source.keys[(*loc, key)][0] for key in _at(source.data, loc)]
    return len(set(rows)) == len(rows) and (not loc or source.keys[loc][0] not in rows)


def _blocks(source: Source, loc: Loc, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Returns each key of the map there with its lines, to the next key of this map or of one around it."""
    after = sorted(at[0] for place, at in source.keys.items() if len(place) <= len(loc) + 1)
    for key in _at(source.data, loc):
        start = source.keys[(*loc, key)][0]
        yield str(key), (start, min(next((row for row in after if row > start), end), end))
