"""A step kind is one file in the engine and one in the content room: here is another, added from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.drawing import graph
from bot.content.load import load
from bot.content.steps import KINDS
from bot.content.steps.kind import Kind
from bot.engine.events import Event, TextReceived
from bot.engine.flow import Step
from bot.engine.turn import Turn

from .kit import Talk, content_of, write

FLOW = """
    flow: rest
    steps:
      wait: {pause: wait, next: {long: rested, else: wait}}
      rested: {say: rested, next: end}
"""
WORDS = """
    title: 歇一歇
    texts: {wait: 请歇一会儿，好了说“歇够了”。, rested: 好，我们继续。}
"""


class Pausing(Step):
    """What a run does there: it waits until the resident has rested."""

    kind = "pause"
    asks = waits = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        return True

    def ask(self, turn: Turn) -> None:
        turn.say(self.text)

    def answer(self, turn: Turn, event: Event) -> bool:
        if not isinstance(event, TextReceived):
            return False
        turn.close()
        self.next.follow(turn, "long" if event.text == "歇够了" else "short")
        return True


class Pause(Kind):
    """What it says in YAML, and what follows from that."""

    step = Pausing
    into = "text"
    ends = ("long", "short")
    told = (False,)
    box = ("{{", "}}")

    pause: str = ""


@pytest.fixture(autouse=True)
def pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "pause", Pause)


def test_it_is_played(tmp_path: Path) -> None:
    t = Talk(content_of(tmp_path, {"rest": FLOW}, {"rest": WORDS}))
    t.say("歇一歇")
    assert t.said == ["rest.wait"]
    t.say("还没有")
    assert t.said == ["rest.wait"]
    t.say("歇够了")
    assert t.said == ["rest.rested"]
    assert "rest.end" in t.counts


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("unknown-outcome", "long:", "lang:"),
        ("unrouted", ", else: wait", ""),
        ("shape", "pause: wait,", "pause: [wait],"),
        ("unknown-key", "pause: wait,", "pause: wait, paws: 1,"),
        ("key-of-other-step", "pause: wait,", "pause: wait, once: true,"),
        ("missing-text", "pause: wait,", "pause: waits,"),
        ("silent", "long: rested", "long: end"),
    ],
)
def test_it_is_checked(code: str, old: str, new: str, tmp_path: Path) -> None:
    assert FLOW.replace(old, new) != FLOW
    write(tmp_path, {"rest": FLOW.replace(old, new)}, {"rest": WORDS})
    assert code in {finding.code for finding in load(tmp_path).findings if finding.severity == "error"}


def test_it_is_drawn(tmp_path: Path) -> None:
    content = content_of(tmp_path, {"rest": FLOW}, {"rest": WORDS})
    text = graph.mermaid(graph.of_flow(content, "rest", "zh-CN"))
    assert '{{"<b>wait · pause</b><br/>请歇一会儿' in text
    assert '-->|"long"|' in text
