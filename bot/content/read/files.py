"""The content's files as one immutable revision, identified by its hash."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Self

Files = Mapping[str, bytes]
"""By path from the content directory, with `/`."""
Stamps = Mapping[str, tuple[int, int]]

CITY = "config/city.yaml"
"""Makes a directory a city's: what it has lies over the release."""
ORIGIN = "config/origin.yaml"
"""In a city's revision: the release it was made with, and which pieces are the city's."""
PAGES, MENU = "flows/pages.yaml", "config/menu.yaml"
POLICY, OUTLETS = "config/policy.yaml", "config/outlets.yaml"
SETTINGS, STUB = AT_START = ("config/settings.yaml", "config/stub.yaml")
"""Files beside the content that a process reads once; never published."""
BESIDE = (*AT_START, OUTLETS, CITY, ORIGIN)
"""Files that are checked with the content but do not affect conversations; of them a flow may need the
outlets."""
PATTERNS = (
    "flows/*.yaml",
    "messages/*/*.yaml",
    "config/calendar.yaml",
    MENU,
    ORIGIN,
    OUTLETS,
    POLICY,
)
_ASTRAY = ("flows/*/*.y*ml*", "messages/*.y*ml*", "messages/*/*/*.y*ml*")
MEANT = ("flows/*", "messages/*/*", "config/*", *_ASTRAY)
"""Files that the check looks at: an unread file may have a mistyped name or lie in a wrong folder."""
LARGEST = 2_000_000
"""Bytes of one file; the longest shipped one has a fiftieth of it."""


class Unreadable(bytes):
    """Stands for missing bytes, with the reason: an errno."""

    number: int

    def __new__(cls, number: int) -> Self:
        made = super().__new__(cls)
        made.number = number
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unreadable) and other.number == self.number

    def __hash__(self) -> int:
        return hash((Unreadable, self.number))


MISSING = Unreadable(errno.ENOENT)


def content_of(path: Path) -> bytes:
    """Returns the bytes of a file, Unreadable if there are none. Never waits (for a pipe) or reads on."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                return Unreadable(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL)
            raw = file.read(LARGEST + 1)
    except OSError as e:
        return Unreadable(e.errno or errno.EIO)
    return raw if len(raw) <= LARGEST else Unreadable(errno.EFBIG)


def is_city(root: Path) -> bool:
    return (root / CITY).is_file()


def written(root: Path) -> Files:
    """Returns every content file by its path; language folders, even empty ones, end with `/`.

    Of a city the files that `bot.content.read.city` merges.
    """
    if is_city(root):
        from bot.content.read.city import merged  # it needs what is defined here

        return merged(root)
    return own(root)


def own(root: Path) -> Files:
    """As `written`, of this directory alone."""
    languages = {f"{name}/": b"" for name, path in _found(root, "messages/*") if path.is_dir()}
    return languages | {name: content_of(path) for pattern in MEANT for name, path in _found(root, pattern)}


def collect(root: Path) -> Files:
    """Returns what a directory would publish, with unreadable files: the check reports them."""
    if is_city(root):
        from bot.content.read.city import merged

        made = merged(root)
        for name in made.keys() - revised(made).keys():
            del made[name]
        return made
    return revised({name: content_of(path) for pattern in PATTERNS for name, path in _found(root, pattern)})


def revised(written: Files) -> Files:
    """Returns the files that form a revision."""
    return {
        name: raw
        for name, raw in written.items()
        if any(PurePosixPath(name).match(pattern) for pattern in PATTERNS)
    }


def stamps(root: Path, patterns: Sequence[str] = PATTERNS) -> Stamps:
    """Returns stamps that show a save without reading: when (ns) each file or its rights were changed, and
    its size."""
    found: dict[str, tuple[int, int]] = {}
    for name, path in (one for pattern in patterns for one in _found(root, pattern)):
        try:
            there = path.stat()
        except OSError:  # an editor is just replacing it
            continue
        found[name] = (there.st_ctime_ns, there.st_size)
    return found


def _found(root: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    """Yields names from the root and paths, sorted. Hidden files, and ~$ ones of Word, are editors' own; a
    folder that cannot be listed (it was just removed) is empty."""
    paths = [root]
    for part in pattern.split("/"):
        paths = [path / name for path in paths for name in _names(path) if fnmatchcase(name, part)]
    for path in paths:
        yield os.fsencode(path.relative_to(root)).decode("utf-8", "replace"), path


def _names(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith((".", "~$")))
    except OSError:
        return []


def replace_file(path: Path, raw: bytes) -> None:
    """Writes a file, or removes it for b"". At once, so that nobody reads half a file and a full disk leaves
    the old one; with the rights that it had.

    Raises:
        OSError.
    """
    if not raw:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # hidden: nobody takes it for content
    try:
        beside.write_bytes(raw)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def identity(files: Files) -> str:
    """Returns the hash by which sessions, traces and evidence name a revision; 12 hex digits."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def unpacked(files: Files) -> Iterator[Path]:
    """Unpacks the files into a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="shebao-") as folder:
        root = Path(folder)
        for name, raw in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        yield root
