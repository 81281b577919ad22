"""A value that the words around it reject, remember or merely mention is never taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loaded import read_yaml

from reading.stands import standing_at
from reading.test_corpus import corpus

HERE = Path(__file__).parent
KNOWN: dict[str, dict[str, Any]] = read_yaml(HERE / "rejected.yaml")
NOTHING = ("no", "never", "instead", "doubt")


@pytest.mark.parametrize("name", KNOWN)
def test_of_several_the_one_that_is_meant_is_taken(name: str) -> None:
    known = corpus(name)
    assert len(KNOWN[name]["meant"]) >= 20
    assert not {w: made for w, value in KNOWN[name]["meant"] if (made := known.made_of(w)) != value}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_only_rejected_is_not_taken(name: str) -> None:
    known = corpus(name)
    assert len(KNOWN[name]["rejected"]) >= 20
    assert not {w: made for w in KNOWN[name]["rejected"] if (made := known.made_of(w)) not in NOTHING}


PLACES = {
    "id_number": "sign_in.id_number", "name": "sign_in.name", "mobile": "reissue.mobile",
    "date": "reissue.valid_to", "address": "reissue.address", "place": "outlets.place",
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_it_costs_no_try_and_the_question_stays(name: str) -> None:
    """Or something else is suggested beside it: 搬走了."""
    lost = {}
    for said in KNOWN[name]["rejected"]:
        talk = standing_at(PLACES[name])
        run = talk.session.frames[-1].run
        talk.say(said)
        top = talk.session.frames[-1]
        if (f"{top.flow}.{top.step}", top.run, top.wrong) != (PLACES[name], run, 0):
            lost[said] = talk.said
    assert not lost


NUMBERS = {
    "mobile": "13800138000",
    "id_number": "660101198001010018",
    "date": "2036年5月20日",
    "code": "1516",
}
AROUND = [
    ("不是", ""),
    ("别用", ""),
    ("不要用", ""),
    ("莫用", ""),
    ("唔系", ""),
    ("", "不对"),
    ("", "错了"),
    ("", "打错了"),
    ("", "不用了"),
    ("", "作废了"),
    ("", " 不要"),
    ("我的不是", ""),
    ("", "写错了"),
    ("", "是别人的"),
]


@given(st.sampled_from(sorted(NUMBERS)), st.sampled_from(AROUND), st.sampled_from(["", " ", "，"]))
@settings(max_examples=100)
def test_a_number_within_a_denial_is_never_taken(name: str, around: tuple[str, str], between: str) -> None:
    """With a blank or a mark before the denial too."""
    before, after = around
    said = f"{before}{NUMBERS[name]}{between if after else ''}{after}"
    assert corpus(name).made_of(said) in ("no", "never", "instead", "wrong"), said


REPEATED = [
    "谢谢啊",
    "就行吧",
    "麻烦你了",
    "快点哈",
    "就可以了",
    "我的",
    "不用",
    "早就",
    "这个",
    "号码",
    "原来的",
    "那个号",
    "现在",
    "别用",
    "的",
    "了",
    "了,",
    "是我儿子的",
    "以前",
    "然后",
    "三个八",
    "啊",
    "平安区",
    "路12号",
    "不在",
    "搬到",
    "叫",
    "改成",
    "不是张三",
    "一",
    "现在在",
    "请帮我",
    "辛苦了哦",
    "好吧",
    "不对",
    "停机了",
    "改名",
    "正式的不要",
]


@pytest.mark.quick(10)
@pytest.mark.parametrize("words", REPEATED)
def test_whatever_is_repeated_is_read_in_no_time(words: str) -> None:
    """A pattern that tries every way to divide it never comes back."""
    many = words * (300 // len(words))
    shapes = (
        "{}",
        "13800138000{}x",
        "别{}13800138000x",
        "平安区和平路12号{}x",
        "不是{}张三",
        "2036年5月20日{}x",
    )
    known = [corpus(name) for name in KNOWN]
    assert [each.made_of(shape.format(many)) is not None for shape in shapes for each in known]


def test_a_number_told_in_pieces_names_nobody() -> None:
    talk = standing_at("sign_in.id_number")
    talk.say("我身份证号是六六零 然后 一零一 一九八零零一零一 零零一 八")
    top = talk.session.frames[-1]
    assert (top.step, top.slots) == ("name", {"id_number": "660101198001010018"})
