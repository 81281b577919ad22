"""`shebao new flow` makes a flow that is clean at once, in both languages, with a replay that passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.content import new
from bot.content.load import load

from .kit import ROOT


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.quick(1)
@pytest.mark.parametrize("words", [["move_card", "--title", "转卡"], ["x"]])
def test_a_new_flow_is_clean_and_its_replay_passes(root: Path, words: list[str]) -> None:
    made = CliRunner().invoke(new, ["flow", *words])
    assert made.exit_code == 0, made.output
    assert [str(f) for f in load(root).findings] == []
    from bot.cli.replay import replay

    played = CliRunner().invoke(replay, [f"tests/replays/{words[0]}.yaml"])
    assert played.exit_code == 0, played.output


@pytest.mark.parametrize("name", ["Rate", "9x", "report_loss", "pages", "a-b", "end"])
def test_a_name_that_cannot_be_used_writes_nothing(root: Path, name: str) -> None:
    before = sorted(root.rglob("*"))
    made = CliRunner().invoke(new, ["flow", name])
    assert made.exit_code == 1
    assert sorted(root.rglob("*")) == before
