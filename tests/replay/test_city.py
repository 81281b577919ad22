"""The release's replays hold in a city: word for word, or by their texts where the city words them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.read import city
from bot.content.read.files import unpacked
from bot.kit.replay import run
from bot.kit.replay.report import Result

ROOT = Path(__file__).parents[2]
CASES = [ROOT / f"tests/replays/{name}.yaml" for name in ("loss_cases_1", "card_home", "progress_cases_1")]
WAY = "formal_loss: already, else: cannot"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "q"
    city.start(made, "泉城市", date(2026, 12, 1))
    return made


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def played(root: Path) -> list[Result]:
    with unpacked(city.on_the_release(root)) as there:
        options = run.Options(there, release=city.RELEASE, own=city.own_flows(root))
        return [*run.everything(CASES, options)]


@pytest.mark.slow
def test_rules_words_and_phrases_of_the_city_break_none(root: Path) -> None:
    """Nor does a value that only the city has: its words may name it."""
    policy = (root / "config/policy.yaml").read_text("utf-8")
    rules = 'temporary_days: {value: "10", source: 公告, checked: 2026-11-26}\n'
    rules += "metro: {value: 地铁1号线, source: 公告, checked: 2026-11-26}\n"
    write(root, "config/policy.yaml", policy + rules)
    words = "words: [卡掉泉里了]\ntexts:\n  already: 【已停用】这张卡停过了，{policy.metro}可到。\n"
    write(root, "messages/zh-CN/report_loss.yaml", words)
    assert [one.text for one in played(root)] == ["", "", ""]


def test_what_goes_through_a_flow_of_the_citys_own_is_skipped_by_name(root: Path) -> None:
    flow = (ROOT / "flows/report_loss.yaml").read_text("utf-8")
    assert WAY in flow
    write(root, "flows/report_loss.yaml", flow.replace(WAY, "formal_loss: cannot, else: already"))
    first, *others = played(root)
    assert first.skipped == "goes through flows of the city's own: report_loss"
    assert not [one.text for one in others if one.text]


def test_the_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(run, "files", lambda paths: CASES)
    shown = CliRunner().invoke(main, ["replay"])
    assert shown.exit_code == 0, shown.output
    assert "3 of 3 conversations of the release as expected in this city" in shown.output
