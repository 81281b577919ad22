"""config/calendar.yaml: the shipped year is as announced, a command adds years, a lacking one is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.calendar_fill import announced
from bot.content.load import load, load_files
from bot.content.read import city
from bot.content.read.files import collect
from bot.content.read.source import Finding

from .kit import ROOT, edited

FILE = "config/calendar.yaml"


@pytest.fixture
def here(content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(content)
    (content / FILE).write_text("# days off\n", encoding="utf-8")
    return content


def calendar(year: int) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["calendar", str(year)])
    return done.exit_code, done.output


def test_the_shipped_year_is_as_it_was_announced() -> None:
    shipped = load(ROOT).content
    assert shipped is not None
    year = announced(2026)
    assert {d for d in shipped.calendar.holidays if d.year == 2026} == year.days
    assert {d for d in shipped.calendar.workdays if d.year == 2026} == set(year.workdays)


def test_the_command_writes_years_in_their_order_and_keeps_what_is_there(here: Path) -> None:
    for year in (2026, 2024, 2025):
        assert calendar(year)[0] == 0
    text = (here / FILE).read_text("utf-8")
    assert text.startswith("# days off\n2024:\n")
    assert text.index("2025:\n") < text.index("2026:\n")
    assert "{name: 元旦, from: 2023-12-30, to: 2024-01-01}" in text, "it began in December"
    found = load(here)
    assert found.content is not None, found.findings
    assert {2024, 2025, 2026} <= found.content.calendar.years


def test_a_year_that_is_there_is_compared_and_left_alone(here: Path) -> None:
    calendar(2026)
    before = (here / FILE).read_text("utf-8")
    assert calendar(2026) == (0, "config/calendar.yaml has 2026 already, just as chinesecalendar does.\n")
    with edited(here, FILE, "2026-10-10]", "2026-10-11]"):
        code, output = calendar(2026)
        assert code == 1
        assert "2026-10-10, 2026-10-11" in output
    assert (here / FILE).read_text("utf-8") == before


def test_a_year_that_the_package_does_not_know_has_a_remedy(here: Path) -> None:
    code, output = calendar(2098)
    assert code == 1
    assert "does not know 2098" in output
    assert "by hand" in output
    assert "2098" not in (here / FILE).read_text("utf-8")


def test_a_citys_calendar_begins_with_the_years_of_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.start(tmp_path / "q", "泉城市", date(2026, 12, 1))
    monkeypatch.chdir(tmp_path / "q")
    assert calendar(2026) == (0, "config/calendar.yaml has 2026 already, just as chinesecalendar does.\n")
    assert not (tmp_path / "q" / FILE).exists()
    assert calendar(2025)[0] == 0
    found = load(tmp_path / "q").content
    assert found is not None
    assert {2025, 2026} <= found.calendar.years


@pytest.mark.parametrize("raw", [b"2024: [\n", b"2024: \xff\n", b"- 2024\n"])
def test_a_calendar_that_cannot_be_read_is_left_alone(here: Path, raw: bytes) -> None:
    (here / FILE).write_bytes(raw)
    code, output = calendar(2025)
    assert code == 1
    assert f"{FILE}:" in output
    assert (here / FILE).read_bytes() == raw


def missing(findings: tuple[Finding, ...]) -> list[str]:
    return [f.name for f in findings if f.code == "calendar-missing"]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 10, 31), []),
        (date(2026, 11, 1), ["2027"]),
        (date(2026, 12, 31), ["2027"]),
        (date(2027, 1, 1), ["2027"]),
        (date(2028, 2, 29), ["2028"]),
    ],
)
def test_a_lacking_year_is_a_warning_from_november_on(today: date, years: list[str]) -> None:
    found = load(ROOT, today=today)
    assert missing(found.findings) == years
    assert found.content is not None, "it stops nobody from publishing"
    assert all(
        "shebao calendar" in f.sentence and "国务院" in f.zh for f in found.findings if f.name in years
    )


def test_the_calendar_is_published_and_a_revision_from_before_it_still_serves() -> None:
    files = dict(collect(ROOT))
    assert FILE in files
    now = load_files(files).content
    del files[FILE]
    older = load_files(files).content
    assert now is not None
    assert older is not None
    assert now.revision != older.revision
    assert older.calendar.years == frozenset()
