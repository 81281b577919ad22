"""`need` with something handed in: met only by a run that kept just that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.drawing import graph
from bot.content.load import load

from .kit import Talk, content_of, write

PICK = """
    flow: pick
    takes: [level]
    lasts: 10m
    slots:
      level: {type: choice, values: [low, high], keep: lasting}
      word: {type: text, keep: lasting}
    steps:
      level: {collect: level}
      word: {collect: word}
      ok: {say: ok, next: end}
"""
PICK_WORDS = """
    title: 选一个
    slots:
      level:
        label: 级别
        ask: 哪一级？
        values: {low: 低, high: 高}
        again:
          - 请回复1或2。
          - 低是1，高是2。
      word:
        label: 暗号
        ask: "{level}的暗号？"
        again:
          - 请发暗号。
          - 再发一次。
    texts: {ok: "好的。"}
"""
FLOW = """
    flow: NAME
    steps:
      pick: {need: pick, with: {level: {value: NAME}}, next: {met: told, unmet: no_}}
      told: {say: told, next: end}
      no_: {say: no_, next: stop}
"""
WORDS = """
    title: TITLE
    texts: {told: "TITLE：{pick.level}，{pick.word}。", no_: "TITLE：没有选好。"}
"""
FLOWS = {"pick": PICK, "low": FLOW.replace("NAME", "low"), "high": FLOW.replace("NAME", "high")}
SAID = {"pick": PICK_WORDS, "low": WORDS.replace("TITLE", "看低的"), "high": WORDS.replace("TITLE", "看高的")}


@pytest.fixture
def talk(tmp_path: Path) -> Callable[[], Talk]:
    content = content_of(tmp_path, FLOWS, SAID)
    return lambda: Talk(content)


def test_what_is_handed_in_is_not_asked_and_met_only_by_itself(talk: Callable[[], Talk]) -> None:
    t = talk()
    assert t.say("看低的") == "低的暗号？"
    assert t.say("一号") == "好的。\n看低的：低，一号。"
    assert t.say("看低的") == "看低的：低，一号。"
    assert t.say("看高的") == "高的暗号？"
    assert t.say("二号") == "好的。\n看高的：高，二号。"
    assert t.say("看低的") == "低的暗号？"


def test_done_by_itself_with_the_same_it_is_met(talk: Callable[[], Talk]) -> None:
    t = talk()
    t.say("选一个", "2", "三号")
    assert t.say("看高的") == "看高的：高，三号。"


def test_a_run_that_ends_with_something_else_does_not_meet_it(tmp_path: Path) -> None:
    pick = PICK.replace("      ok:", "      less: {set: {level: low}}\n      ok:")
    t = Talk(content_of(tmp_path, FLOWS | {"pick": pick}, SAID))
    t.say("看高的")
    assert t.say("四号") == "好的。\n看高的：没有选好。"
    t.say("看低的")
    assert t.text == "看低的：低，四号。"


def test_an_entry_of_another_flow_is_shown_by_its_line(tmp_path: Path) -> None:
    """The line names the slot, which only that other flow has."""
    pick = PICK.replace("word: {type: text", "near: {type: list}\n      word: {type: choice, from: near")
    pick = pick.replace(
        "      word: {collect",
        "      near: {action: outlets.near, with: {place: {value: 路}}, save: near, "
        "next: {found: word, none: ok}}\n      word: {collect",
    )
    words = PICK_WORDS.replace("{level}的暗号？", "哪个？").replace(
        "label: 暗号", 'label: 暗号\n        line: "<{word.name}>"'
    )
    said = (
        SAID["low"]
        .replace('{pick.level}，{pick.word}。"', '好。"')
        .replace(
            'texts: {told: "看低的：好。"',
            'texts: {told: [{if: {pick.word: {given: yes}}, text: "是{pick.word}。"}, 没有。]',
        )
    )
    flows = {"pick": pick, "low": FLOWS["low"]}
    t = Talk(content_of(tmp_path, flows, {"pick": words, "low": said}))
    t.say("看低的")
    near = [
        {"id": str(n), "name": name, "address": "x", "hours": "", "phone": "1", "services": ""}
        for n, name in enumerate("甲乙")
    ]
    t.answer("found", near)
    assert t.say("2") == "好的。\n是<乙>。"


def test_one_that_is_open_with_something_else_begins_anew(talk: Callable[[], Talk]) -> None:
    t = talk()
    t.say("选一个", "1")
    assert t.say("看高的") == "高的暗号？"
    assert t.stack == ["high", "pick"]
    assert t.say("五号") == "好的。\n看高的：高，五号。"


def test_one_that_is_open_with_the_same_goes_on(talk: Callable[[], Talk]) -> None:
    t = talk()
    t.say("选一个", "2")
    run = t.session.frames[0].run
    t.say("看高的")
    assert [f.run for f in t.session.frames][1:] == [run]


def test_without_anything_handed_in_whatever_was_kept_will_do(tmp_path: Path) -> None:
    flows = FLOWS | {"low": FLOWS["low"].replace(", with: {level: {value: low}}", "")}
    t = Talk(content_of(tmp_path, flows, SAID))
    t.say("选一个", "2", "六号")
    assert t.say("看低的") == "看低的：高，六号。"


@pytest.mark.parametrize(
    ("code", "file", "flow", "was", "now"),
    [
        ("not-taken", "flows/low.yaml", "pick", "takes: [level]\n", "takes: [word]\n"),
        (
            "not-kept",
            "messages/zh-CN/low.yaml",
            "pick",
            "values: [low, high], keep: lasting",
            "values: [low, high]",
        ),
        ("unknown-value", "flows/low.yaml", "low", "{value: low}", "{value: lou}"),
        ("unknown-path", "flows/low.yaml", "low", "{value: low}", "lou"),
        ("key-of-other-step", "flows/low.yaml", "low", "told, next: end", "told, with: {}, next: end"),
    ],
)
def test_a_mistake_is_found_where_it_is(
    tmp_path: Path, code: str, file: str, flow: str, was: str, now: str
) -> None:
    assert was in FLOWS[flow]
    write(tmp_path, FLOWS | {flow: FLOWS[flow].replace(was, now)}, SAID)
    found = {f.code: f.file for f in load(tmp_path).findings if f.severity == "error"}
    assert found[code] == file


def test_what_is_handed_in_must_be_given_on_every_way(tmp_path: Path) -> None:
    flow = (
        FLOWS["low"]
        .replace("{value: low}", "level")
        .replace("steps:", "takes: [level]\n    SLOTS\n    steps:")
    )
    flow = flow.replace("SLOTS", "slots: {level: {type: choice, values: [low, high]}}")
    words = SAID["low"] + "    slots: {level: {label: 级, values: {low: 低, high: 高}}}\n"
    write(tmp_path, FLOWS | {"low": flow}, SAID | {"low": words})
    assert "argument-maybe" in {f.code for f in load(tmp_path).findings}


def test_the_drawing_shows_it(tmp_path: Path) -> None:
    content = content_of(tmp_path, FLOWS, SAID)
    assert "level = low" in graph.mermaid(graph.of_flow(content, "low", "zh-CN"))
