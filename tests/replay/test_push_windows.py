"""A replay pushes what WeChat would let through, and holds the rest until the resident writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from moment import USUAL, epoch

from bot.engine.effects import Reply
from bot.engine.events import MenuClicked, TextReceived
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.fixture import load
from bot.kit.replay.process import Process
from bot.kit.replay.stage import Stage
from bot.store.records import CommitRequest

from .kit import stage, written

NOON = epoch(USUAL)


@pytest.fixture
def conversation(tmp_path: Path) -> Conversation:
    return load(
        written(tmp_path, "resident: {person: 张三}\npush: yes\nturns:\n  - {say: 你好, expect: /./}\n")
    )


def waits(process: Process, replies: list[Reply]) -> None:
    """In the outbox, as if calls had brought it."""
    for reply in replies:
        begun = process.store.begin(process.owner, "")
        plan = CommitRequest(begun.version, begun.session, process.clock, outbox=reply, pushes=True)
        assert process.store.commit(process.owner, "", plan) == "done"


def results(count: int) -> list[Reply]:
    """Each fills a message."""
    return [Reply(text=f"第{n}件" + "好" * 340) for n in range(count)]


def test_five_messages_are_pushed_and_what_is_left_is_told_first_when_the_resident_writes(
    conversation: Conversation,
) -> None:
    process = Stage(stage(), conversation).process
    process.deliver("1", TextReceived(NOON, 1, "你好"))
    waits(process, results(7))
    pushed = process.wait(NOON + 10)
    assert [reply.text[:3] for reply in pushed] == [f"第{n}件" for n in range(5)]
    assert process.wait(NOON + 1000) == []
    assert process.deliver("2", TextReceived(NOON + 1010, 1, "你好")).text.startswith("第5件")
    assert [reply.text[:3] for reply in process.wait(NOON + 1020)] == ["第6件"]


def test_after_two_days_nothing_is_pushed(conversation: Conversation) -> None:
    process = Stage(stage(), conversation).process
    process.deliver("1", TextReceived(NOON, 1, "你好"))
    process.wait(NOON + 172_800)
    waits(process, results(1))
    assert process.wait(NOON + 172_900) == []
    assert process.deliver("2", TextReceived(NOON + 173_000, 1, "你好")).text.startswith("第0件")


def test_a_tap_allows_three_messages_for_a_minute(conversation: Conversation) -> None:
    process = Stage(stage(), conversation).process
    process.deliver("1", MenuClicked(NOON, 1, "OUTLETS"))
    waits(process, results(4))
    assert len(process.wait(NOON + 59)) == 3
    other = Stage(stage(), conversation).process
    other.deliver("1", MenuClicked(NOON, 1, "OUTLETS"))
    other.wait(NOON + 60)
    waits(other, results(1))
    assert other.wait(NOON + 61) == []


def test_while_the_page_is_open_a_push_waits_for_it(conversation: Conversation) -> None:
    """It is open for a minute after what was done there last."""
    process = Stage(stage(), conversation).process
    process.deliver("1", TextReceived(NOON, 1, "你好"))
    process.deliver("page:1", TextReceived(NOON + 5, 1, "你好"))
    waits(process, results(1))
    assert process.wait(NOON + 24) == []
    assert len(process.wait(NOON + 25)) == 1
    process.wait(NOON + 90)
    waits(process, results(1))
    assert len(process.wait(NOON + 91)) == 1


def test_a_fork_counts_for_itself(conversation: Conversation) -> None:
    process = Stage(stage(), conversation).process
    process.deliver("1", TextReceived(NOON, 1, "你好"))
    fork = process.fork()
    waits(process, results(5))
    assert len(process.wait(NOON + 10)) == 5
    waits(fork, results(5))
    assert len(fork.wait(NOON + 10)) == 5
