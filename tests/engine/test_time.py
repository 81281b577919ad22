"""A slot of type `time` in a flow: read within its limits, compared, shown, planned with."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.load import load

from .kit import Talk, content_of, write

FLOW = """
    flow: come
    slots: {at: {type: time, from: "8:30", to: "17:00"}, day: {type: date}}
    steps:
      day: {set: {day: 2027-01-04}}
      at: {collect: at}
      plan: {later: remind, date: day, time: at, before: 2h}
      early: {next: [{if: {at: {below: 12:00}}, then: morning}, {else: noon}]}
      morning: {say: morning, next: end}
      noon: {say: noon, next: end}
"""
WORDS = """
    title: 来一趟
    slots:
      at:
        label: 时间
        ask: 几点来？
        again:
          - 请说8:30到17:00。
          - 例如9:30。
    texts: {morning: "{at}，上午。", noon: "{at}，下午。"}
"""
FLOWS = {
    "come": FLOW,
    "remind": "flow: remind\nstart: {later: yes}\nsteps: {say: {say: soon, next: end}}\n",
}
SAID = {"come": WORDS, "remind": "title: 提醒\ntexts: {soon: 快到了。}\n"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("九点", "09:00，上午。"),
        ("下午三点半", "15:30，下午。"),
        ("8点", "请说8:30到17:00。"),
        ("9pm", "请说8:30到17:00。"),
    ],
)
def test_a_time_is_read_within_its_limits(tmp_path: Path, said: str, told: str) -> None:
    t = Talk(content_of(tmp_path, FLOWS, SAID))
    t.say("来一趟")
    assert t.say(said) == told


def test_a_later_step_counts_from_it(tmp_path: Path) -> None:
    t = Talk(content_of(tmp_path, FLOWS, SAID))
    t.say("来一趟", "9点45")
    (planned,) = t.session.scheduled
    assert planned.at == 1_799_019_900  # 2027-01-04 07:45 in China


@pytest.mark.parametrize(
    ("code", "was", "now"),
    [
        ("hours-clock", '"17:00"', '"17点"'),
        ("no-order", "{below: 12:00}", "{below: 12}"),
        ("set-value", "{day: 2027-01-04}", "{day: 2027-01-04, at: 9点}"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, code: str, was: str, now: str) -> None:
    assert was in FLOW
    write(tmp_path, FLOWS | {"come": FLOW.replace(was, now)}, SAID)
    assert code in {f.code for f in load(tmp_path).findings if f.file == "flows/come.yaml"}
