"""The files that decide what residents meet, as one immutable thing known by its hash."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

Files = Mapping[str, bytes]
"""By path from the content directory, with `/`."""
Stamps = Mapping[str, tuple[int, int]]

PATTERNS = (
    "flows/*.yaml",
    "messages/*/*.yaml",
    "config/calendar.yaml",
    "config/menu.yaml",
    "config/outlets.yaml",
    "config/policy.yaml",
)


def collect(root: Path) -> Files:
    """What a directory would publish. A file that cannot be read is empty: the check says why."""
    paths = [path for pattern in PATTERNS for path in root.glob(pattern)]
    return {path.relative_to(root).as_posix(): _bytes(path) for path in sorted(paths)}


def revised(written: Mapping[str, bytes | OSError]) -> Files:
    """The part of a directory's files that a revision is made of."""
    return {
        name: raw if isinstance(raw, bytes) else b""
        for name, raw in written.items()
        if any(PurePosixPath(name).match(pattern) for pattern in PATTERNS)
    }


def stamps(root: Path, patterns: Sequence[str] = PATTERNS) -> Stamps:
    """By which a save is noticed without reading anything: time (ns) and size of each file."""
    found: dict[str, tuple[int, int]] = {}
    for path in (path for pattern in patterns for path in root.glob(pattern)):
        try:
            stat = path.stat()
        except OSError:  # an editor is just replacing it
            continue
        found[path.relative_to(root).as_posix()] = (stat.st_mtime_ns, stat.st_size)
    return found


def identity(files: Files) -> str:
    """The hash by which sessions, traces and evidence name a revision; 12 hex digits."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def unpacked(files: Files) -> Iterator[Path]:
    """The files as a directory, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="shebao-") as folder:
        root = Path(folder)
        for name, raw in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        yield root


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
