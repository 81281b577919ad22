"""`shebao ask`: each layer says what it found, and a file of messages how well they are understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from bot.cli import main


def ask(monkeypatch: pytest.MonkeyPatch, *given: str) -> tuple[int, str]:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, ["ask", *given])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("卡丢了", "phrase   report_loss"),
        ("人工", "word     person"),
        ("为啥没通过", "phrase   progress"),
        ("why was it rejected?", "phrase   progress"),
        ("我的身份证掉了", "thing    page.elsewhere"),
        ("我的钱包昨天被人偷了", "gaps     report_loss"),
        ("紫色的长颈鹿", "decision nothing"),
        ("卡丢了能报销吗", "decision at once (learnt): page.doctor_now"),
    ],
)
def test_each_layer_says_what_it_found(monkeypatch: pytest.MonkeyPatch, said: str, line: str) -> None:
    code, out = ask(monkeypatch, said)
    assert code == 0
    assert line in out


def test_what_was_learnt_is_shown_by_what_tells_most(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = [
        line for line in ask(monkeypatch, "卡丢了能报销吗")[1].splitlines() if line.startswith("learnt")
    ]
    assert learnt[0].startswith("learnt   page.doctor_now")
    assert "报 +" in learnt[0]
    assert any("(nothing here)" in line for line in learnt)


def test_a_file_is_evaluated_with_a_line_for_each_target(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "messages.tsv"
    file.write_text("intent\tmessage\ttargets\nx\t卡丢了\treport_loss\nx\t社保卡丢了\tpage.fees\n", "utf-8")
    code, out = ask(monkeypatch, "--evaluate", str(file))
    assert code == 0
    assert out.splitlines()[1].split() == ["all", "2", "50.0%", "50.0%", "50.0%", "50.0%"]
    assert "wrongly at once into a change: 1\n  社保卡丢了" in out
    assert "page.fees -> report_loss: 1" in out


def test_a_line_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "messages.tsv"
    file.write_text("intent\tmessage\ttargets\n卡丢了 report_loss\n", "utf-8")
    code, out = ask(monkeypatch, "--evaluate", str(file))
    assert code == 1
    assert "line 2" in out


@pytest.mark.slow  # trains five times
def test_no_message_is_guessed_by_having_been_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ROOT / "tests/reading/first_messages.tsv"
    code, out = ask(monkeypatch, "--evaluate", str(file), "--cross-validate")
    _, _, first, among, once, wrong = out.splitlines()[1].split()
    assert code == 0
    assert float(first.rstrip("%")) >= 80
    assert float(among.rstrip("%")) >= 90
    assert float(once.rstrip("%")) >= 40
    assert float(wrong.rstrip("%")) <= 3
    assert "wrongly at once into a change: 0" in out
