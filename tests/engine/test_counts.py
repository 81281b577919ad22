"""What is counted of a conversation: ways taken, questions put, answered and left; nothing that was said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.engine.counts import Counted, asked, dropped, edge, left, read, took, wrong
from bot.engine.events import Unsubscribed

from .kit import Talk, make_id

Make = Callable[..., Talk]
NUMBER = make_id("11010119800101001")


def test_a_question_is_put_once_answered_in_its_time_and_the_way_on_is_taken(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    assert t.counts == ["look.begun", "asked:look.what"]
    t.wait(11)
    t.say("2")
    assert t.counts == [
        *("time:look.what:4", "look.what.blue", "edge:look.what>note:"),
        "asked:look.note",
    ]
    t.tap("没有")
    t.say("2026-11-02")
    assert t.counts == [
        *("time:look.day:1", "look.day.given", "edge:look.day>done:"),
        *("edge:look.done>end:", "look.end"),
    ]


def test_wrong_answers_are_counted_and_the_question_is_not_put_again(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    t.say("紫的")
    assert t.counts == ["wrong:look.what"]
    t.timer()
    assert t.counts == []
    t.say("黑的", "白的")
    assert t.counts == [
        *("wrong:look.what", "edge:look.what>stop:exhausted", "look.stop"),
        "left:look.what:exhausted",
    ]


def test_a_digression_asks_nothing_anew(talk: Make) -> None:
    t = talk("look", "member")
    t.say("看一看", "1", "登记")
    assert t.counts == ["member.begun", "asked:member.consent"]
    t.say("不同意登记")
    assert t.counts == [
        *("member.consent.refused", "time:member.consent:1", "edge:member.consent>left:refused"),
        *("edge:member.left>stop:", "member.stop"),
    ]


@pytest.mark.parametrize(
    ("word", "why", "drops"), [("取消", "cancel", True), ("重来", "restart", True), ("返回", "back", False)]
)
def test_a_word_that_leaves_a_question_is_the_reason(talk: Make, word: str, why: str, drops: bool) -> None:
    t = talk("look")
    t.say("看一看", "1", word)
    assert f"left:look.note:{why}" in t.counts
    assert (f"dropped:look:{why}" in t.counts) == drops


def test_time_the_end_of_following_and_another_flow_are_reasons(talk: Make) -> None:
    t = talk("look", "change", "member")
    t.say("看一看")
    t.timer()
    t.timer()
    assert t.counts[-2:] == ["left:look.what:expired", "dropped:look:expired"]
    t.say("继续")
    assert t.counts == ["word.resume", "asked:look.what", "look.resumed"]
    t.say("启用卡", "2")
    assert t.counts[-2:] == ["left:look.what:switch", "dropped:look:switch"]
    t.hear(Unsubscribed(t.at + 1))
    assert t.counts == ["left:change.card:unfollow", "dropped:change:unfollow"]


def test_who_leaves_while_signing_in_has_left_both_but_only_one_question(talk: Make) -> None:
    t = talk("find", "member", "look")
    t.say("查卡", "同意登记", "取消")
    assert t.counts[-3:] == ["dropped:find:cancel", "left:member.id_number:cancel", "dropped:member:cancel"]


def test_a_call_is_put_answered_and_timed_like_a_question(talk: Make) -> None:
    t = talk("change", "look")
    t.say("启用卡", "社保卡", "确认启用")
    assert t.counts[-2:] == ["edge:change.check>submit:agreed", "asked:change.submit"]
    t.say("好了吗")
    assert not t.counts
    t.wait(40)
    t.answer("already", {}, t.call_id)
    assert t.counts[:3] == [
        "time:change.submit:6",
        "change.submit.already",
        "edge:change.submit>already:already",
    ]


def test_out_of_reach_leads_down_and_to_a_person(talk: Make) -> None:
    t = talk("find", "member", "look")
    t.say("查卡", "同意登记", NUMBER, "张三丰")
    t.answer("unavailable")
    assert "edge:find.find>!down:unavailable" in t.counts
    assert not [c for c in t.counts if c.startswith(("left:", "dropped:find"))]


@pytest.mark.parametrize("typed", ["张三丰", NUMBER, "a:b>c.d|e"])
def test_nothing_that_was_typed_is_in_a_name(talk: Make, typed: str) -> None:
    t = talk("look")
    t.say("看一看", "1")
    t.say(typed)
    assert "look.note.given" in t.counts
    assert not [c for c in t.counts if typed in c]


def test_names_are_read_as_they_were_made() -> None:
    made = [
        (edge("a", "b", "c", "x"), Counted("edge", "a", "b", "c", "x")),
        (edge("a", "b", "→ d", ""), Counted("edge", "a", "b", "→ d")),
        (asked("a", "b"), Counted("asked", "a", "b")),
        (wrong("a", "b"), Counted("wrong", "a", "b")),
        (left("a", "b", "back"), Counted("left", "a", "b", detail="back")),
        (dropped("a", "link"), Counted("run", "a", detail="dropped", why="link")),
    ]
    assert [read(count.name) for count, _ in made] == [counted for _, counted in made]
    assert read("a.begun") == Counted("run", "a", detail="begun")
    assert [read(name) for name in ("unknown", "word.help", "a.b.agreed", "")] == [None] * 4


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(-5, 0), (0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (1799, 11), (10**9, 16)]
)
def test_time_is_told_in_powers_of_two(seconds: int, bucket: int) -> None:
    assert took("a", "b", seconds).name == f"time:a.b:{bucket}"
