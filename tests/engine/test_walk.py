"""Moving through the steps: questions, answers, calls, the stack, hand-off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine.events import MOST_READ, OtherReceived, Scanned, Subscribed, TextReceived
from bot.engine.flow import Go, Step

from .flows import CARD, LOOK, LOOK_WORDS, MEMBER, MEMBER_WORDS
from .kit import MONDAY, Talk, content_of, make_id

Make = Callable[..., Talk]
NUMBER = make_id("11010119800101001")


def signed_in(talk: Talk) -> Talk:
    talk.say("登记", "同意登记", NUMBER, "张三丰")
    return talk


# --- questions ---
def test_a_flow_asks_question_after_question_and_ends(talk: Make) -> None:
    t = talk("look")
    assert t.say("看一看") == "什么颜色？"
    assert [(o.label, o.number) for o in t.options] == [("大红色", 1), ("天蓝色（浅）", 2)]
    assert t.say("2") == "有什么要说的？"
    assert [(o.label, o.number) for o in t.options] == [("没有", 0)]
    assert t.tap("没有") == "哪一天？"
    assert t.say("2026-11-02") == "记下了：天蓝色（浅），2026年11月2日（周一）。"
    assert t.stack == []


def test_a_choice_with_one_value_left_answers_itself(talk: Make) -> None:
    t = talk("look")
    policy = {**t.content.policy, "formal_loss": {"value": "outlet"}}
    t.content = replace(t.content, policy=policy)
    assert t.say("看一看") == "有什么要说的？"
    assert t.slots == {"what": "red"}


def test_tries_run_out_aloud_and_lead_on(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    assert t.say("紫的") == "请回复1或2。"
    assert "再选一次。" in t.say("黑的")
    assert "common.last_try" in t.said
    t.say("白的")
    assert t.said == ["common.exhausted"]
    assert t.stack == []


def test_out_of_tries_the_next_question_is_not_about_the_value_shown_before(talk: Make) -> None:
    flow = MEMBER.replace("flow: member", "flow: member\n    exhausted: name")
    flow = flow.replace("id_number: {type: id_number,", "id_number: {type: name,")
    t = talk(member=(flow, MEMBER_WORDS))
    t.say("登记", "同意登记", "迪丽热巴")
    assert t.said == ["common.check_name"]
    t.say("8888", "9999", "7777")
    assert t.said == ["common.exhausted", "member.name.ask"]


def test_every_question_counts_its_own_tries(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "紫的", "黑的", "1", "没有")
    assert t.say("去年") == "请写年月日。"


@pytest.mark.parametrize("unasked", ["picture", "location", "video"])
def test_what_nobody_asked_for_is_dropped_and_is_no_wrong_answer(talk: Make, unasked: str) -> None:
    t = talk("look")
    t.say("看一看")
    for _ in range(4):
        if unasked == "picture":
            t.image()
        elif unasked == "location":
            t.location()
        else:
            t.hear(OtherReceived(t.at + 1, kind="video"))
        assert t.said == ["common.not_now", "look.what.ask"]


def test_a_phrase_that_begins_a_flow_is_no_answer_to_a_free_question(talk: Make) -> None:
    t = talk("look", "member")
    t.say("看一看", "1")
    assert "同意登记吗" in t.say("登记")
    assert t.stack == ["look", "member"]


def test_the_name_of_another_flow_is_that_flow_even_where_a_label_has_it_in_it(
    tmp_path: Path,
) -> None:
    """As with “New card” beside “Formal report, needed for a new card”; a mere trigger word is an answer."""
    words = LOOK_WORDS.replace("大红色", "找人用的大红色").replace("（浅）", "，用来登记")
    member = MEMBER_WORDS.replace("title: 登记", "title: 入册\n    words: [登记]")
    flows = {"look": LOOK, "member": MEMBER}
    t = Talk(content_of(tmp_path, flows, {"look": words, "member": member}))
    t.say("看一看", "找人")
    assert t.stack == ["look", "hand_off"]
    t.say("不接通", "大红")
    assert t.slots["what"] == "red"
    t.say("返回", "登记")
    assert t.slots["what"] == "blue"


def test_the_name_of_a_flow_that_is_an_answers_whole_words_answers(tmp_path: Path) -> None:
    words = LOOK_WORDS.replace("大红色", "找人（红）")
    t = Talk(content_of(tmp_path, {"look": LOOK}, {"look": words}))
    t.say("看一看", "找人")
    assert t.slots["what"] == "red"


def test_six_bare_digits_are_never_kept_as_an_answer(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "1")
    t.say("123456")
    assert t.said[0] == "common.no_codes"
    assert "note" not in t.slots


def test_unknown_words_are_never_answered_with_silence(talk: Make) -> None:
    t = talk("look")
    for words in ("？？？", "\U0001f600", "…", "0"):
        assert t.say(words)
    t.hear(TextReceived(t.at + 1, text="", tap="forged"))
    assert t.said == ["common.stale"]
    assert t.menu("NO_SUCH_KEY")
    assert t.options


# --- taps ---
def test_a_tap_of_an_earlier_question_is_stale_and_repeats_this_one(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    old = t.options[0].tap
    t.say("1")
    t.tap_id(old)
    assert t.said == ["common.stale", "look.note.ask"]


@pytest.mark.parametrize(
    "forged", ["1.-².look", "x.-999999999999999999999.look", ".-.", "-", "1.-1.page.nothing"]
)
def test_a_forged_tap_is_stale_or_leads_where_its_name_says(talk: Make, forged: str) -> None:
    t = talk("look")
    t.tap_id(forged)
    assert t.said


def test_an_old_follow_up_leads_where_it_says_not_where_its_number_now_points(talk: Make) -> None:
    t = talk("look", "find", "member")
    signed_in(t).say("查卡")
    t.answer("found", CARD)
    first = t.options[0]
    assert first.label == "看一看"
    t.say("什么？？")  # another list is offered now
    t.tap_id(first.tap)
    assert t.stack == ["look"]


def test_a_number_means_the_last_list_only(talk: Make) -> None:
    t = talk("look", "find", "member")
    signed_in(t).say("查卡")
    t.answer("found", CARD)
    t.say("登记", "取消")
    t.say("1")
    assert t.stack == []


# --- changes ---
def test_a_change_is_called_once_after_its_confirm(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A")
    assert t.calls == []
    t.say("确认启用")
    assert (t.call.action, t.call.once, t.call.arguments) == ("card.enable", True, {"card": "A"})
    assert t.answer("done", {}) == "已启用。"


@pytest.mark.parametrize("no_agreement", ["1", "一", "①", "0", "启用", "确", "9"])
def test_a_number_or_a_part_of_the_label_never_confirms_a_change(talk: Make, no_agreement: str) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", no_agreement)
    assert t.calls == []


def test_half_a_message_is_no_answer_and_uses_up_no_try(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    for _ in range(4):
        t.say("红" * MOST_READ)
        assert t.said == ["common.too_long", "look.what.ask"]
    t.say("取消", "看" * MOST_READ)
    assert t.said == ["common.too_long"]


def test_a_voice_never_confirms_a_change_and_uses_up_no_try(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A")
    for _ in range(4):
        t.voice("确认启用")
        assert t.calls == []
        assert t.said == ["common.voice", "change.check"]


def test_an_agreement_sent_before_the_summary_was_read_is_asked_for_again(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A")
    t.hear(TextReceived(t.at, 1, text="是"))  # the same second as the card's name
    assert t.said == ["common.redo", "change.check"]
    t.say("是")
    assert t.call


def test_an_agreement_while_the_summary_waits_to_be_told_is_asked_for_again(talk: Make) -> None:
    """好的 to “please wait”: the outcome has led on to a summary that comes with this answer."""
    t = talk("look", "change")
    t.say("启用卡", "A")
    t.hear(TextReceived(t.at + 60, 1, text="好的", has_pending_replies=True))
    assert t.said == ["common.redo", "change.check"]
    assert not t.calls
    t.say("好的")
    assert t.call


def test_a_yes_to_another_question_is_no_agreement(talk: Make) -> None:
    """“你还没办完，先不办了吗？” stands before the summary; a “好” to it changes nothing."""
    t = talk("look", "change", other=OTHER)
    t.say("启用卡", "A", "注销卡")
    assert t.said == ["common.busy"]
    t.say("好")
    assert t.calls == []
    assert t.said[-1] == "change.check"


def test_the_same_change_begun_anew_joins_the_one_under_way(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call
    t.say("删除我的信息", "确认删除", "启用卡", "A", "确认启用")
    assert t.calls == []
    assert t.call_id == call.id
    assert t.answer("done", {}, call.id) == "已启用。"
    assert t.stack == []


def test_another_thing_is_another_change(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    first = t.call
    t.say("删除我的信息", "确认删除", "启用卡", "B", "确认启用")
    assert t.call.id != first.id


def test_only_a_refusal_gives_the_next_try_another_key(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    first = t.call.key
    t.answer("refused", {})
    t.say("A", "确认启用")
    second = t.call.key
    assert first.endswith(".0")
    assert second.endswith(".1")


def test_surely_not_taken_keeps_the_run_and_its_key(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    first = t.call.key
    t.answer("unavailable")
    assert t.said == ["common.down", "hand_off.ask"]
    t.say("继续")
    assert t.call.key == first


def test_again_counts_over_the_whole_run(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡")
    for last in (False, True):
        t.say("A", "确认启用")
        t.answer("refused", {})
        assert ("common.last_try" in t.said) is last
    t.say("A", "确认启用")
    t.answer("refused", {})
    assert t.said == ["change.refused", "change.left"]


# --- the stack ---
def test_what_is_required_runs_first_and_comes_back(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("查卡")
    assert t.stack == ["find", "member"]
    t.say("同意登记", NUMBER, "张三丰")
    assert t.call.arguments == {"id_number": NUMBER}
    assert t.answer("found", CARD) == "卡正常，持卡人张**。"


def test_if_what_is_required_stops_so_does_the_flow(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("查卡", "不同意登记")
    assert t.stack == []


def test_a_lapsed_requirement_is_looked_at_again_before_a_call(talk: Make) -> None:
    t = talk("look", "member", late=LATE)
    signed_in(t).say("迟些")
    t.wait(1799)
    t.say("好")
    assert t.stack == ["late", "member"]


def test_a_requirement_that_lapses_while_a_change_is_under_way_waits(talk: Make) -> None:
    t = talk("look", "member", late=LATE)
    signed_in(t).say("迟些", "好")
    assert t.call
    t.wait(3600)
    t.say("好了没")
    assert t.stack == ["late"]
    assert t.answer("done", {}, t.call_id) == "好了。"


def test_a_digression_comes_back_and_the_flow_is_named(talk: Make) -> None:
    t = talk("look", "member")
    t.say("看一看", "1", "登记", "不同意登记")
    assert t.said == ["member.left", "common.resumed", "look.note.ask"]


def test_what_is_open_is_returned_to_never_begun_twice(talk: Make) -> None:
    t = talk("look", "member")
    t.say("看一看", "1", "登记", "看一看")
    assert t.stack == ["look"]
    assert t.slots == {"what": "red"}


def test_a_flow_that_changes_something_asks_before_it_puts_another_aside(talk: Make) -> None:
    t = talk("look", "change")
    t.say("看一看", "启用卡")
    assert t.said == ["common.busy"]
    assert t.tap("接着办") == "什么颜色？"
    t.say("启用卡")
    t.tap("先不办了")
    assert t.stack == ["change"]


def test_an_answer_to_the_flows_own_question_withdraws_the_engines(talk: Make) -> None:
    t = talk("look", "change")
    t.say("看一看", "启用卡", "天蓝色")
    assert t.slots == {"what": "blue"}
    assert t.session.system_question == ""


def test_a_link_leaves_the_whole_group_for_good(talk: Make) -> None:
    t = talk("look", "member", away=AWAY)
    t.say("离开")
    assert t.stack == ["away", "member"]
    t.say("同意登记", NUMBER, "张三丰")
    assert t.stack == ["look"]


def test_four_deep_is_asked_about(talk: Make) -> None:
    side = {f"side{i}": tuple(x.replace("#", str(i)) for x in SIDE) for i in range(1, 6)}
    t = talk("look", **side)
    t.say("看一看", "旁1枝", "旁2枝", "旁3枝")
    assert len(t.stack) == 4
    t.say("旁4枝")
    assert t.said == ["common.busy"]
    assert t.say("说明").startswith("这是说明。")  # pages do not count


def test_a_page_is_answered_beside_the_question(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    assert t.say("说明") == "这是说明。\n刚才的问题还等您回答：\n什么颜色？"


# --- a person ---
def test_a_transfer_is_the_whole_reply_and_everything_after_it_goes_to_the_person(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "人工", "接通")
    assert t.handed_off
    assert t.said == []
    t.say("取消")
    assert t.handed_off
    assert t.stack == ["look", "hand_off"]
    t.say("返回")
    assert t.said == ["hand_off.back", "common.resumed", "look.what.ask"]


def test_a_transfer_that_no_message_can_carry_waits_for_one(talk: Make) -> None:
    """The check refuses such content; an edit in mid-conversation can still bring it about."""
    t = talk("look")
    person = t.content.flows["hand_off"]
    steps = {k: v for k, v in person.steps.items() if k != "ask"}
    t.content = replace(t.content, flows={**t.content.flows, "hand_off": replace(person, steps=steps)})
    t.menu("PERSON")
    assert t.said == ["common.person_wait"]
    t.say("我的卡")
    assert t.handed_off


# --- arrivals ---
def test_scanning_begins_its_flow_and_an_unknown_scene_is_not_silent(talk: Make) -> None:
    t = talk("look")
    t.hear(Subscribed(MONDAY + 1, scene="nothing"))
    assert t.said
    t.say("看一看")
    t.hear(Scanned(t.at + 1, scene="nothing"))
    assert t.said == ["look.what.ask"]


def test_a_runaway_is_stopped_counted_and_led_to_a_person(talk: Make) -> None:
    t = talk("look", "change")
    look = t.content.flows["look"]
    steps = {k: Step(k, Go("what")) for k, s in look.steps.items()}
    t.content = replace(t.content, flows={**t.content.flows, "look": replace(look, steps=steps)})
    t.say("看一看")
    assert t.said == ["common.broken", "hand_off.ask"]
    assert "look.runaway" in t.counts


OTHER = (
    """
    flow: other
    slots: {card: {type: text}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit: {action: card.cancel_loss, with: {card: card}, once: true, next: done}
      done: {say: done, next: end}
      left: {say: left, next: stop}
    """,
    """
    title: 注销卡
    slots: {card: {label: 卡, ask: 注销哪张？, again: ["请写卡名。", "再写一次。"]}}
    texts:
      check: {text: 请核对。, agreed: 确认注销, refused: 先不注销}
      done: 已注销。
      left: 没有动。
    """,
)
LATE = (
    """
    flow: late
    requires: [member]
    expire: 60m
    steps:
      greet: {say: greet}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit: {action: card.enable, with: {card: member.id_number}, once: true, next: done}
      done: {say: done, next: end}
      left: {say: left, next: stop}
    """,
    """
    title: 迟些
    texts:
      greet: 您好。
      check: {text: 请核对。, agreed: 就这样, refused: 不要这样}
      done: 好了。
      left: 没有动。
    """,
)
AWAY = (
    """
    flow: away
    requires: [member]
    steps:
      bye: {say: bye, next: {link: look}}
    """,
    "title: 离开\ntexts: {bye: 走了。}\n",
)
SIDE = (
    """
    flow: side#
    slots: {a: {type: text}}
    steps:
      a: {collect: a}
      b: {say: b, next: end}
    """,
    """
    title: 旁#枝
    slots: {a: {label: 甲, ask: "第#问？", again: ["说。", "再说。"]}}
    texts: {b: 好。}
    """,
)
