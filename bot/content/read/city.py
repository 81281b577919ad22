"""A city's own directory: what differs from the release, laid over it when its files are read.

`config/city.yaml` (`files.CITY`) makes a directory one. The merged files (`overlay`) are read, checked and
published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.content.read import files
from bot.content.read.config_files import SheetModel, read_sheet
from bot.content.read.files import CITY, ORIGIN, OUTLETS, POLICY, Files, is_city
from bot.content.read.overlay import Overlaid, lay
from bot.content.read.own_files import Shipped, own_changes
from bot.content.read.policy_file import read_policy
from bot.content.read.source import BrokenContent, parse
from bot.content.read.splicing import Line, Piece, in_parts, mark_of, quoted

_SHIPPED = Path(__file__).parents[2] / "shipped"
RELEASE = _SHIPPED if _SHIPPED.is_dir() else Path(__file__).parents[3]
"""Where flows/, messages/, config/ and tests/replays/ of this release are: in the wheel, or in the clone."""
EXAMPLE = "示例"
"""The source of every value of the release's policy: none of them is a city's."""


def merged(root: Path) -> Overlaid:
    """Returns the release's files with the city's over them, and which release that is."""
    return over_release(files.own(root))


def over_release(own: Files) -> Overlaid:
    """As `merged`, of a city's own files."""
    made = lay(files.own(RELEASE), own)
    raw, marks = made.pop(CITY, files.MISSING), {piece.name: piece.mark for piece in made.pieces}
    source = parse(CITY, raw)
    if (found := read_sheet(source)) and not source.findings:
        made[ORIGIN] = sheet(found.name, release(), marks).encode()
    else:  # as it is, so that the check says what is wrong with it
        made[ORIGIN] = raw
        lines = raw.decode("utf-8-sig", "replace").splitlines() or [""]
        made.origins[ORIGIN] = [Line(line, CITY, number) for number, line in enumerate(lines, 1)]
    return made


@contextmanager
def played(made: Files) -> Iterator[tuple[Path, Path]]:
    """Unpacks a city's merged files twice, as the release's replays are played on them: with the city's rules
    and outlets, and with the release's. Policy values that only the city has stay, as its words may name
    them."""
    base = {name: raw for name, raw in files.own(RELEASE).items() if name.startswith("config/")}
    ruled = lay({POLICY: made.get(POLICY, b"")}, {POLICY: base[POLICY]})
    with files.unpacked({**base, **made}) as own, files.unpacked({**made, **base, **ruled}) as release:
        yield own, release


def own_flows(root: Path) -> frozenset[str]:
    """Returns the flows that a city has instead of the release's; `root`: where its merged files are."""
    sheet = read_sheet(parse(ORIGIN, files.content_of(root / ORIGIN)))
    whole = (name[6:-5] for name in (sheet.based_on if sheet else ()) if name.startswith("flows/"))
    return frozenset(name for name in whole if "#" not in name)


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
    return lay(base, {} if raw == files.MISSING else {name: raw})[name]


def file_of(root: Path, name: str) -> Path:
    """Returns the file of a city, or the release's where it has none."""
    return RELEASE / name if is_city(root) and not (root / name).exists() else root / name


def edited(root: Path, before: Files, after: Files) -> Files | None:
    """Returns the city's own files as a change of its merged ones makes them; None where the directory does
    not hold what is changed.

    Raises:
        Shipped.
    """
    if dict(files.collect(root)) != dict(before):
        return None
    own = files.own(root)
    made = {**own, **own_changes(files.own(RELEASE), own, before, after)}
    return {name: raw for name, raw in made.items() if raw or own.get(name) == raw}


def releases_own(root: Path, name: str) -> bool:
    """Checks whether a whole file is the release's alone: it has to be copied before it can be changed."""
    return is_city(root) and not in_parts(name) and (RELEASE / name).is_file() and not (root / name).exists()


def takes_away(before: Files, after: Files) -> str:
    """Returns the part of the release that a change takes away, which no city can; "" for none."""
    try:
        own_changes(files.own(RELEASE), {}, before, after)
    except Shipped as e:
        return str(e)
    return ""


def pieces(root: Path) -> list[Piece]:
    """Returns whatever a city says instead of the release or beside it, but for phrases that it adds."""
    return lay(files.own(RELEASE), files.own(root)).pieces


def based_on(root: Path) -> dict[str, str]:
    """Returns by piece the mark of what the release said when the city last looked at it.

    Raises:
        BrokenContent.
    """
    return _sheet(root).based_on


def note(root: Path, accept: bool = False) -> None:
    """Writes down on what each piece rests. `accept`: also where the release has changed it since.

    Raises:
        BrokenContent: what is written there cannot be read, and would be lost.
        OSError.
    """
    found = _sheet(root)
    before = {} if accept else found.based_on
    marks = {piece.name: before.get(piece.name, piece.mark) for piece in pieces(root)}
    made = sheet(found.name, release(), marks).encode()
    if files.content_of(root / CITY) != made:
        files.replace_file(root / CITY, made)


def _sheet(root: Path) -> SheetModel:
    source = parse(CITY, files.content_of(root / CITY))
    found = read_sheet(source)
    if found is None:
        raise BrokenContent(findings=tuple(source.findings))
    return found


def sheet(name: str, number: str, marks: Mapping[str, str]) -> str:
    """config/city.yaml: `number` of the release, and by piece its mark there."""
    lines = ["# 本市的目录。name可以改，下面的由shebao写：本市改过的每一处，产品里当时是哪一版。"]
    lines += [f"name: {quoted(name)}", f"release: {quoted(number)}"]
    lines += ["based_on:"] if marks else []
    lines += [f"  {quoted(piece)}: {quoted(mark)}" for piece, mark in sorted(marks.items())]
    return "\n".join([*lines, ""])


_POLICY = """\
# 本市与产品不同的规定，一行一个；没写的用产品里的值。把source改成出处，checked改成核对的日期。
bureau: {{value: {chinese}, source: 请写出处, checked: {day}}}
bureau_en: {{value: {english}, source: 请写出处, checked: {day}}}
"""


class Taken(ValueError):
    """The directory holds something already."""


def start(root: Path, name: str, day: date) -> list[str]:
    """Makes a city's directory; returns its files.

    Raises:
        Taken, OSError.
    """
    if root.exists() and any(root.iterdir()):
        raise Taken(str(root))
    chinese, english = quoted(f"{name}人社局"), quoted(f"{name} Human Resources and Social Security Bureau")
    made = {
        CITY: sheet(name, release(), {}),
        POLICY: _POLICY.format(chinese=chinese, english=english, day=day),
        OUTLETS: (RELEASE / OUTLETS).read_text("utf-8"),
    }
    for file, text in made.items():
        files.replace_file(root / file, text.encode())
    note(root)
    return list(made)


# --- upgrading ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Compared:
    """A piece against the release. `how`: piece_kept (the release has not changed it), piece_same
    (both say the same now), piece_old (only the release changed it), piece_conflict (both changed it),
    piece_gone (the release has it no more)."""

    how: str
    piece: Piece


def invented(root: Path) -> list[str]:
    """Returns the values of the policy that the city takes from the release, where all are examples."""
    dated, *_ = read_policy(parse(POLICY, merged_file(root, POLICY)))
    return [name for name, value in dated[""].items() if value["source"] == EXAMPLE]


def compare(root: Path) -> list[Compared]:
    """Compares three: the city, the release now, and what the release said when the city was written."""
    marks = based_on(root)
    return [Compared(_how(piece, marks.get(piece.name, piece.mark)), piece) for piece in pieces(root)]


def _how(piece: Piece, before: str) -> str:
    if piece.base.strip() == piece.own.strip():
        return "piece_same"
    if before == piece.mark:
        return "piece_kept"
    if piece.base and before == mark_of(piece.own):
        return "piece_old"
    return "piece_conflict" if piece.base else "piece_gone"
