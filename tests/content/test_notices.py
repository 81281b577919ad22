"""Fields of template and subscription messages: whatever is said, WeChat gets a value of the field's form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.read.notices import KINDS, OTHERWISE, filled, takes

TIME = "2027年1月15日 16:00"
FILLED = [(name, f"{{{hole}}}") for name, kind in KINDS.items() for hole in sorted(kind.holes)]


@pytest.mark.parametrize(
    ("field", "words", "said", "value"),
    [
        ("thing1", "{line}", "一" * 21, "一" * 19 + "…"),
        ("thing1", "{line}", "一" * 20, "一" * 20),
        ("thing2", "{line}", "有\n换行\t和\u200b控制符", "有 换行 和 控制符"),
        ("thing2", "{line}", "😀好", "好"),
        ("thing2", "{line}", "", "请查看"),
        ("thing3", "{matter}：{line}", "卡", "卡：卡"),
        ("short_thing1", "{matter}", "卡丢了（挂失）", "卡丢了（…"),
        ("phrase9", "{matter}", "卡丢了（挂失）", "卡丢了挂失"),
        ("phrase9", "{matter}", "Lost card", "有新消息"),
        ("phrase9", "配送中", "", "配送中"),
        ("time3", "{time}", "", TIME),
        ("character_string4", "A-1", "", "A-1"),
        ("keyword1", "{line}", "一" * 201, "一" * (OTHERWISE - 1) + "…"),
    ],
)
def test_what_is_put_into_a_field(field: str, words: str, said: str, value: str) -> None:
    assert filled(field, words, {"matter": said, "line": said, "time": TIME}) == value


@pytest.mark.parametrize(("name", "words"), FILLED)
@given(said=st.text(max_size=60))
def test_whatever_is_filled_in_wechat_would_take_it(name: str, words: str, said: str) -> None:
    assert takes(f"{name}7", words)
    value = filled(f"{name}7", words, {"matter": said, "line": said, "time": TIME})
    assert re.fullmatch(KINDS[name].form, value), value


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("thing1", "回复任意字看详情", "一" * 21),
        ("phrase2", "{matter}", "{time}"),
        ("phrase2", "办好了", "ok"),
        ("time3", "2027年1月15日", "{line}"),
        ("date3", "{time}", "明天{time}"),
        ("character_string4", "SB-001", "{matter}"),
        ("number5", "1.5", "一"),
        ("letter1", "abc", "a1"),
        ("symbol1", "!!", "a"),
        ("amount5", "¥20.00", "二十元"),
        ("phone_number6", "12333", "电话12333"),
        ("car_number1", "粤A8Z888", "粤A8Z8888Z"),
        ("name7", "王小明", "{line}"),
        ("keyword1", "{line}", "{name}"),
    ],
)
def test_what_a_field_takes(field: str, good: str, bad: str) -> None:
    assert takes(field, good)
    assert not takes(field, bad)
