"""docs/testers.md names what a replay can hold, in both languages."""

from __future__ import annotations

import re

import pytest

from bot.kit.replay.models import ACTS, Conversation, Turn

from .kit import marked, read, table

DOCS = {"docs/testers.md": "key", "docs/testers.zh-CN.md": "键"}
OF_RECORDINGS = {"session", "outbox"}
"""What only `shebao record` writes."""


@pytest.mark.parametrize("name", DOCS)
def test_each_act_has_its_row(name: str) -> None:
    assert [marked(row[0])[0].partition(":")[0] for row in table(name, DOCS[name])] == list(ACTS)


@pytest.mark.parametrize("name", DOCS)
def test_each_key_is_named(name: str) -> None:
    _, *sections = re.split(r"(?m)^## ", read(name))
    example, _, expected, head, *_ = (set(re.findall(r"`?\b([a-z]+)\b[:`]", text)) for text in sections)
    assert Turn.model_fields.keys() - set(ACTS) <= expected
    assert Conversation.model_fields.keys() - OF_RECORDINGS <= example | head
