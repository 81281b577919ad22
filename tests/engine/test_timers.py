"""Reminder, expiry, the end of a hand-off, and letting go of what has lapsed."""

from __future__ import annotations

from collections.abc import Callable

from .kit import MONDAY, Talk, make_id

Make = Callable[..., Talk]
NUMBER = make_id("11010119800101001")


def test_reminded_once_then_expired_then_at_rest(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    heard = t.at
    assert t.session.wake_at == heard + 600
    t.timer()
    assert t.said == ["common.remind", "look.what.ask"]
    assert t.session.wake_at == heard + 1800
    t.timer()
    assert t.said == ["common.expired"]
    assert t.session.wake_at == 0


def test_what_expired_is_not_said_to_be_nothing(talk: Make) -> None:
    """The resident agrees to “reply 继续”: nothing may tell them that nothing is half done."""
    for word in ("好", "好了吗", "返回", "重来", "再说一遍"):
        t = talk("look")
        t.say("看一看")
        t.timer()
        t.timer()
        t.say(word)
        assert t.said == ["common.on_hold"], word
        assert "回复“继续”" in t.text
        t.say("继续")
        assert t.said == ["common.resumed", "look.what.ask"]


def test_an_answer_in_time_begins_both_anew(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    t.timer()
    t.say("1")
    assert t.session.wake_at == t.at + 600


def test_a_message_after_the_deadline_expires_the_flow_by_its_own_time(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "同意登记", NUMBER)
    t.wait(1800)
    t.say("张三丰")
    assert t.said == ["common.expired"]
    assert t.stack == []


def test_a_phrase_after_the_deadline_still_begins_its_flow(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "同意登记")
    t.wait(1800)
    t.say("看一看")
    assert t.stack == ["look"]


def test_what_expired_goes_on_without_its_personal_answers(talk: Make) -> None:
    t = talk("look", more=MIXED)
    t.say("混合", "1", NUMBER)
    t.wait(3600)
    t.say("继续")
    assert t.said == ["common.resumed", "more.number.ask"]
    assert t.slots == {"kind": "red"}
    assert NUMBER not in str(t.session)
    t.say("返回")
    assert t.said == ["more.kind.ask"]


def test_a_digression_does_not_shorten_the_longest_time(talk: Make) -> None:
    t = talk("look", more=MIXED)
    t.say("混合", "看一看")
    assert t.session.wake_at == t.at + 600
    t.timer()
    assert t.session.wake_at == t.session.heard_at + 3600


def test_nothing_expires_while_a_change_is_under_way(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    assert t.session.wake_at == 0
    t.wait(90_000)
    t.say("好了吗")
    assert t.stack == ["change"]


def test_a_question_that_came_late_has_its_full_time(talk: Make) -> None:
    t = talk("look", "member", "find", ask=ASK)
    t.say("登记", "同意登记", NUMBER, "张三丰", "查了问")
    t.wait(1790)
    t.answer("found", {"state": "normal"}, t.call_id)
    assert t.said == ["ask.day.ask"]
    assert t.session.heard_at == t.at


def test_the_hand_off_ends_after_half_an_hour_and_the_flow_has_its_full_time_again(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "人工", "接通")
    assert t.session.wake_at == t.at + 1800
    t.timer()
    assert t.said == ["hand_off.back", "common.resumed", "look.what.ask"]
    assert t.session.wake_at == t.at + 600


def test_kept_answers_are_deleted_when_their_time_is_over(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰")
    assert t.session.wake_at == t.at + 1800
    assert NUMBER in str(t.session)
    t.timer()
    assert t.said == []
    assert NUMBER not in str(t.session)


def test_a_parked_run_loses_its_personal_answers_in_time(talk: Make) -> None:
    t = talk("look", slow=SLOW)
    t.say("慢慢查", NUMBER)
    t.answer("unavailable")
    t.say("不接通")
    assert NUMBER in str(t.session)
    while t.session.wake_at:
        t.timer()
    assert NUMBER not in str(t.session)
    t.say("继续")
    assert t.said == ["common.resumed", "slow.number.ask"]


def test_a_message_that_wechat_dates_back_does_no_harm(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    heard = t.session.heard_at
    t.at = MONDAY - 5000
    t.say("1")
    assert t.session.heard_at == heard
    assert t.said == ["look.note.ask"]


def test_the_reminder_of_an_engine_question_repeats_that_question(talk: Make) -> None:
    t = talk("look", "change")
    t.say("看一看", "启用卡")
    t.timer()
    assert t.said == ["common.remind", "common.busy"]


MIXED = (
    """
    flow: more
    expire: 60m
    slots: {kind: {type: choice, values: [red, blue]}, number: {type: id_number}, day: {type: date}}
    steps:
      kind: {collect: kind}
      number: {collect: number}
      day: {collect: day}
      done: {say: done, next: end}
    """,
    """
    title: 混合
    slots:
      kind: {label: 颜色, ask: 哪种？, values: {red: 红色, blue: 蓝色}, again: ["1或2。", "再选。"]}
      number: {label: 号码, ask: 号码？, again: ["18位。", "再写。"]}
      day: {label: 日子, ask: 哪天？, again: ["年月日。", "再写。"]}
    texts: {done: 好了。}
    """,
)
ASK = (
    """
    flow: ask
    requires: [member]
    slots: {card: {type: record}, day: {type: date}}
    steps:
      find: {action: card.find, with: {id_number: member.id_number}, save: card, next: {else: day}}
      day: {collect: day}
      done: {say: done, next: end}
    """,
    """
    title: 查了问
    slots: {day: {label: 日子, ask: 哪天？, again: ["年月日。", "再写。"]}}
    texts: {done: 好了。}
    """,
)
SLOW = (
    """
    flow: slow
    slots: {number: {type: id_number}, card: {type: record}}
    steps:
      number: {collect: number}
      find: {action: card.find, with: {id_number: number}, save: card, next: {found: done, not_found: done}}
      done: {say: done, next: end}
    """,
    """
    title: 慢慢查
    slots: {number: {label: 号码, ask: 号码？, again: ["18位。", "再写。"]}}
    texts: {done: 查好了。}
    """,
)
