"""`again` leads back to any step: what was answered and looked up from there on comes anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.load import load

from .kit import Talk, content_of, write

FLOW = """
    flow: visit
    slots: {where: {type: place}, near: {type: list}, which: {type: choice, from: near}, day: {type: date}}
    steps:
      where: {collect: where}
      look:
        action: outlets.near
        with: {place: where}
        save: near
        next: {found: which, none: none}
      which: {collect: which}
      day: {collect: day}
      fits:
        next:
          - {if: {day: {below: 2027-01-01}}, then: {again: look, say: full, times: 3, else: none}}
          - {else: done}
      done: {say: done, next: end}
      none: {say: none, next: stop}
"""
WORDS = """
    title: 约一约
    slots:
      where: {label: 地方, ask: 在哪里？, again: ["再说一次。", "再说一次。"]}
      day: {label: 哪天, ask: 哪天？, again: ["再说一次。", "再说一次。"]}
      which: {label: 网点, ask: 哪一个？, line: "{which.name}", again: ["再说一次。", "再说一次。"]}
    texts: {full: 那天约满了。, done: "约好了：{where}，{which}，{day}。", none: 没有了。}
"""


def found(*names: str) -> list[dict[str, str]]:
    shared = {"address": "一号", "hours": "1-5 9:00–17:00", "phone": "12333", "services": "enable"}
    return [{"id": name, "name": name, **shared} for name in names]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    t = Talk(content_of(tmp_path, {"visit": FLOW}, {"visit": WORDS}))
    t.say("约一约", "平安区")
    t.answer("found", found("甲", "乙"))
    t.say("1", "2026-12-01")
    return t


def test_what_came_before_stands_and_the_rest_is_asked_anew(talk: Talk) -> None:
    assert talk.said == ["visit.full"]
    assert talk.call.arguments["place"] == {"text": "平安区"}, "the place is not asked again"
    talk.answer("found", found("丙", "丁"))
    assert talk.said == ["visit.which.ask"]
    assert [o.label for o in talk.options] == ["丙", "丁"], "looked up anew, and no old answer holds"
    talk.say("2", "2027-01-05")
    assert talk.text == "约好了：平安区，丁，2027年1月5日（周二）。"


def test_back_and_change_go_on_from_there(talk: Talk) -> None:
    talk.answer("found", found("丙", "丁"))
    talk.say("2")
    assert talk.said == ["visit.day.ask"]
    talk.say("返回")
    assert talk.said == ["visit.which.ask"]
    talk.say("1", "改地方")
    assert talk.said == ["visit.where.ask"]


def test_the_last_time_it_goes_on_elsewhere(talk: Talk) -> None:
    for _ in range(2):
        talk.answer("found", found("丙", "丁"))
        talk.say("1", "2026-12-01")
    assert talk.said == ["visit.none"]


def test_the_check_knows_what_is_gone(tmp_path: Path) -> None:
    """At `look` only the place is sure, also when it is reached from the end."""
    flow = FLOW.replace("none: none}\n", "none: {again: look, say: full, else: none}}\n", 1)
    write(tmp_path, {"visit": flow}, {"visit": WORDS})
    assert [x.code for x in load(tmp_path).findings if x.severity == "error"] == ["loop"], "nothing is asked"
    write(tmp_path, {"visit": FLOW}, {"visit": WORDS.replace("full: 那天约满了。", 'full: "{day}约满了。"')})
    assert not [x for x in load(tmp_path).findings if x.severity == "error"], "said before it is cleared"
    first = FLOW.replace("      look:\n", "      first: {say: start}\n      look:\n")
    flow, words = (
        first.replace("again: look", "again: first"),
        WORDS.replace("{full", '{start: "{day}", full'),
    )
    write(tmp_path, {"visit": flow}, {"visit": words})
    assert "maybe-empty" in [x.code for x in load(tmp_path).findings]
