from collections.abc import Callable
from pathlib import Path

import pytest

from . import flows
from .kit import Talk, content_of


@pytest.fixture
def talk(tmp_path: Path) -> Callable[..., Talk]:
    """`talk("look", "change")`: a conversation with these of flows.py; `more=(flow, words)` adds one."""

    def make(*names: str, **more: tuple[str, str]) -> Talk:
        texts = {n: (getattr(flows, n.upper()), getattr(flows, f"{n.upper()}_WORDS")) for n in names} | more
        flow_texts = {n: flow for n, (flow, _) in texts.items()}
        return Talk(content_of(tmp_path, flow_texts, {n: words for n, (_, words) in texts.items()}))

    return make
