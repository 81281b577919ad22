"""A slot of type `number` in a flow: asked, read within its range, tested by a condition, shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.load import load

from .kit import Talk, content_of, write

FLOW = """
    flow: months
    slots: {months: {type: number, min: 1, max: 600}}
    steps:
      months: {collect: months}
      enough: {next: [{if: {months: {min: 180}}, then: yes_}, {else: no_}]}
      yes_: {say: yes_, next: end}
      no_: {say: no_, next: end}
"""
WORDS = """
    title: 缴了几个月
    slots: {months: {label: 月数, ask: 缴了几个月？, again: ["请回复1到600。", "例如120。"]}}
    texts: {yes_: "{months}个月，够了。", no_: "{months}个月，还不够。"}
"""


@pytest.fixture
def talk(tmp_path: Path) -> Callable[[], Talk]:
    content = content_of(tmp_path, {"months": FLOW}, {"months": WORDS})
    return lambda: Talk(content)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("一百八十", "180个月，够了。"),
        ("大概120个月吧", "120个月，还不够。"),
        ("601", "请回复1到600。"),
        ("很多", "请回复1到600。"),
    ],
)
def test_a_number_is_read_within_its_range(talk: Callable[[], Talk], said: str, told: str) -> None:
    t = talk()
    t.say("缴了几个月")
    assert t.say(said) == told


def test_a_limit_that_is_no_number_is_told_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {"months": FLOW.replace("max: 600", "max: 很多")}, {"months": WORDS})
    found = [f for f in load(tmp_path).findings if f.code == "quantity"]
    assert [f.file for f in found] == ["flows/months.yaml"]
