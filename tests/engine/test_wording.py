"""Masks, dates and variants."""

import pytest

from bot.engine.effects import HandOff, Offer, Option, Say, compose
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
