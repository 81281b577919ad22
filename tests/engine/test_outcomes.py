"""What came of a call belongs to its run, wherever that stands by then."""

from __future__ import annotations

from collections.abc import Callable

from .flows import CARD
from .kit import Talk, make_id

Make = Callable[..., Talk]
NUMBER = make_id("11010119800101001")


def test_an_outcome_goes_on_where_the_run_waited(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "查卡")
    assert t.answer("not_found") == "没有卡。"


def test_a_run_that_is_not_on_top_has_its_text_told_and_its_question_waits(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call.id
    t.say("看一看")
    t.answer("refused", {}, call)
    assert t.said == ["change.refused", "change.once_more", "look.what.ask"]
    assert t.stack == ["change", "look"]
    t.say("取消")
    assert t.said == ["common.stopped", "common.resumed", "change.card.ask"]


def test_a_late_or_unknown_outcome_is_counted_and_changes_nothing(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call.id
    t.answer("done", {}, call)
    before = t.session
    for name in (call, "no such call"):
        t.answer("refused", {}, name)
        assert t.said == []
        assert t.counts == ["outcome.late"]
    assert t.session == before


def test_what_an_outcome_begins_under_an_open_flow_is_not_begun_twice(talk: Make) -> None:
    t = talk("look", link=LINK)
    t.say("转一转", "A", "就这样")
    call = t.call.id
    t.say("看一看")
    t.answer("done", {}, call)
    assert t.stack == ["look"]


def test_a_deleted_run_tells_its_end_and_leaves_nothing_behind(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call.id
    t.say("删除我的信息", "确认删除")
    t.answer("unavailable", {}, call)
    assert t.said == ["common.result", "common.down", "hand_off.ask"]
    assert t.session.suspended is None


def test_a_slow_call_is_told_once_and_an_unknown_result_after_it(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.delay()
    assert t.said == ["common.slow"]
    t.delay()
    assert t.said == []
    t.delay(sent=True)
    assert t.said == ["change.not_sure"]
    t.delay()
    assert t.said == []
    assert t.answer("done", {}, t.call_id) == "已启用。"


def test_a_look_up_is_never_not_sure(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "查卡")
    t.delay(sent=True)
    assert t.said == ["common.slow"]


def test_while_it_goes_on_the_resident_is_told_to_wait(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    for _ in range(5):
        t.say("好了吗")
        assert t.said == ["common.slow"]


def test_an_outage_puts_the_answers_aside_until_the_flow_would_expire(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "查卡")
    t.answer("unavailable")
    assert t.said == ["common.down", "hand_off.ask"]
    t.say("不接通", "继续")
    assert t.call.action == "card.find"
    assert t.answer("found", CARD).startswith("卡正常")


def test_an_outcome_while_the_engine_asks_repeats_its_question(talk: Make) -> None:
    t = talk("look", "change", "find", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "查卡")
    call = t.call.id
    t.say("启用卡")
    assert t.said == ["common.busy"]
    t.answer("not_found", {}, call)
    assert t.said == ["find.none"]
    assert t.session.system_question == ""


LINK = (
    """
    flow: link
    slots: {card: {type: text}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit: {action: card.enable, with: {card: card}, once: true, next: onward}
      onward: {say: onward, next: {link: look}}
      left: {say: left, next: stop}
    """,
    """
    title: 转一转
    slots: {card: {label: 卡, ask: 哪张卡？, again: ["请写卡名。", "再写一次。"]}}
    texts: {check: {text: 请核对。, agreed: 就这样, refused: 不要这样}, onward: 转了。, left: 没有动。}
    """,
)
