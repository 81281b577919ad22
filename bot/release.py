"""Which release this is: the version, and the commit that it was built from."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def release() -> str:
    """`0.1.0+02f42490a1b2`; only the version where nobody knows the commit, "" where not even that."""
    try:
        return version("shebao") + (f"+{commit}" if (commit := _commit()) else "")
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """Returns this commit: a wheel holds it (setup.py), a clone is asked."""
    built = _HERE / "commit.txt"
    if built.exists():
        return built.read_text("utf-8").strip()
    if not (_HERE.parent / ".git").exists():
        return ""
    try:
        asked = ["git", "-C", str(_HERE), "rev-parse", "--short=12", "HEAD"]
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=5).stdout.strip()  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
