"""A small content to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .kit import small


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("small"))


@pytest.fixture
def copy(content: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(content, tmp_path / "copy"))
