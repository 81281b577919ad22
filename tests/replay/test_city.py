"""The release's replays hold in a city: word for word, by their texts, or with the release's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.read import city
from bot.content.read.files import collect
from bot.content.verdict import contents
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


def played(root: Path, cases: Sequence[Path] = CASES) -> list[Result]:
    with city.played(collect(root)) as (there, rules):
        return [*run.everything(cases, run.Options(there, release=city.RELEASE, ruled=rules))]


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


def test_the_command_for_one_flow_and_one_language(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(run, "files", lambda paths: CASES)

    def replay(*options: str) -> str:
        return CliRunner().invoke(main, ["replay", *options]).output

    assert "2 of 2 conversations" in replay("--flow", "progress", "--lang", "zh-CN")
    assert "Did you mean “progress”?" in replay("--flow", "progres")


@pytest.mark.parametrize("command", [["mutants"], ["replay", "--update"], ["replay", "--coverage"]])
def test_what_only_replays_of_its_own_can_do_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(root)
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 1
    assert "This city has no replays of its own" in shown.output


def a_whole_city(root: Path) -> None:
    """Its own hotline, rules, outlets and calendar, one text in its own words, one flow switched off."""
    told = "source: 公告, checked: 2026-11-26}\n"
    rules = {
        "hotline": "0531-12345",
        "temporary_days": '"10"',
        "fee_reissue": "25元",
        "formal_loss": "outlet",
    }
    policy = (root / "config/policy.yaml").read_text("utf-8")
    write(
        root, "config/policy.yaml", policy + "".join(f"{n}: {{value: {v}, {told}" for n, v in rules.items())
    )
    outlets = (root / "config/outlets.yaml").read_text("utf-8")
    write(root, "config/outlets.yaml", outlets.replace("清风", "泉城").replace("北湖", "历下"))
    write(root, "config/calendar.yaml", (ROOT / "config/calendar.yaml").read_text("utf-8"))
    write(root, "messages/zh-CN/report_loss.yaml", "texts:\n  no_card: 本市没有查到您的社保卡。\n")
    write(root, "flows/e_card.yaml", "enabled: no\n")


@pytest.mark.slow
def test_all_of_them_hold_in_a_new_city_of_six_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own rules where these lead the same way; what is about the flow switched off is named."""
    a_whole_city(root)
    assert len([*root.rglob("*.yaml")]) == 6
    monkeypatch.chdir(root)
    shown = CliRunner().invoke(main, ["replay", "--jobs", "2"])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    (skipped,) = [line for line in lines if line.startswith("skipped")]
    assert skipped.startswith("skipped ")
    assert "is about what the city has switched off: e_card" in skipped
    (ruled,) = [line for line in lines if line.startswith("with the release's rules")]
    assert "loss_upgrade" in ruled, "made formal at the counter only"
    count = int(lines[-1].split()[0])
    assert lines[-1].startswith(f"{count} of {count} conversations of the release as expected")
    assert count > 150


@pytest.mark.slow
def test_where_a_rule_leads_elsewhere_the_releases_are_played(root: Path) -> None:
    """And said so: what the rule does not touch holds with the city's."""
    cases = [ROOT / f"tests/replays/{name}.yaml" for name in ("loss_upgrade", "card_home")]
    policy = (root / "config/policy.yaml").read_text("utf-8")
    write(
        root,
        "config/policy.yaml",
        f"{policy}formal_loss: {{value: outlet, source: 公告, checked: 2026-11-26}}\n",
    )
    upgrade, home = played(root, cases)
    assert (upgrade.text, upgrade.skipped, upgrade.ruled) == ("", "", True)
    assert (home.text, home.ruled) == ("", False)


@pytest.mark.slow
def test_a_publish_plays_them_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed text breaks none, and is shown."""
    from bot.kit.replay import gate

    monkeypatch.setattr(gate, "files", lambda paths: CASES)
    before = collect(root)
    write(root, "messages/zh-CN/report_loss.yaml", "texts:\n  already: 【已停用】这张卡停过了。\n")
    with contents(root, before, collect(root)) as (was, now):
        found = gate.verdict(root, was, now, "zh-CN")
    assert (found.played, found.broken, found.already, found.cannot) == (len(CASES), (), (), "")
    assert any("停过了" in bubble.after for bubble in found.bubbles)


@pytest.mark.slow
def test_a_replay_goes_through_a_midnight_from_which_another_value_holds(root: Path, tmp_path: Path) -> None:
    """Its clock decides; `{policy.name}` is the value of that moment; what `policy:` sets holds always."""
    told = "source: 公告, checked: 2026-11-26"
    policy = (root / "config/policy.yaml").read_text("utf-8")
    days = f'temporary_days:\n  - {{value: "7", {told}}}\n  - {{from: 2027-01-01, value: "15", {told}}}\n'
    write(root, "config/policy.yaml", policy + days)
    head = "resident: {person: 张三, signed_in: yes}\nclock: 2026-12-31 23:58\n"
    turns = """turns:
  - {tap: 挂失停用, expect: ~卡要怎么停}
  - {tap: "先停用{policy.temporary_days}天，找到了还能恢复（不用刷脸）", expect: ~停用NOW天}
  - {wait: 2m}
"""
    anew = "  - {tap: 确认停用, expect: ~停用15天, says: [common.changed, report_loss.check.2]}\n"
    done = "  - {tap: 确认停用, expect: ~【已停用】, calls: [card.report_loss]}\n"
    write(tmp_path, "midnight.yaml", head + turns.replace("NOW", "7") + anew + done)
    write(
        tmp_path, "fixed.yaml", f'{head}policy: {{temporary_days: "9"}}\n' + turns.replace("NOW", "9") + done
    )
    with city.played(collect(root)) as (there, _):
        options = run.Options(there)
        for found in run.everything([tmp_path / "midnight.yaml", tmp_path / "fixed.yaml"], options):
            assert found.text == ""
