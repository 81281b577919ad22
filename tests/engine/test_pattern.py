"""A slot of type `pattern` in a flow: asked, read, its example shown where the answer does not fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.events import TextReceived
from bot.engine.view import view
from bot.reading.patterns import LONGEST, compiled, fitting
from bot.turn.trace import instead

from .kit import MONDAY, Talk, content_of, write

FLOW = """
    flow: case
    slots: {case: {type: pattern, pattern: '[A-Z]\\d{8}', example: A12345678}}
    steps:
      case: {collect: case}
      told: {say: told, next: end}
"""
TWO = FLOW.replace("A12345678}}", "A12345678}, mobile: {type: mobile}}").replace(
    "    told:", "    mobile: {collect: mobile}\n      told:"
)
WORDS = """
    title: 查受理号
    slots:
      case:
        label: 受理号
        ask: 请发受理号，像{case.example}这样。
        again:
          - 受理号像{case.example}这样，请再发一次。
          - 一个字母和八个数字，例如{case.example}。
    texts: {told: "受理号{case}。"}
"""
MOBILE = "      mobile: {label: 手机号, ask: 手机号？, again: ['请再发一次手机号。', '11位。']}\n"


@pytest.fixture
def talk(tmp_path: Path) -> Callable[[], Talk]:
    content = content_of(tmp_path, {"case": FLOW}, {"case": WORDS})
    return lambda: Talk(content)


def test_what_does_not_fit_is_answered_with_the_example(talk: Callable[[], Talk]) -> None:
    t = talk()
    assert t.say("查受理号") == "请发受理号，像A12345678这样。"
    assert t.say("1234") == "受理号像A12345678这样，请再发一次。"
    assert t.say("受理号是ａ1234 5678") != "受理号A12345678。"  # blanks count where there are other words
    assert t.say("ａ1234 5678") == "受理号A12345678。"


def test_what_nearly_fits_is_not_kept(talk: Callable[[], Talk]) -> None:
    """It may be a number with one wrong digit; other words are kept for operators."""
    t = talk()
    t.say("查受理号")
    before = t.session
    for words, kept in (("Z12", ""), ("这是什么东西", "这是什么东西")):
        t.say(words)
        assert instead(t.content, TextReceived(t.at, text=words), before, t.effects)[0] == kept


@pytest.mark.parametrize(("flow", "more"), [(FLOW, ""), (TWO, MOBILE)])
def test_the_page_shows_the_example_in_the_field(tmp_path: Path, flow: str, more: str) -> None:
    t = Talk(content_of(tmp_path, {"case": flow}, {"case": WORDS.replace("    texts:", more + "    texts:")}))
    t.say("查受理号")
    seen = view(t.content, t.session, MONDAY)
    shown = [field.example for field in seen.fields] or [seen.example]
    assert shown == ["A12345678", ""][: len(shown)]


@pytest.mark.parametrize(
    ("code", "was", "now"),
    [
        ("pattern", "[A-Z]", "[A-Z]+"),
        ("pattern", "[A-Z]", "(A|B)"),
        ("pattern", "[A-Z]", "[Z-A]"),
        ("pattern", r"\d{8}", r"\d{80}"),
        ("pattern", r"\d{8}", r"\d?\d?\d{6}"),
        ("pattern-example", "example: A12345678", "example: A1234567"),
        ("pattern-example", "example: A12345678", "example: a12345678"),
        ("pattern-alone", ", example: A12345678", ""),
        ("pattern-alone", "type: pattern", "type: text"),
        ("pattern-alone", r"pattern: '[A-Z]\d{8}', ", ""),
        ("no-example", "例如{case.example}", "例如A"),
        ("unknown-field", "像{case.example}这样。", "像{case.examples}这样。"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, code: str, was: str, now: str) -> None:
    assert was in FLOW + WORDS
    write(tmp_path, {"case": FLOW.replace(was, now)}, {"case": WORDS.replace(was, now)})
    assert code in {f.code for f in load(tmp_path).findings}


@pytest.mark.parametrize(
    "pattern", [r"\d{1,20}[A-Z]{20}", "[一-龥]{0,39}Z", r"\d?" * 30, "[一-龥]{1,20}" * 2]
)
def test_no_message_takes_long(pattern: str) -> None:
    """A pattern of which two signs vary in number is none; any other costs its length at each character."""
    began = time.process_time()
    assert fitting(pattern, "1" * 2000) == fitting(pattern, "一" * 2000) == []
    assert time.process_time() - began < 1
    assert compiled(pattern) is None or pattern.count(",") == 1


def test_no_answer_is_longer_than_the_longest() -> None:
    assert compiled(rf"\d{{{LONGEST}}}") is not None
    assert compiled(rf"\d{{{LONGEST}}}?") is None
    assert compiled(rf"A\d{{{LONGEST}}}") is None
