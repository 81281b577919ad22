"""Opening hours by the calendar: open now and until when, or when next. China's time throughout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

HOLIDAY = 8
"""Follows the weekdays (1 Monday … 7 Sunday): a public holiday."""
DAY = 1440
LOOKS_AHEAD = 60
"""Days ahead in which the next opening is searched."""
NONE = "-"
_HOLIDAYS = "holidays"
_SPAN = re.compile(r"([1-7])(?:-([1-7]))?", re.ASCII)
_DATES = re.compile(r"\s(\d{4}-\d\d-\d\d)?/(\d{4}-\d\d-\d\d)?$", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hours:
    """Open on `days` (1 Monday … 7 Sunday, 8 a public holiday) between two times of day in minutes, from one
    date to another, both included."""

    days: tuple[int, ...]
    start: int
    end: int
    since: date = date.min
    until: date = date.max


@dataclass(frozen=True)
class Calendar:
    """The State Council's calendar for `years`: public holidays, and the weekend days worked instead."""

    years: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def kinds(self, day: date) -> tuple[int, ...]:
        """Returns whose hours a day has: its weekday's, a holiday's, and those of the neighbouring weekday
        for a worked Saturday or Sunday. In an unknown year, all that are possible, its weekday first."""
        weekday = day.isoweekday()
        beside = {6: 5, 7: 1}.get(weekday, weekday)
        if day in self.holidays:
            return (HOLIDAY,)
        if day in self.workdays:
            return (beside,)
        return (weekday,) if day.year in self.years else (weekday, HOLIDAY, beside)

    def works(self, day: date) -> bool:
        """Checks for a workday; by its weekday in an unknown year."""
        return self.kinds(day)[0] <= 5


EVERY_WEEK = Calendar()
"""Knows no year."""


@dataclass(frozen=True)
class Opening:
    """`state`: all_day; open until `time` of `day`; closed, holiday: opens then; usual: the day may be a
    holiday, `time` are its weekday's hours; ask: the next opening is unknown."""

    state: str
    day: date
    time: str = ""


def is_open(hours: Sequence[Hours], calendar: Calendar, now: datetime) -> bool:
    """Checks the hours; by the weekday in a year that the calendar does not know."""
    minute = now.hour * 60 + now.minute
    return any(start <= minute < end for start, end in _on(hours, calendar.kinds(now.date())[0], now.date()))


def opening(hours: Sequence[Hours], calendar: Calendar, now: datetime) -> Opening:
    """Returns what is surely true at this moment."""
    today, minute = now.date(), now.hour * 60 + now.minute
    spans = _surely(hours, calendar, today)
    if spans is None:
        usual = _on(hours, calendar.kinds(today)[0], today)
        return Opening(
            "usual" if usual else "ask", today, ", ".join(f"{clock(s)}–{clock(e)}" for s, e in usual)
        )
    for start, end in spans:
        if start <= minute < end:
            return _until(hours, calendar, today, start, end)
    holiday = not spans and calendar.kinds(today) == (HOLIDAY,)
    for ahead in range(LOOKS_AHEAD):
        day = today + timedelta(days=ahead)
        found = _surely(hours, calendar, day)
        if found is None:
            break
        later = [start for start, _ in found if ahead or start > minute]
        if later:
            return Opening("holiday" if holiday else "closed", day, clock(later[0]))
    return Opening("ask", today)


def _until(hours: Sequence[Hours], calendar: Calendar, today: date, start: int, end: int) -> Opening:
    if (start, end) == (0, DAY):
        return Opening("all_day", today)
    if end == DAY:  # over midnight
        tomorrow = today + timedelta(days=1)
        night = _surely(hours, calendar, tomorrow)
        if night and night[0][0] == 0:
            return Opening("open", tomorrow, clock(night[0][1]))
    return Opening("open", today, clock(end))


def _surely(hours: Sequence[Hours], calendar: Calendar, day: date) -> Spans | None:
    """Returns the spans of a day; None if they depend on an unknown year."""
    first, *others = (_on(hours, kind, day) for kind in calendar.kinds(day))
    return first if all(other == first for other in others) else None


def _on(hours: Sequence[Hours], kind: int, day: date) -> Spans:
    """Returns spans in order; touching or overlapping ones are joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((h.start, h.end) for h in hours if kind in h.days and h.since <= day <= h.until):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


# --- as they are written ---------------------------------------------------------------------------
def weekdays(raw: str) -> tuple[int, ...] | None:
    """Parses `1-5,7,holidays` into days; None if it names none."""
    days: list[int] = []
    for part in (part.strip() for part in raw.split(",")):
        found = _SPAN.fullmatch(part)
        if part == _HOLIDAYS:
            days.append(HOLIDAY)
        elif found is None or (found[2] or found[1]) < found[1]:
            return None
        else:
            days += range(int(found[1]), int(found[2] or found[1]) + 1)
    return tuple(days)


def minutes(raw: str) -> int | None:
    """Parses 9:30 into minutes of the day; 24:00 is its end."""
    found = _CLOCK.fullmatch(raw.strip())
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > DAY:
        return None
    return int(found[1]) * 60 + int(found[2])


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def written(hours: Sequence[Hours]) -> str:
    """Writes one line, as a field of a service's answer: `1,2,3 9:00–12:00; 8 10:00–15:00`. Dates stand
    behind: `6 9:00–12:00 2026-12-05/2026-12-26`, `1 9:00–12:00 2027-01-01/`."""
    lines = (
        f"{','.join(_HOLIDAYS if d == HOLIDAY else str(d) for d in h.days)} {clock(h.start)}–{clock(h.end)}"
        + ("" if (h.since, h.until) == _ALWAYS else f" {_dated(h.since)}/{_dated(h.until)}")
        for h in hours
    )
    return "; ".join(lines) or NONE


def read(text: str) -> tuple[Hours, ...]:
    """Reads what `written` wrote, days also as 1-5; ignores anything else."""
    found = []
    for line in text.split(";"):
        dates = _DATES.search(line.strip())
        days, _, times = _DATES.sub("", line.strip()).partition(" ")
        start, _, end = times.partition("–")
        made = (weekdays(days), minutes(start), minutes(end))
        try:
            between = [date.fromisoformat(day) if day else None for day in (dates.groups() if dates else ())]
        except ValueError:  # 2026-02-30
            continue
        since, until = between or (None, None)
        if made[0] is not None and made[1] is not None and made[2] is not None:
            found.append(Hours(made[0], made[1], made[2], since or date.min, until or date.max))
    return tuple(found)


_ALWAYS = (date.min, date.max)


def _dated(day: date) -> str:
    return "" if day in _ALWAYS else day.isoformat()
