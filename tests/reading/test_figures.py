"""How well messages are understood that nobody had before them when the phrases were written.

The files hold messages, and all that is right for each. Floors, a little below what was measured.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.content import Content
from bot.reading.clean import Said
from bot.reading.evaluate import Figures, evaluate, read

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def shipped() -> Content:
    content = load(ROOT).content
    assert content is not None
    return content


def changing(content: Content) -> set[str]:
    return {name for name, flow in content.flows.items() if flow.changes}


def figures(content: Content, file: str) -> Figures:
    rows = read((HERE / file).read_text("utf-8"))
    guesses = [(row, content.guesser.guess(Said(row.said))) for row in rows]
    return evaluate(guesses, changing(content))[0]


def test_first_messages(shipped: Content) -> None:
    found = figures(shipped, "first_messages.tsv")
    assert found.share(found.among) >= 93
    assert found.changing == []


def test_look_alikes(shipped: Content) -> None:
    found = figures(shipped, "look_alikes.tsv")
    assert found.share(found.among) >= 95
    assert found.changing == []


def test_unrelated_messages_get_no_suggestion(shipped: Content) -> None:
    found = figures(shipped, "unrelated.tsv")
    assert found.share(found.rows - found.first) <= 5
    assert found.at_once_wrong == 0
