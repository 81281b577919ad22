"""The words that always work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from bot.engine.events import AuthorizationRevoked, Held, TextReceived, Unsubscribed

from .kit import MONDAY, ROOT, Talk, make_id, read

Make = Callable[..., Talk]
NUMBER = make_id("11010119800101001")


# --- 取消 ---
def test_cancel_stops_what_is_open_and_goes_on_with_what_was_below(talk: Make) -> None:
    t = talk("look", "member")
    t.say("看一看", "1", "登记", "取消")
    assert t.said == ["common.stopped", "common.resumed", "look.note.ask"]
    t.say("取消")
    assert t.stack == []


def test_cancel_right_after_the_receipt_asks_which_is_meant(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.answer("done", {})
    t.say("取消")
    assert t.said == ["common.cancel_which"]
    t.tap(t.options[0].label)
    assert t.stack == ["look"]


def test_cancel_after_a_receipt_with_another_flow_open_asks_too(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call.id
    t.say("看一看")
    t.answer("done", {}, call)
    assert t.stack == ["look"]
    t.say("取消")
    assert t.said == ["common.cancel_which"]


def test_a_receipt_that_was_not_seen_yet_is_not_what_cancel_means(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.answer("done", {})
    t.hear(TextReceived(t.at + 1, 5, has_pending_replies=True, text="在吗"))
    assert t.said == []  # the shell tells what had waited
    t.say("取消")
    assert t.said == ["common.cancel_which"]


def test_after_a_change_cancel_never_says_that_nothing_was_changed(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.answer("done", {})
    t.say("取消")
    t.tap(t.options[1].label)
    assert t.said == ["common.stopped_lost"]


# --- 返回 ---
def test_back_clears_the_last_answer_and_asks_it_again(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "1", "没有")
    assert t.say("返回") == "有什么要说的？"
    assert t.say("上一步") == "什么颜色？"
    t.say("返回")
    assert t.said == ["common.nothing_back", "look.what.ask"]


def test_back_goes_into_what_was_required_while_it_is_open_only(talk: Make) -> None:
    t = talk("look", "find", "member")
    t.say("查卡", "同意登记", NUMBER, "返回")
    assert t.said == ["member.id_number.ask"]


def test_back_out_of_a_slow_look_up_forgets_its_outcome(talk: Make) -> None:
    t = talk("look", slow=SLOW)
    t.say("慢慢查", "A")
    call = t.call.id
    assert t.say("返回") == "哪张卡？"
    t.answer("found", {"state": "normal"}, call)
    assert t.said == []
    t.say("B")
    assert t.call.arguments == {"id_number": "B"}


def test_while_a_change_is_under_way_nothing_undoes_it_but_help_and_others_work(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    for word in ("返回", "取消", "重来", "改卡", "撤回同意"):
        t.say(word)
        assert t.said == ["common.submitting"], word
        assert t.stack == ["change"]
    t.say("帮助")
    assert t.said[0] == "common.help"
    t.say("看一看")
    assert t.stack == ["change", "look"]
    t.say("取消")
    assert t.said[0] == "common.stopped"


def test_back_never_passes_a_change_that_is_done(talk: Make) -> None:
    t = talk("look", after=AFTER)
    t.say("办完再问", "A", "就这样")
    t.answer("done", {})
    assert t.said == ["after.more.ask"]
    t.say("返回")
    assert t.said == ["common.nothing_back", "after.more.ask"]
    t.say("改卡名")
    assert t.said == ["after.more.again"]


# --- 改 ---
def test_change_asks_one_answer_again_and_holds_the_others(talk: Make) -> None:
    t = talk("look", order=ORDER)
    t.say("下单", "送到家", "虚构区样例路77号", "13800138123")
    assert t.said == ["order.check"]
    t.say("改手机")
    assert t.said == ["order.mobile.ask"]
    t.say("13900139123")
    assert t.said == ["order.check"]
    assert t.slots["where"] == "虚构区样例路77号"


def test_an_answer_that_the_new_one_leads_past_is_gone(talk: Make) -> None:
    t = talk("look", order=ORDER)
    t.say("下单", "送到家", "虚构区样例路77号", "13800138123", "改怎么拿", "自己拿")
    assert t.said == ["order.check"]
    assert "where" not in t.slots
    t.say("返回")
    assert t.said == ["order.mobile.ask"]


def test_change_with_an_unknown_label_is_no_change(talk: Make) -> None:
    t = talk("look", order=ORDER)
    t.say("下单", "自己拿", "13800138123", "改天气")
    assert t.said == ["common.nudge", "order.check"]


def test_labels_are_known_in_every_language() -> None:
    t = Talk(read(ROOT))
    t.session = structs.replace(t.session, language="en")
    t.say("sign in")
    t.say("agree", NUMBER)
    assert t.session.frames[-1].step == "name"
    t.say("改证件号码")
    assert t.session.frames[-1].step == "id_number"


# --- the others ---
def test_help_explains_the_open_question(talk: Make) -> None:
    t = talk("look")
    t.say("看一看")
    assert t.say("帮助") == "红的或蓝的。\n什么颜色？"


def test_restart_is_a_new_run_with_nothing_answered(talk: Make) -> None:
    t = talk("look")
    t.say("看一看", "1")
    run = t.session.frames[0].run
    assert t.say("重来") == "什么颜色？"
    assert t.session.frames[0].run > run


def test_continue_means_what_an_outage_interrupted_not_the_way_to_a_person(talk: Make) -> None:
    t = talk("look", slow=SLOW)
    t.say("慢慢查", "A")
    t.answer("unavailable")
    assert t.stack == ["hand_off"]
    t.say("继续")
    assert t.said == ["common.resumed"]
    assert t.call.arguments == {"id_number": "A"}


def test_the_language_is_kept_and_the_question_asked_in_it() -> None:
    t = Talk(read(ROOT))
    t.say("登录", "English")
    assert t.said == ["common.language_set", "sign_in.privacy"]
    assert not any("\u4e00" <= c <= "\u9fff" for c in t.text)
    t.say("中文")
    assert "同意" in t.text


# --- what is held on a person ---
def test_my_data_names_what_is_held_masked_even_in_mid_flow(talk: Make) -> None:
    t = talk("look", "member", "find")
    assert "姓名" not in t.say("我的信息").replace("姓名和号码", "")
    t.say("登记", "同意登记", NUMBER, "张三丰", "看一看")
    said = t.say("我的信息")
    assert "张**" in said
    assert "登记" in said
    assert "看一看" in said
    assert "张三丰" not in said


def test_my_data_shows_five_receipts_and_says_how_many_more_there_are(talk: Make) -> None:
    t = talk("look")
    receipts = tuple((f"10000000{n}", MONDAY + 86_400) for n in range(7))
    said = t.hear(TextReceived(MONDAY, 1, text="我的信息", held=Held(receipts)))
    assert [number for number, _ in receipts if number in said] == [number for number, _ in receipts[:5]]
    assert "还有2个，这里放不下。" in said


def test_forget_deletes_everything_but_a_change_under_way(talk: Make) -> None:
    t = talk("look", "change", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "启用卡", "A", "确认启用")
    call = t.call.id
    t.say("删除我的信息", "确认删除")
    assert t.said == ["common.forgotten_later"]
    assert t.forgot
    assert (t.session.kept, t.session.consents, t.stack) == ({}, {}, [])
    assert list(t.session.calls) == [call]
    t.answer("done", {}, call)
    assert t.said == ["common.result", "change.done"]


@pytest.mark.parametrize("page", ["", "link"])
def test_where_there_is_a_page_what_is_typed_in_an_open_one_is_named_as_staying(page: str) -> None:
    t = Talk(read(ROOT))
    for n, text in enumerate(("我的信息", "删除我的信息", "确认删除")):
        said = t.hear(TextReceived(MONDAY + n, 1, text=text, page=page))
        assert ("打开着的页面里填的" in said) == bool(page), said
    assert t.forgot


@pytest.mark.parametrize("after", [1, -1])
@pytest.mark.parametrize("left", [Unsubscribed, AuthorizationRevoked])
def test_unfollowing_or_revoking_deletes_without_a_word(
    talk: Make, left: type[Unsubscribed] | type[AuthorizationRevoked], after: int
) -> None:
    """Also where the resident was heard after it: by a page that stayed open, while the store was away."""
    t = talk("look", "member")
    t.say("登记", "同意登记", NUMBER)
    t.hear(left(t.session.heard_at + after))
    assert t.forgot
    assert t.said == []
    assert t.session.wake_at == 0


def test_withdrawn_consent_is_asked_for_again(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "同意登记", NUMBER, "张三丰", "撤回同意")
    assert t.said == ["common.consent_withdrawn"]
    assert t.session.kept == {}
    assert "同意登记吗" in t.say("登记")


def test_a_consent_stands_for_its_version(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "同意登记", "取消", "登记")
    assert t.said == ["member.id_number.ask"]
    lang = t.content.languages["zh-CN"]
    words = lang.flows["member"]
    newer = replace(words, texts={**words.texts, "consent": replace(words.texts["consent"], version="2")})
    lang = replace(lang, flows={**lang.flows, "member": newer})
    t.content = replace(t.content, languages={"zh-CN": lang})
    t.say("取消", "登记")
    assert t.said == ["member.consent"]


def test_a_zero_is_no_consent(talk: Make) -> None:
    t = talk("look", "member")
    t.say("登记", "0")
    assert t.said == ["common.nudge", "member.consent"]


def test_nothing_open_is_said(talk: Make, tmp_path: Path) -> None:
    t = talk("look")
    for word in ("返回", "重来", "继续", "再说一遍"):
        t.say(word)
        assert t.said == ["common.nothing_open"], word
    assert t.at > MONDAY


SLOW = (
    """
    flow: slow
    slots: {name: {type: text}, card: {type: record}}
    steps:
      name: {collect: name}
      find: {action: card.find, with: {id_number: name}, save: card, next: {found: done, not_found: done}}
      done: {say: done, next: end}
    """,
    """
    title: 慢慢查
    slots: {name: {label: 卡名, ask: 哪张卡？, again: ["请写卡名。", "再写一次。"]}}
    texts: {done: 查好了。}
    """,
)
AFTER = (
    """
    flow: after
    slots: {card: {type: text}, more: {type: date}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit: {action: card.enable, with: {card: card}, once: true, next: more}
      more: {collect: more}
      done: {say: done, next: end}
      left: {say: left, next: stop}
    """,
    """
    title: 办完再问
    slots:
      card: {label: 卡名, ask: 哪张卡？, again: ["请写卡名。", "再写一次。"]}
      more: {label: 还有, ask: 还有什么？, again: ["说吧。", "说。"]}
    texts:
      check: {text: 请核对。, agreed: 就这样, refused: 不要这样}
      done: 好了。
      left: 没有动。
    """,
)
ORDER = (
    """
    flow: order
    slots:
      how: {type: choice, values: [home, self]}
      where: {type: address}
      mobile: {type: mobile}
    steps:
      how: {collect: how, next: {home: where, self: mobile}}
      where: {collect: where}
      mobile: {collect: mobile}
      check: {confirm: check, next: {agreed: done, refused: left}}
      done: {say: done, next: end}
      left: {say: left, next: stop}
    """,
    """
    title: 下单
    slots:
      how: {label: 怎么拿, ask: 怎么拿？, values: {home: 送到家, self: 自己拿}, again: ["1或2。", "再选。"]}
      where: {label: 地址, ask: 送到哪？, again: ["写门牌号。", "再写。"]}
      mobile: {label: 手机, ask: 手机号？, again: ["11位。", "再写。"]}
    texts:
      check: {text: 请核对。, agreed: 就这样, refused: 不要这样}
      done: 好了。
      left: 没有动。
    """,
)


def test_the_result_of_the_last_change_is_told_again(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    call = t.call.id
    t.say("好了吗")
    assert t.said == ["common.slow"]  # it is under way
    t.answer("done", {"receipt": "R-1"}, call)
    said = t.said
    t.say("你好")
    for word in ("好了吗", "再说一遍", "办好了吗"):
        t.say(word)
        assert t.said == ["common.result", *said]
    t.say("看一看", "好了吗")
    assert t.said == [
        "common.result",
        *said,
        "common.still_open",
        "look.what.ask",
    ]  # and what is open is asked again


def test_a_result_is_told_for_a_day_and_to_nobody_else(talk: Make) -> None:
    for way_out in (("删除我的信息", "确认删除"), ("撤回同意",)):
        t = talk("look", "change")
        t.say("启用卡", "A", "确认启用")
        t.answer("done", {"receipt": "R-1"})
        t.say(*way_out, "好了吗")
        assert "common.result" not in t.said
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.answer("done", {"receipt": "R-1"})
    t.wait(86400)
    t.say("好了吗")
    assert "common.result" not in t.said
    assert t.session.result is None


def test_asking_for_the_result_does_not_lose_the_way_to_undo_it(talk: Make) -> None:
    t = talk("look", "change")
    t.say("启用卡", "A", "确认启用")
    t.answer("done", {"receipt": "R-1"})
    receipt = t.session.after_receipt
    t.say("好了吗")
    assert receipt == t.session.after_receipt == "change"
