"""A flow's own words for what cannot happen to it are found: nobody would ever read them."""

import shutil
from pathlib import Path

import pytest

from bot.content.load import load

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
