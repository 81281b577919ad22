"""config/calendar.yaml: the public holidays of each year, and the weekend days worked instead."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

from pydantic import Field

from bot.content.read import models as m
from bot.content.read.forms import Day
from bot.content.read.source import Loc, Source
from bot.content.read.validation import mapping, model
from bot.engine.hours import Calendar

FILE = "config/calendar.yaml"
FIXED = ("01-01", "05-01", "10-01")
"""Holidays of every year, by the State Council's Regulation on Public Holidays (全国年节及纪念日放假办法)."""
ANNOUNCED = 11
"""The month from which the next year's notice may be expected; it has come in late October or November."""
MOST = 12
"""Days of one holiday: more is a mistake."""


class HolidayModel(m.Model):
    name: str
    from_: Day = Field(alias="from")
    to: Day


class YearModel(m.Model):
    source: str
    holidays: list[HolidayModel]
    workdays: list[Day] = Field([])


Days = dict[date, Loc]


def read_calendar(source: Source) -> Calendar:
    """Reads the calendar; findings at the source. A year with an error counts as unknown."""
    years: set[int] = set()
    holidays: Days = {}
    workdays: Days = {}
    for name, raw in mapping(source).items():
        if not re.fullmatch(r"20\d\d", name, re.ASCII):
            source.error((name,), "calendar-year", key=True, name=name)
            continue
        found = model(source, YearModel, raw, (name,))
        if found is None:
            continue
        before = len(source.findings)
        if other := _other_year(name, found):
            source.error((name,), "calendar-whole-year", key=True, name=name, year=other)
            continue
        if not found.source.strip():
            source.error((name, "source"), "policy-source", name=name)
        _holidays(source, name, found, holidays)
        _workdays(source, name, found, holidays, workdays)
        if len(source.findings) == before:
            years.add(int(name))
    return Calendar(frozenset(years), frozenset(holidays), frozenset(workdays))


def _other_year(year: str, found: YearModel) -> str:
    """Returns the year of which nearly all dates are, if it is another one; "" else."""
    written = [day[:4] for one in found.holidays for day in (one.from_, one.to)] + [
        d[:4] for d in found.workdays
    ]
    most, times = Counter(written).most_common(1)[0] if written else (year, 0)
    return most if most != year and times > 2 and year not in written[2:] else ""


def _holidays(source: Source, year: str, found: YearModel, holidays: Days) -> None:
    before = len(source.findings)
    for i, holiday in enumerate(found.holidays):
        loc: Loc = (year, "holidays", i)
        first, last = date.fromisoformat(holiday.from_), date.fromisoformat(holiday.to)
        if not (last.year == int(year) and _within(year, first)):
            wrong = "from" if last.year == int(year) else "to"
            source.error(
                (*loc, wrong), "calendar-other-year", name=getattr(holiday, wrong, holiday.from_), year=year
            )
        elif not timedelta(0) <= last - first < timedelta(MOST):
            source.error((*loc, "to"), "calendar-order", name=holiday.to, most=MOST)
        else:
            days = [first + timedelta(n) for n in range((last - first).days + 1)]
            _once(source, days, (*loc, "from"), holidays)
    lacking = [day for day in FIXED if date.fromisoformat(f"{year}-{day}") not in holidays]
    if lacking and len(source.findings) == before:  # else it is probably there, mistyped
        source.error((year, "holidays"), "calendar-fixed", key=True, name=f"{year}-{lacking[0]}")


def _workdays(source: Source, year: str, found: YearModel, holidays: Days, workdays: Days) -> None:
    for i, raw in enumerate(found.workdays):
        loc, day = (year, "workdays", i), date.fromisoformat(raw)
        if not _within(year, day):
            source.error(loc, "calendar-other-year", name=raw, year=year)
        elif day.isoweekday() < 6:
            source.error(loc, "calendar-weekday", name=raw)
        elif day in holidays:
            source.error(loc, "calendar-both", name=raw)
        else:
            _once(source, [day], loc, workdays)


def _within(year: str, day: date) -> bool:
    """Allows December before: a New Year's holiday may begin, or be worked for, then."""
    return day.year == int(year) or (day.year == int(year) - 1 and day.month == 12)


def _once(source: Source, days: list[date], loc: Loc, seen: Days) -> None:
    if again := [day for day in days if day in seen]:
        source.error(loc, "calendar-twice", name=again[0].isoformat())
    seen.update(dict.fromkeys(days, loc))


def years_ahead(source: Source, calendar: Calendar, today: date | None) -> None:
    """Warns of an unknown year: the current one, and from November on the next."""
    if today is None or any(x.severity == "error" for x in source.findings):
        return
    for year in (today.year, today.year + 1) if today.month >= ANNOUNCED else (today.year,):
        if year not in calendar.years:
            source.warn((), "calendar-missing", name=str(year))
