from collections.abc import Callable
from pathlib import Path

import pytest

from .kit import Talk, content_of


@pytest.fixture
def talk(tmp_path: Path) -> Callable[..., Talk]:
    """`talk(flow="…", words="…")`: a conversation with inline flows; a name followed by _words is wording."""

    def make(**texts: str) -> Talk:
        flows = {k: v for k, v in texts.items() if not k.endswith("_words")}
        words = {k.removesuffix("_words"): v for k, v in texts.items() if k.endswith("_words")}
        return Talk(content_of(tmp_path, flows, words))

    return make
