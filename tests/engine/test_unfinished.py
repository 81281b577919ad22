"""Whoever leaves a loss report before the block is told that first, and never where the card is blocked."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.engine.content import Content

from .kit import ROOT, Talk, content_of, make_id, read

ID = make_id("66010119800101001")
NOT_BLOCKED = "在这里卡还没有停用，着急请马上打12333"
CARD = {"id": "c1", "number": "1234", "holder": "张三", "state": "normal", "bank": "某行"}


@pytest.fixture(scope="module")
def shipped() -> Content:
    return read(ROOT)


def ask(t: Talk, *texts: str) -> None:
    for text in texts:
        t.say(t.session.frames[-1].code if text == "code" else text)


def signed_in(t: Talk, state: str = "normal", **more: str) -> Talk:
    t.say("卡丢了")
    ask(t, "同意", ID, "张三", "code")
    t.answer("match", {"age_group": "adult"})
    t.answer("found", {**CARD, "state": state, **more})
    return t


def check_fails(t: Talk, outcome: str) -> None:
    t.say("卡丢了")
    ask(t, "同意", ID, "张三", "code")
    t.answer(outcome)


def mismatch_thrice(t: Talk) -> None:
    check_fails(t, "mismatch")
    for _ in range(2):
        ask(t, ID, "张三", "code")
        t.answer("mismatch")


def consent_refused(t: Talk) -> None:
    t.say("卡丢了", "不同意")


def wrong_thrice(t: Talk) -> None:
    t.say("卡丢了", "呃呃", "呃呃呃", "呃呃呃呃")


def cancelled(t: Talk) -> None:
    signed_in(t).say("取消")


def a_person(t: Talk) -> None:
    signed_in(t).say("人工")


def timed_out(t: Talk) -> None:
    signed_in(t)
    while t.session.frames:
        t.timer()


def another_matter(t: Talk) -> None:
    signed_in(t).say("补卡")
    t.tap("先不办了")


def consent_withdrawn(t: Talk) -> None:
    signed_in(t).say("撤回同意")


def face_refused(t: Talk) -> None:
    signed_in(t).say("2", "1", "不刷脸，用别的办法")


def face_fails(t: Talk) -> None:
    signed_in(t).say("2", "1", "同意刷脸")
    for _ in range(3):
        t.image()
        t.answer("mismatch")


WAYS: Mapping[str, Callable[[Talk], None]] = {
    "consent refused": consent_refused,
    "too many wrong answers": wrong_thrice,
    "no match": mismatch_thrice,
    "locked": lambda t: check_fails(t, "locked"),
    "identity check away": lambda t: check_fails(t, "unavailable"),
    "cancelled": cancelled,
    "a person": a_person,
    "timed out": timed_out,
    "another matter": another_matter,
    "consent withdrawn": consent_withdrawn,
    "face refused": face_refused,
    "face fails": face_fails,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_begins_with_what_matters(shipped: Content, way: str) -> None:
    t = Talk(shipped)
    WAYS[way](t)
    assert t.text.startswith(NOT_BLOCKED), t.text
    assert t.text.count(NOT_BLOCKED) == 1


def test_with_the_bureau_away_the_flow_says_so_itself(shipped: Content) -> None:
    t = signed_in(Talk(shipped))
    t.say("1", "确认停用")
    t.answer("unavailable")
    assert t.text.startswith("卡还没有停用。现在连不上")


def test_a_card_that_is_blocked_for_the_time_being_is_never_called_not_blocked(shipped: Content) -> None:
    for words in ("取消", "人工", "撤回同意"):
        t = signed_in(Talk(shipped), "temporary_loss")
        t.say(words)
        assert t.text.startswith("卡还是临时挂失"), t.text
    t = signed_in(Talk(shipped), "temporary_loss")
    t.say("改成正式挂失", "1", "不刷脸，用别的办法")
    assert "还没有停用" not in t.text
    t = signed_in(Talk(shipped), "temporary_loss")
    t.say("改成正式挂失", "1", "同意刷脸")
    t.image()
    t.answer("match")
    t.say("确认停用")
    assert "还没有停用" not in t.answer("unavailable")


def test_nothing_is_said_of_a_block_that_may_be_made(shipped: Content) -> None:
    t = signed_in(Talk(shipped))
    t.say("1", "确认停用")
    t.delay(sent=True)
    assert "卡有没有停用" in t.text
    for words in ("取消", "人工"):
        assert "还没有停用" not in t.say(words)


def test_nothing_is_said_of_a_card_that_was_blocked_in_this_session(shipped: Content) -> None:
    """The sign-in has lapsed since, the next one fails: the session still knows of the report."""
    t = signed_in(Talk(shipped))
    t.say("1", "确认停用")
    t.answer(
        "done",
        {
            "kind": "temporary",
            "number": "99",
            "until": "2026-11-30",
            "bank_name": "某行",
            "bank_phone": "95588",
        },
    )
    assert "【已停用】" in t.text
    t.say("退出登录")
    t.say("卡丢了", "不同意")
    assert "还没有停用" not in t.text


def test_any_flow_says_these_in_its_own_words(tmp_path: Path) -> None:
    flows = {
        "block": """
            flow: block
            slots: {card: {type: record}, loss: {type: record}, n: {type: choice, values: [a]}}
            steps:
              ask: {confirm: ask, next: {agreed: go, refused: no}}
              go:
                action: card.report_loss
                with: {card: {value: c}, kind: {value: temporary}}
                once: true
                save: loss
                next: {done: yes_, already: yes_, refused: no}
              yes_: {say: yes_, next: end}
              no: {say: no, next: stop}
        """
    }
    words = {
        "block": """
            title: 停
            texts:
              ask: {text: 停吗？, agreed: 停掉, refused: 不停}
              yes_: 停了。
              no: 没停。
              unfinished: 还没停。
              stopped: 好的，没停。
        """
    }
    t = Talk(content_of(tmp_path, flows, words))
    assert t.say("停") == "停吗？"
    assert t.say("取消") == "还没停。\n好的，没停。"
    t.say("停", "人工")
    assert t.said[0] == "block.unfinished"


def test_the_engines_texts_speak_of_no_card(shipped: Content) -> None:
    told = {
        "zh-CN": ("您的卡", "停用", "挂失", "恢复使用"),
        "en": ("your card has", "blocked", "use it again", "loss report"),
    }
    neutral = (
        "stopped",
        "stopped_done",
        "stopped_lost",
        "exhausted",
        "forgotten",
        "forgotten_later",
        "expired",
    )
    neutral += (
        "consent_withdrawn",
        "cancel_which",
        "cancel_restore",
        "cancel_leave",
        "submitting",
        "outcome",
    )
    for code, words in told.items():
        for name in neutral:
            for variant in shipped.languages[code].common[name].variants:
                said = "".join(p for p in variant.parts if isinstance(p, str)).lower()
                assert not [w for w in words if w in said], (code, name, said)
