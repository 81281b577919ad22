"""Every flow can be drawn, whole and with its wording."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner
from loaded import shipped_content

from bot.cli import main
from bot.cli.content import graph
from bot.content.drawing import graph as drawing
from bot.content.drawing.graph_words import kind_in, way_in
from bot.content.drawing.svg import svg

from .kit import ROOT

FLOWS = sorted(p.stem for p in (ROOT / "flows").glob("*.yaml") if p.stem != "pages")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_drawn_whole(name: str, language: str) -> None:
    made = drawing.of_flow(shipped_content(), name, language)
    ids = {node.id for node in made.nodes}
    assert set(shipped_content().flows[name].steps) <= ids
    assert all({a, b} <= ids for a, b, _ in made.edges)
    text = drawing.mermaid(made)
    assert text.count("\n  n") == len(made.nodes) + len(made.edges)
    root = ET.fromstring(svg(made))  # noqa: S314  # our own
    boxes = [e for e in root.iter() if e.tag.endswith("rect") and e.get("rx")]
    assert len(boxes) == len(made.nodes)
    spots = [(float(b.get("x", 0)), float(b.get("y", 0)), float(b.get("height", 0))) for b in boxes]
    for i, (x, y, height) in enumerate(spots):  # no two boxes overlap
        assert not any(abs(x - ox) < 230 and y < oy + oh and oy < y + height for ox, oy, oh in spots[i + 1 :])


def test_the_wording_and_the_outcomes_are_there() -> None:
    text = drawing.mermaid(drawing.of_flow(shipped_content(), "report_loss", "zh-CN"))
    assert "卡是怎么没的？" in text
    assert "确认停用／先不停" in text
    assert "|&quot;" not in text
    assert '-->|"not_found"|' in text
    assert "card.report_loss (once)" in text


def test_all_flows_and_how_they_lead_to_each_other() -> None:
    made = drawing.of_all(shipped_content(), "en")
    assert {n.id for n in made.nodes} == set(FLOWS)
    assert ("report_loss", "sign_in", "requires") in made.edges
    assert ("report_loss", "face_check", "need") in made.edges
    assert ("report_loss", "hand_off", "link") in made.edges


def test_in_chinese_yamls_words_stand_beside_what_an_operator_calls_them() -> None:
    kinds = {step.kind for flow in shipped_content().flows.values() for step in flow.steps.values()}
    assert all(kind_in(kind, "zh-CN") != kind for kind in kinds)
    text = drawing.mermaid(
        drawing.worded(drawing.of_flow(shipped_content(), "report_loss", "zh-CN"), "zh-CN")
    )
    for words in ("kind · 提问 collect", "办成 end", "没办成 stop", '|"同意 agreed"|', "face_check 人脸"):
        assert words in text, words
    english = drawing.of_flow(shipped_content(), "report_loss", "en")
    assert drawing.worded(english, "en") == english
    assert not re.search("[一-鿿]", "".join(n.title for n in english.nodes))
    assert way_in("mismatch, again ≤ 3", "zh-CN") == "不一致 mismatch，最多再问3次 again"
    assert way_in("card.application not given", "zh-CN") == "没有card.application"
    assert way_in("card.state = normal", "zh-CN") == "card.state = normal"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "a.svg"
    made = CliRunner().invoke(graph, ["rate", "--format", "svg", "--out", str(out)])
    assert made.exit_code == 0, made.output
    assert "这次办得怎么样" in out.read_text(encoding="utf-8")
    assert "提问 collect" in out.read_text(encoding="utf-8")
    lost = CliRunner().invoke(main, ["graph", "rate", "--out", str(tmp_path / "no" / "a.mmd")])
    assert lost.exit_code == 1
    assert "a.mmd读不了或者写不了（No such file or directory）" in lost.output
    wrong = CliRunner().invoke(graph, ["report_los"])
    assert wrong.exit_code == 1
    assert "Did you mean “report_loss”?" in wrong.output
