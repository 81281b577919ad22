"""What holds for any text: reading never raises, is linear, finds a value that stands in it, and reads what
it has made as the same again."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loaded import read_yaml

from bot.engine.flow import Slot
from bot.reading.choices import Choice
from bot.reading.clean import Said, hear
from bot.reading.find import READERS, find, read
from bot.reading.names import name
from bot.reading.numbers import codes, id_checksum
from bot.reading.results import Doubtful, Invalid
from bot.reading.secrets import without_secrets

from .test_corpus import HERE, MONDAY, NAMES, corpus

TYPES = [*READERS, "choice"]
CHOICES = (
    Choice("a", "先停用7天，找到了还能恢复（不用刷脸）", 1, words=("临时", "for now")),
    Choice("b", "坏了", 2),
)
PIECES = [
    "一", "0", "1", "660101198001010018", "13800138000", "2036.05.20", "-", "—", " ", "\n", "，", "。", "、",
    "？", "不", "的", "第", "年", "月", "日", "号", "x", "叉", "o", "O", "+", "(", "「", "」", "[", "]", "/:",
    "/:ok", "王", "张三", "路", "区", "村", "密码", "验证码是", "最后一个", "或者", "is", "the", "May",
    "\u200b", "\ue863", "⻢", "１", "①", "\U0001f51f", "我叫",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


def everything(text: str) -> list[Any]:
    said = hear(text)
    slots = [Slot("slot", type_, not_before="today" if type_ == "date" else "") for type_ in TYPES]
    return [*(find(slot, said, CHOICES, MONDAY) for slot in slots), codes(said), without_secrets(said)]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_text_makes_reading_fail_and_the_same_is_read_alike(text: str) -> None:
    assert everything(text) == everything(text)


class Lines:
    """Lines of Python that are run, which no loaded machine changes."""

    count = 0

    def __call__(self, *_: Any) -> Lines:
        self.count += 1
        return self


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_twice_as_long_a_text_costs_about_twice_as_much(piece: str) -> None:
    costs = []
    for length in (400, 1600):
        text = (piece * length)[:length]
        everything(text)
        lines = Lines()
        sys.settrace(lines)
        try:
            everything(text)
        finally:
            sys.settrace(None)
        costs.append(lines.count)
    assert costs[1] < 6 * costs[0] + 2000


TALK = st.sampled_from(
    ["我的", "是", "号码", "你好，", "，谢谢", "。", " ", "：", "麻烦看一下 ", "/:rose", "[微笑]", "吧"]
)


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(min_value=date(1930, 1, 1), max_value=date(2020, 1, 1)))
    body = f"66{draw(st.integers(1000, 9999))}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + id_checksum(body)


@settings(max_examples=100, deadline=None)
@given(TALK, id_numbers(), TALK)
def test_an_id_number_is_found_in_a_sentence(before: str, number: str, after: str) -> None:
    assert find(Slot("slot", "id_number"), Said(before + number + after), (), MONDAY) == number


@settings(max_examples=100, deadline=None)
@given(TALK, st.integers(13000000000, 19999999999).map(str), TALK)
def test_a_mobile_number_is_found_in_a_sentence(before: str, number: str, after: str) -> None:
    assert find(Slot("slot", "mobile"), Said(before + number + after), (), MONDAY) == number


@pytest.mark.parametrize("of", NAMES)
def test_what_was_read_is_read_as_the_same_again(of: str) -> None:
    """So that a stored answer still fits its slot."""
    known = corpus(of)
    slot = Slot("slot", **known.slot)
    if slot.type in ("choice", "code"):
        return
    values = [v for _, v in known.answers if v not in [c.value for c in known.shown]]
    texts = [v["text"] if isinstance(v, dict) else v for v in values]
    again = [read(slot, Said(text), MONDAY) for text in texts]
    assert [a.value if isinstance(a, Doubtful) else a for a in again] == values


def test_whatever_is_doubtful_is_said_to_be_the_same_when_it_comes_again() -> None:
    for of in ("name", "address", "place", "date"):
        known = corpus(of)
        for words, happens in known.others:
            found = read(Slot("slot", **known.slot), Said(words), MONDAY)
            assert found == read(Slot("slot", **known.slot), Said(f" {words}\u200b "), MONDAY), words
            assert isinstance(found, Doubtful | Invalid) or happens not in ("no", "never"), words


def test_a_real_name_is_never_refused_for_good() -> None:
    known = read_yaml(HERE / "name.yaml")
    given_names = [words for words, _ in known["answers"]] + [
        "收费",
        "何时",
        "安全",
        "麻烦",
        "马上",
        "等一下",
    ]
    assert not [words for words in given_names if isinstance(name(Said(words)), Invalid)]
