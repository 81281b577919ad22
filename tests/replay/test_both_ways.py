"""Chat and page are two ways of holding the same conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.kit.replay.both_ways import on_the_page
from bot.kit.replay.fixture import load
from bot.kit.replay.play import play
from bot.kit.replay.run import Options, files, one

from .kit import ROOT, findings, played, stage, written

HEAD = "resident: {person: 张三}\n"
TO_THE_FORM = "turns:\n  - {tap: 挂失停用, expect: /./}\n  - {tap: '同意，继续', expect: /./}\n"
SIGNED_IN = 'fill: {id_number: "{id_number}", name: "{name}", code: "{code}"}'


def test_a_form_is_filled_in_on_the_page(tmp_path: Path) -> None:
    text = f"{HEAD}channel: page\n{TO_THE_FORM}  - {{{SIGNED_IN}, at: report_loss.kind, expect: ~您好}}\n"
    assert played(tmp_path, text).failure is None


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        ("fill: {mobile: x}", "no field “mobile”, but id_number, name, code"),
        ("say: 张三", "does not take “张三”"),
        ("event: subscribe", "nothing for `event`"),
    ],
)
def test_what_the_page_does_not_have_is_named(tmp_path: Path, turn: str, why: str) -> None:
    failure = played(tmp_path, f"{HEAD}channel: page\n{TO_THE_FORM}  - {{{turn}, expect: /./}}\n").failure
    assert failure is not None
    assert failure.turn == 3
    assert why in failure.difference.what


def test_the_chat_has_no_form(tmp_path: Path) -> None:
    assert any(
        "made.yaml:5:5: error [on-page-only]" in f
        for f in findings(tmp_path, f"{HEAD}{TO_THE_FORM}  - {SIGNED_IN}\n")
    )


def test_a_conversation_that_the_page_cannot_hold_says_so(tmp_path: Path) -> None:
    """And one that it can must not say otherwise."""
    options = Options(ROOT, page=True)
    scan, thanks = "event: {scan: x}, expect: /./", "tap: 带什么材料, expect: /./"
    for head, turn, told in (
        ("", scan, "made.yaml:2: turn 1 — on the page: The page has nothing for `event`"),
        ("channel: chat\n", scan, ""),
        ("", thanks, ""),
        ("channel: chat\n", thanks, "made.yaml:1: the page does the same: take out"),
    ):
        result = one(written(tmp_path, f"{head}turns:\n  - {{{turn}}}\n"), options, stage())
        assert told in result.text
        assert bool(result.text) == bool(told)
        assert bool(result.only_chat) == (not told and bool(head))


LACKS = (
    "on the page: The page does not take",  # words, where it has buttons
    "on the page: The page has nothing for",  # a place, a sticker, or what WeChat reports
    "on the page: Two things at once",
)
"""What holds a conversation to the chat: never that something else comes of it."""


@pytest.mark.slow
def test_every_shipped_replay_gives_the_same_on_the_page() -> None:
    """Those that say `channel: chat` have something that the page lacks; each flow can be done in the chat
    alone, and on the page alone but for the greeting of a new follower."""
    done, said, wrong = set[str](), set[str](), list[str]()
    for path in files([ROOT / "tests/replays"]):
        conversation = load(path, ROOT)
        if conversation.channel == "page":
            continue
        chat = play(conversation, stage(), update=True)
        page = on_the_page(chat, stage())
        if (page.failure is None) != (conversation.channel == "both"):
            wrong.append(
                f"{path.name}: {page.failure.difference if page.failure else 'take out channel: chat'}"
            )
        if page.failure is not None and not page.failure.difference.what.startswith(LACKS):
            wrong.append(f"{path.name}: {page.failure.difference}")
        ends = {end.partition(".")[0] for came in chat.came if came.facts for end in came.facts.ends}
        said |= ends
        done |= ends if page.failure is None else set()
    assert not wrong
    assert set(stage().content.flows) <= said, "and those that replays deploy"
    assert set(stage().content.flows) - done == {"welcome"}
