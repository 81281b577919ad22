"""`shebao calendar YEAR`: writes a year into config/calendar.yaml, from the package chinesecalendar.

The package follows the State Council's notices; only this command needs it, never a service in production.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from bot.content.read.calendar_file import FILE, read_calendar
from bot.content.read.city import merged_file
from bot.content.read.files import MISSING, replace_file
from bot.content.read.source import BrokenContent, Source, parse
from bot.content.read.validation import mapping
from bot.content.schema import modeline
from bot.engine.hours import Calendar

PACKAGE = "chinesecalendar"


class UnknownYear(ValueError):
    """The package does not know this year."""


class Differs(ValueError):
    """The year is in the file already, and differs from the package. The text names the days."""


@dataclass(frozen=True)
class Year:
    """`holidays`: Chinese name, first and last day. `workdays`: weekend days that are worked."""

    number: int
    holidays: tuple[tuple[str, date, date], ...]
    workdays: tuple[date, ...]

    @property
    def days(self) -> frozenset[date]:
        return frozenset(a + timedelta(n) for _, a, b in self.holidays for n in range((b - a).days + 1))

    def text(self) -> str:
        lines = [
            f"{self.number}:",
            f"  source: 国务院办公厅关于{self.number}年部分节假日安排的通知（{PACKAGE} {version(PACKAGE)}）",
        ]
        lines += ["  holidays:", *(f"    - {{name: {n}, from: {a}, to: {b}}}" for n, a, b in self.holidays)]
        lines.append(f"  workdays: [{', '.join(map(str, self.workdays))}]")
        return "\n".join(lines) + "\n"


def announced(year: int) -> Year:
    """Raises ImportError if the package is not installed, UnknownYear."""
    from chinese_calendar import constants

    def of(day: date, name: str) -> bool:  # days of December belong to the next year's notice
        return (day.year + (day.month == 12 and name == constants.Holiday.new_years_day.value)) == year

    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    found: list[tuple[str, date, date]] = []
    for day, name in sorted(constants.holidays.items()):
        if not of(day, name):
            continue
        if found and found[-1][2] == day - timedelta(1):  # 中秋 may lie within 国庆节
            found[-1] = (found[-1][0], found[-1][1], day)
        else:
            found.append((names[name], day, day))
    if not found:
        raise UnknownYear(str(year))
    return Year(year, tuple(found), tuple(sorted(d for d, n in constants.workdays.items() if of(d, n))))


def add(root: Path, year: Year) -> bool:
    """Returns False if the file has exactly this already. Of a city without one the release's years are
    written with it, as the calendar is a whole file.

    Raises:
        BrokenContent: the file cannot be read as it is; it is left alone.
        Differs, OSError.
    """
    raw = merged_file(root, FILE)
    raw = f"{modeline(FILE)}\n".encode() if raw == MISSING else raw
    source = parse(FILE, raw)
    keys = mapping(source) if source.data is not None else {}
    if source.findings:
        raise BrokenContent(findings=tuple(source.findings))
    if str(year.number) in keys:
        _compare(source, year)
        return False
    later = [
        line for (key, *rest), (line, _) in source.keys.items() if not rest and str(key) > str(year.number)
    ]
    lines = raw.decode("utf-8-sig").splitlines(keepends=True)
    at = min(later) - 1 if later else len(lines)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    replace_file(root / FILE, "".join([*lines[:at], year.text(), *lines[at:]]).encode())
    return True


def _compare(source: Source, year: Year) -> None:
    found: Calendar = read_calendar(Source(source.file, {str(year.number): source.data[str(year.number)]}))
    wrong = sorted((found.holidays ^ year.days) | (found.workdays ^ frozenset(year.workdays)))
    if wrong:
        raise Differs(", ".join(map(str, wrong)))
