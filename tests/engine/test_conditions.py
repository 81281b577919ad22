"""Conditions: other than a value, one of several, two paths compared, how long a list is; and what the check
knows where one holds and where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.drawing import graph
from bot.content.load import load
from bot.engine.scope import compared

from .kit import Talk, content_of, write

FLOW = """
    flow: pay
    slots: {{place: {{type: place}}, near: {{type: list}}, most: {{type: number}}, day: {{type: date}}}}
    steps:
      place: {{collect: place}}
      most: {{collect: most}}
      day: {{collect: day}}
      look:
        action: outlets.near
        with: {{place: place}}
        save: near
        next: {{found: which, none: other}}
      which: {{next: [{{if: {when}, then: fits}}, {{else: other}}]}}
      fits: {{say: fits, next: end}}
      other: {{say: other, next: end}}
"""
WORDS = """
    title: 比一比
    slots:
      place: {label: 地方, ask: 在哪里？, again: ["再说一次。", "再说一次。"]}
      most: {label: 个数, ask: 要几个？, again: ["再说一次。", "再说一次。"]}
      day: {label: 哪天, ask: 哪天？, again: ["再说一次。", "再说一次。"]}
      near: {line: "{near.name}"}
    texts: {fits: 合适。, other: 不合适。}
"""
ENTRY = {"name": "一", "address": "一号", "hours": "1-5 9:00–17:00", "phone": "12333", "services": "enable"}


def said(tmp_path: Path, when: str, entries: int = 2, most: str = "2", day: str = "2026-12-01") -> list[str]:
    t = Talk(content_of(tmp_path, {"pay": FLOW.format(when=when)}, {"pay": WORDS}))
    for words in ("比一比", "平安区", most, day):
        t.say(words)
    t.answer("found", [{**ENTRY, "id": f"o{n}"} for n in range(entries)])
    return t.said


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{near.count: {min: 2}}", True),
        ("{near.count: {min: 3}}", False),
        ("{near.count: {below: most}}", False),
        ("{near.count: {min: most}}", True),
        ("{near.count: {min: 1, below: 3}}", True),
        ("{near.count: {same: most}}", True),
        ("{near.count: {not: [2, 3]}}", False),
        ("{most: {not: 3}}", True),
        ("[{most: 3}, {near.count: {min: 2}}]", True),
        ("[{most: 3}, {most: 2, near.count: 1}]", False),
        ("{day: {below: day}}", False),
        ("{day: {min: day}}", True),
        ("{day: {below: 2027-01-01}}", True),
        ("{day: {below: today}}", False),
        ("{day: {min: today, below: 2026-12-01}}", False),
        ("{day: {below: most}}", False),  # a day and a number: neither is below the other
    ],
)
def test_what_holds(tmp_path: Path, when: str, holds: bool) -> None:
    assert said(tmp_path, when) == ["pay.fits" if holds else "pay.other"]


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("9", "10", -1),
        ("10", 9.5, 1),
        ("2026-09-30", "2026-10-01", -1),
        ("09:30", "14:00", -1),
        ("9:30", "14:00", None),
        ("", 5, None),
        ("5", "", None),
        ("5", None, None),
        ("2026-10-01", "5", None),
    ],
)
def test_only_what_is_of_a_kind_is_compared(one: str, other: str | float | None, order: int | None) -> None:
    assert compared(one, other) == order


def findings(root: Path, when: str, words: str = WORDS) -> list[str]:
    write(root, {"pay": FLOW.format(when=when)}, {"pay": words})
    return [x.code for x in load(root).findings if x.severity == "error"]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("{near.count: {below: mots}}", "unknown-path"),
        ("{near.count: {same: policy.most}}", "unknown-policy"),
        ("{near.counts: {min: 2}}", "unknown-field"),
        ("[{most: 2}, {mots: 3}]", "unknown-path"),
        ("[{most: 2}, {policy.formal_loss: onlin}]", "unknown-value"),
        ("{policy.formal_loss: {not: onlin}}", "unknown-value"),
        ("{most: {not: near.count}}", "literal-path"),
        ("{most: {not: []}}", "condition"),
        ("{most: {not: 2, min: 1}}", "condition"),
        ("{most: {below: 5个}}", "condition"),
        ("[]", "condition-map"),
    ],
)
def test_a_wrong_condition_is_found(tmp_path: Path, when: str, code: str) -> None:
    assert findings(tmp_path, when) == [code]


ALWAYS = "[{most: {not: 3}}, {near.count: {min: most}}]"


@pytest.mark.parametrize(
    ("variants", "code"),
    [
        ('[{if: [{near: {given: yes}}, {near.count: 2}], text: "{near}"}, 没有。]', []),
        ('[{if: [{near: {given: yes}}, {most: {given: yes}}], text: "{near}"}, 没有。]', ["maybe-empty"]),
        ('[{if: {near: {given: no}}, text: 没有。}, "{near}"]', []),
        ('[{if: {near.count: {not: 2}}, text: 没有。}, "{near}"]', []),  # the other case: it is 2, so given
        ('[{if: {near.count: {not: 2}}, text: "{near}"}, 没有。]', ["maybe-empty"]),
        ('[{if: {near.count: {below: most}}, text: "{near}"}, 没有。]', []),
        ("[{if: [{near: {given: no}}, {near: {given: yes}}], text: 好。}]", []),
    ],
)
def test_the_check_knows_what_is_given(tmp_path: Path, variants: str, code: list[str]) -> None:
    assert findings(tmp_path, ALWAYS, WORDS.replace("other: 不合适。", f"other: {variants}")) == code


def test_a_drawing_says_them(tmp_path: Path) -> None:
    content = content_of(tmp_path, {"pay": FLOW.format(when=ALWAYS)}, {"pay": WORDS})
    assert "most ≠ 3 | near.count ≥ most" in graph.mermaid(graph.of_flow(content, "pay", "zh-CN"))
