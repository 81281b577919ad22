"""A directory with a copy of the content, a service in it, and the end of every process it started."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from processes.kit import Service, copy_content

if sys.platform != "linux":
    pytest.skip("looks for processes in /proc", allow_module_level=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_content(tmp_path / "here")


@pytest.fixture
def temp() -> Iterator[Path]:
    """A temp directory with a short name: sockets may have to fit into it."""
    made = Path(tempfile.mkdtemp(prefix="sbt-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def service(root: Path, temp: Path) -> Iterator[Service]:
    """Not started yet."""
    (root / "var").mkdir()
    made = Service(root, temp)
    yield made
    made.kill_everything()
