"""A flow's own words for what cannot happen to it are found: nobody would ever read them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.check.engine_texts import code_words
from bot.content.load import load
from bot.content.read.source import Source
from bot.engine import flow as f

ROOT = Path(__file__).parents[2]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("outlets", "down"),
        ("outlets", "not_sure"),
        ("hand_off", "slow"),
        ("card_status", "not_sure"),
        ("outlets", "unfinished"),
        ("card_status", "cancel_which"),
        ("loss_lapse", "stopped"),
        ("welcome", "exhausted"),
    ],
)
def test_a_text_that_cannot_be_said_is_told_with_its_line(tmp_path: Path, flow: str, name: str) -> None:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    path = tmp_path / "messages" / "zh-CN" / f"{flow}.yaml"
    path.write_text(
        path.read_text("utf-8").replace("\ntexts:\n", f"\ntexts:\n  {name}: 从来不说。\n"), "utf-8"
    )
    line = path.read_text("utf-8").splitlines().index(f"  {name}: 从来不说。") + 1
    found = [str(f) for f in load(tmp_path).findings]
    assert any(f"zh-CN/{flow}.yaml:{line}:" in f and "unused-text" in f for f in found), found
    assert not any("unused-text" in str(f) for f in load(ROOT).findings)


@pytest.mark.quick(1)
@pytest.mark.parametrize("part", ["values", "again"])
def test_a_code_that_only_an_answer_or_a_retry_shows_needs_words_too(part: str) -> None:
    content = load(ROOT).content
    assert content is not None
    shows = f.Text((f.Variant((), (f.Place("card.state"),)),))
    slot = f.SlotWords(values={"lost": shows}) if part == "values" else f.SlotWords(again=(shows,))
    words = {"report_loss": f.FlowWords("", slots={"reason": slot})}
    source = Source("messages/zh-CN/common.yaml")
    code_words(replace(content.languages["zh-CN"], flows=words), content, source)
    assert not source.findings
    code_words(replace(content.languages["zh-CN"], flows=words, codes={}), content, source)
    assert [x.code for x in source.findings] == ["missing-code-words"]
