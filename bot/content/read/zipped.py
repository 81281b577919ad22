"""A content directory as a zip: the same for the same files, and read as what anybody may have made."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bot.content.read.files import AT_START, CITY, LARGEST, MEANT, PATTERNS, Files, Unreadable

LARGEST_ZIP, WHOLE, MOST = 3_000_000, 20_000_000, 3_000
"""Bytes of a zip, and of all its files; how many it may list. The release is a tenth of each."""
_UTF8, _LOCKED = 0x800, 0x1  # bits of a zip's entry
_HOME = re.compile(r"(?:.*?/)??(?=(?:flows|messages|config)/)")
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Problem:
    """Why a zip is not taken. `why`: damaged, many, large, none, which, path, link, locked, twice, case.
    `name`: of the file in it, "" for the whole."""

    why: str
    name: str = ""


@dataclass
class Zipped:
    """`files`: the content, as a directory holds it; none where there are problems. `left_out`: names of what
    is no content."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def pack(files: Files) -> bytes:
    """Returns the zip; of a directory's files only the content."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(name for name, raw in files.items() if not isinstance(raw, Unreadable)):
            if _like(name, (*PATTERNS, CITY)):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, files[name])
    return made.getvalue()


def read(raw: bytes) -> Zipped:
    """Never raises for what is in it, and unpacks no more than it may hold."""
    made = Zipped()
    try:
        with zipfile.ZipFile(io.BytesIO(raw[: LARGEST_ZIP + 1])) as archive:
            _read(archive, made)
    except _BROKEN:
        made.problems.append(Problem("damaged"))
    if len(raw) > LARGEST_ZIP:
        made.problems = [Problem("large")]
    if made.problems:
        made.files = {}
    return made


def _read(archive: zipfile.ZipFile, made: Zipped) -> None:
    entries = archive.infolist()
    if len(entries) > MOST:
        made.problems.append(Problem("many"))
        return
    named = [(_name(entry), entry) for entry in entries]
    made.problems += [Problem("path", name) for name, _ in named if _strays(name)]
    shown = [(name, entry) for name, entry in named if not _is_hidden(name) and not name.endswith("/")]
    made.problems += [Problem("link", name) for name, entry in shown if _is_special(entry)]
    if made.problems:
        return
    home = _home([name for name, _ in shown], made.problems)
    ours: list[tuple[str, zipfile.ZipInfo]] = []
    for name, entry in shown:
        own = name.removeprefix(home)
        if name.startswith(home) and own not in AT_START and _like(own, (*MEANT, CITY)):
            ours.append((own, entry))
        else:
            made.left_out.append(name)
    made.problems += _clashes([name for name, _ in ours])
    left = WHOLE
    for name, entry in ours if not made.problems else ():
        made.files[name] = _content(archive, name, entry, left, made.problems)
        left -= len(made.files[name])
    folders = {name.rpartition("/")[0] for name in made.files if name.count("/") == 2}
    made.files |= {f"{folder}/": b"" for folder in folders if folder.startswith("messages/")}


def _content(
    archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo, left: int, problems: list[Problem]
) -> bytes:
    """Returns a file's bytes. What a zip says of its own sizes is not believed."""
    if entry.flag_bits & _LOCKED:
        problems.append(Problem("locked", name))
        return b""
    most = max(min(LARGEST, left), 0)
    try:
        with archive.open(entry) as file:
            raw = file.read(most + 1)
    except _BROKEN:
        problems.append(Problem("damaged", name))
        return b""
    if len(raw) > most:
        problems.append(Problem("large", name))
    return raw[:most]


# --- names -------------------------------------------------------------------------------------
def _name(entry: zipfile.ZipInfo) -> str:
    """Returns it with `/`. Where the zip does not say that names are UTF-8, Windows wrote those of its own
    code page, for Chinese GBK; macOS writes letters and their accents apart."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8:
        name = next(_decoded(name.encode("cp437")), name)
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _decoded(raw: bytes) -> Iterator[str]:
    for code in ("utf-8", "gb18030"):
        try:
            yield raw.decode(code)
        except UnicodeDecodeError:
            continue


def _strays(name: str) -> bool:
    parts = name.split("/")
    odd = any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in name)
    return odd or name.startswith("/") or bool(_DRIVE.match(name)) or ".." in parts or not name


def _is_special(entry: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR)


def _is_hidden(name: str) -> bool:
    """Of editors, git, macOS."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _home(names: list[str], problems: list[Problem]) -> str:
    """Returns the folder that holds the content: GitHub, and who zips a folder, puts one around it."""
    homes = Counter(found[0] for name in names if (found := _HOME.match(name)))
    if not homes:
        problems.append(Problem("none"))
        return ""
    depth = min(home.count("/") for home in homes)
    first, *others = [home for home in homes if home.count("/") == depth]
    problems += [Problem("which", f"{first} {others[0]}")] if others else []
    return first


def _clashes(names: list[str]) -> Iterator[Problem]:
    """Of two files one would lie over the other, here or on a colleague's Windows."""
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem("twice", name)
    by_fold: dict[str, str] = {}
    for name in dict.fromkeys(names):
        other = by_fold.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)
        if other != name:
            yield Problem("case", f"{other} {name}")


def _like(name: str, patterns: tuple[str, ...]) -> bool:
    """Part by part: a `*` takes no `/`."""
    parts = name.split("/")
    return any(
        len(parts) == pattern.count("/") + 1 and all(map(fnmatchcase, parts, pattern.split("/")))
        for pattern in patterns
    )
