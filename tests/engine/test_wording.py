"""Masks, dates and variants."""

import pytest

from bot.engine.effects import HandOff, Offer, Option, Reply, Say, compose, joined
from bot.engine.flow import Language
from bot.engine.wording import dated, digits_apart, mask

ZH = Language("zh-CN", {}, {}, {}, {})
EN = Language("en", {}, {}, {}, {}, "{y}-{m}-{d} ({w})", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


@pytest.mark.parametrize(
    ("pii", "value", "shown"),
    [
        ("name", "张三", "张*"),
        ("name", "欧阳娜娜娜", "欧***"),
        ("name", "\U00030edd三", "\U00030edd*"),
        ("id_number", "110101198001010012", "110***********0012"),
        ("mobile", "13800138123", "138****8123"),
        ("mobile", "1234567", "****"),
        ("image", "media-id", "***"),
    ],
)
def test_masks(pii: str, value: str, shown: str) -> None:
    assert mask(pii, value) == shown


def test_a_short_address_is_not_shown_whole() -> None:
    assert mask("address", "平安区和平路2号") == "平安区和平路****"


def test_the_end_of_a_street_address_is_not_shown_whole() -> None:
    shown = mask("address", "虚构区样例路77号9单元1203室")
    assert "77号9单元" not in shown
    assert "****" in shown


def test_dates_have_their_weekday_in_either_language() -> None:
    assert dated("2026-11-23", ZH) == "2026年11月23日（周一）"
    assert dated("2026-11-29T10:00:00", EN) == "2026-11-29 (Sun)"
    assert dated("soon", ZH) == "soon"


def test_a_code_is_spaced_so_that_no_phone_dials_it() -> None:
    assert digits_apart("0123") == "0 1 2 3"


def test_a_transfer_is_the_whole_reply() -> None:
    assert compose((Say("a.b", "x"), HandOff()), "zh-CN").kind == "transfer"
    assert compose((), "zh-CN").kind == "none"
    reply = compose((Say("a.b", "x"), Say("a.c", "y"), Offer((Option("l", "t", 1),), "选：")), "zh-CN")
    assert (reply.text, reply.lead, reply.says) == ("x\ny", "选：", ("a.b", "a.c"))


# --- what waited, and what is said now ---
def test_a_question_that_is_asked_again_stands_once_and_last() -> None:
    waited = Reply(text="查到了。\n撤回吗？", says=("withdraw.found", "withdraw.check"))
    now = Reply(
        text="点下面的菜单。\n撤回吗？",
        options=(Option("确认", "t"),),
        says=("common.help", "withdraw.check"),
    )
    told = joined((waited,), now)
    assert told.text == "查到了。\n\n点下面的菜单。\n撤回吗？"
    assert told.options == now.options
    assert joined((now,), now).text == now.text


def test_a_delay_is_not_told_with_its_result() -> None:
    delay = Reply(text="还不知道停用了没有。", says=("report_loss.not_sure",))
    result = Reply(text="【已停用】", says=("report_loss.done",), notice="挂失")
    other = Reply(text="【已启用】", says=("enable.done",), notice="启用")
    assert joined((delay, result), Reply("none")).text == "【已停用】"
    assert joined((delay,), result).says == ("report_loss.done",)
    assert joined((delay, other), Reply("none")).text == "还不知道停用了没有。\n\n【已启用】"
    assert joined((result, delay), Reply("none")).text == "【已停用】\n\n还不知道停用了没有。"


def test_what_leads_back_to_the_question_is_told_apart_from_what_was_answered() -> None:
    says = (
        Say("page.fees", "不收费。"),
        Say("common.still_open", "刚才的问题："),
        Say("look.what.ask", "什么颜色？"),
    )
    assert compose(says, "zh-CN").text == "不收费。\n\n刚才的问题：\n什么颜色？"
    assert compose(says[1:], "zh-CN").text == "刚才的问题：\n什么颜色？"


@pytest.mark.parametrize("aside", ["report_loss.kind.help", "common.language_set", "common.plain_yes"])
def test_what_is_said_beside_a_question_stands_apart_from_it(aside: str) -> None:
    question = Say("report_loss.kind.ask", "卡要怎么停？")
    assert compose((Say(aside, "前面的话。"), question), "zh-CN").text == "前面的话。\n\n卡要怎么停？"
    assert (
        compose((Say("report_loss.before", "前面的话。"), question), "zh-CN").text
        == "前面的话。\n卡要怎么停？"
    )
