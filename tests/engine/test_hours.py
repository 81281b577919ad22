"""What is said of opening hours is true at that very moment: holidays, worked weekends, breaks, midnight."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.content.load import load
from bot.content.read.models import HoursModel
from bot.engine.content import Content
from bot.engine.hours import EVERY_WEEK, Calendar, Hours, is_open, minutes, opening, read, weekdays, written
from bot.engine.scope import Scope
from bot.engine.session import new
from bot.engine.wording import opening_words

ROOT = Path(__file__).parents[2]
OFFICE = read("1-5 9:00–12:00; 1-5 13:30–17:00")
BANK = read("1-5 9:00–16:30; 6-7,holidays 10:00–15:30")
KIOSK = read("1-7,holidays 7:00–22:00")
STATION = read("1-7,holidays 0:00–24:00")
NIGHT = read("1-7,holidays 18:00–24:00; 1-7,holidays 0:00–2:00")
REPAIRS = read(
    "1-5 9:00–17:00 /2026-11-20; 1-5 9:30–17:00 2026-12-07/; holidays 9:00–12:00 2026-10-04/2026-10-05"
)
USUALLY = "on this day usually open 9:00–12:00, 13:30–17:00; on holidays please call first"


@pytest.fixture(scope="module")
def content() -> Content:
    """The shipped one, whose calendar knows 2026."""
    made = load(ROOT).content
    assert made is not None
    return made


def at(clock: str) -> int:
    return int(datetime.fromisoformat(clock + "+08:00").timestamp())


def said(content: Content, hours: tuple[Hours, ...], clock: str, language: str = "zh-CN") -> str:
    session = structs.replace(new(content, 1, at(clock)), language=language)
    return opening_words(hours, Scope(content, session, None, at(clock)))


@pytest.mark.parametrize(
    ("hours", "clock", "words"),
    [
        (OFFICE, "2026-11-26T08:59:59", "现在休息，今天9:00开放"),
        (OFFICE, "2026-11-26T09:00:00", "现在开放，到12:00"),
        (OFFICE, "2026-11-26T11:59:59", "现在开放，到12:00"),
        (OFFICE, "2026-11-26T12:00:00", "现在休息，今天13:30开放"),
        (OFFICE, "2026-11-26T16:59:59", "现在开放，到17:00"),
        (OFFICE, "2026-11-26T20:25:00", "现在休息，明天9:00开放"),
        (OFFICE, "2026-11-27T20:25:00", "现在休息，2026年11月30日（周一）9:00开放"),
        # 1 to 7 October 2026; Saturday the 10th and Sunday 20 September are worked for it
        (OFFICE, "2026-09-30T20:25:00", "现在休息，2026年10月8日（周四）9:00开放"),
        (OFFICE, "2026-10-01T10:00:00", "放假休息，2026年10月8日（周四）9:00开放"),
        (OFFICE, "2026-10-07T23:59:59", "放假休息，2026年10月8日（周四）9:00开放"),
        (OFFICE, "2026-10-08T10:00:00", "现在开放，到12:00"),
        (OFFICE, "2026-10-10T10:00:00", "现在开放，到12:00"),
        (OFFICE, "2026-10-11T10:00:00", "现在休息，明天9:00开放"),
        (OFFICE, "2026-09-20T10:00:00", "现在开放，到12:00"),
        (OFFICE, "2026-09-19T10:00:00", "现在休息，明天9:00开放"),
        (BANK, "2026-10-01T09:30:00", "现在休息，今天10:00开放"),
        (BANK, "2026-10-01T16:00:00", "现在休息，明天10:00开放"),
        (BANK, "2026-10-10T16:00:00", "现在开放，到16:30"),
        (KIOSK, "2026-10-01T10:00:00", "现在开放，到22:00"),
        (STATION, "2026-10-01T23:59:59", "今天24小时开放"),
        (NIGHT, "2026-11-26T23:59:59", "现在开放，到2026年11月27日（周五） 2:00"),
        (NIGHT, "2026-11-27T01:59:59", "现在开放，到2:00"),
        (NIGHT, "2026-11-27T02:00:00", "现在休息，今天18:00开放"),
        # what depends on a year that nobody announced yet is not promised
        (OFFICE, "2026-12-31T10:00:00", "现在开放，到12:00"),
        (OFFICE, "2026-12-31T23:59:59", "开放时间请先打电话问"),
        (OFFICE, "2027-01-01T00:00:00", "平时这一天9:00–12:00、13:30–17:00开放，节假日请先打电话问"),
        (OFFICE, "2028-02-29T10:00:00", "平时这一天9:00–12:00、13:30–17:00开放，节假日请先打电话问"),
        (OFFICE, "2028-02-27T10:00:00", "开放时间请先打电话问"),
        (BANK, "2028-02-27T10:00:00", "平时这一天10:00–15:30开放，节假日请先打电话问"),
        (KIOSK, "2026-12-31T23:59:59", "现在休息，明天7:00开放"),
        (KIOSK, "2028-02-29T10:00:00", "现在开放，到22:00"),
        ((), "2026-11-26T10:00:00", "开放时间请先打电话问"),
        # what holds on some days only, both included
        (REPAIRS, "2026-11-20T16:59:59", "现在开放，到17:00"),
        (REPAIRS, "2026-11-20T17:00:00", "现在休息，2026年12月7日（周一）9:30开放"),
        (REPAIRS, "2026-12-04T10:00:00", "现在休息，2026年12月7日（周一）9:30开放"),
        (REPAIRS, "2026-12-07T09:30:00", "现在开放，到17:00"),
        (REPAIRS, "2026-10-03T10:00:00", "放假休息，2026年10月4日（周日）9:00开放"),
        (REPAIRS, "2026-10-05T11:59:59", "现在开放，到12:00"),
        (REPAIRS, "2026-10-05T12:00:00", "现在休息，2026年10月8日（周四）9:00开放"),
    ],
)
def test_what_is_said_holds_at_that_moment(
    content: Content, hours: tuple[Hours, ...], clock: str, words: str
) -> None:
    assert said(content, hours, clock) == words


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("2026-11-26T10:00:00", "open now, until 12:00"),
        ("2026-11-26T12:30:00", "closed now, opens today at 13:30"),
        ("2026-11-26T20:25:00", "closed now, opens tomorrow at 9:00"),
        ("2026-11-27T20:25:00", "closed now, opens 2026-11-30 (Mon) at 9:00"),
        ("2026-10-01T10:00:00", "closed for the holiday, opens 2026-10-8 (Thu) at 9:00"),
        ("2028-02-29T10:00:00", USUALLY),
        ("2026-12-31T23:59:59", "please call first to ask when it opens"),
    ],
)  # fmt: skip
def test_the_same_in_english(content: Content, clock: str, words: str) -> None:
    assert said(content, OFFICE, clock, "en") == words


@pytest.mark.parametrize(
    ("clock", "reachable"),
    [
        ("2026-10-01T10:00:00", False),
        ("2026-10-10T10:00:00", True),
        ("2026-10-10T17:00:00", False),
        ("2026-10-11T10:00:00", False),
        ("2026-12-31T23:59:59", False),
        ("2028-02-29T10:00:00", True),
        ("2028-02-27T10:00:00", False),
    ],
)
def test_staff_are_reached_on_worked_weekends_and_not_on_holidays(
    content: Content, clock: str, reachable: bool
) -> None:
    here = Scope(content, new(content, 1, at(clock)), None, at(clock))
    assert here.value("open.agents") == ("yes" if reachable else "no")
    assert here.value("hours.agents") == "1,2,3,4,5 9:00–17:00"


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 31))
some_hours = st.lists(
    st.builds(
        lambda days, a, b, *dates: Hours(tuple(sorted(days)), min(a, b), max(a, b) + 1, *dates),
        st.sets(st.integers(1, 8), min_size=1), st.integers(0, 1439), st.integers(0, 1439),
        st.sampled_from((date.min, date(2026, 6, 1), date(2027, 1, 1))),
        st.sampled_from((date.max, date(2026, 11, 30))),
    ),
    max_size=4,
).map(tuple)  # fmt: skip


@given(some_hours, moments)
def test_it_is_said_to_be_open_exactly_while_it_is(
    content: Content, hours: tuple[Hours, ...], now: datetime
) -> None:
    found = opening(hours, content.calendar, now)
    if found.state in ("open", "all_day"):
        assert is_open(hours, content.calendar, now)
    elif found.state in ("closed", "holiday"):
        assert not is_open(hours, content.calendar, now)
        hour, minute = map(int, found.time.split(":"))
        opens = datetime.combine(found.day, datetime.min.time()).replace(hour=hour, minute=minute)
        assert now < opens
        assert is_open(hours, content.calendar, opens)
    else:
        assert now.year == 2027 or found.state == "ask"


@given(some_hours)
def test_hours_are_read_as_they_were_written(hours: tuple[Hours, ...]) -> None:
    assert read(written(hours)) == hours


@given(st.text(max_size=40))
def test_anything_else_is_read_as_no_hours_or_some(text: str) -> None:
    opening(read(text), EVERY_WEEK, datetime(2026, 11, 26, 10))


def test_a_line_with_a_date_that_is_none_is_ignored() -> None:
    assert read("1-5 9:00–17:00 2026-02-30/; 6 9:00–12:00 2026-03-01/") == (
        Hours((6,), 540, 720, date(2026, 3, 1)),
    )


def test_days_and_times_as_operators_write_them() -> None:
    assert weekdays("1-5,7,holidays") == (1, 2, 3, 4, 5, 7, 8)
    assert weekdays("5-1") is weekdays("0-8") is weekdays("周一") is weekdays("") is None
    assert (minutes("9:30"), minutes("24:00"), minutes("24:01"), minutes("9点")) == (570, 1440, None, None)


def test_a_worked_weekend_day_has_the_hours_of_the_weekday_beside_it() -> None:
    calendar = Calendar(frozenset({2026}), frozenset(), frozenset({date(2026, 2, 28), date(2026, 9, 20)}))
    assert calendar.kinds(date(2026, 2, 28)) == (5,), "a Saturday Friday's"
    assert calendar.kinds(date(2026, 9, 20)) == (1,), "a Sunday Monday's"
    assert calendar.works(date(2026, 9, 20))
    assert not calendar.works(date(2026, 9, 27))


def test_hours_of_a_file_hold_from_day_to_day() -> None:
    span = {"days": "1-5", "from": "9:00", "to": "17:00", "until": "2027-02-28"}
    assert HoursModel.model_validate(span).read() == Hours(
        (1, 2, 3, 4, 5), 540, 1020, until=date(2027, 2, 28)
    )
    assert HoursModel.model_validate(span | {"since": "2027-01-01"}).read().since == date(2027, 1, 1)
