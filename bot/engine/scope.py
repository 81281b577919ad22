"""Paths and conditions: the values of a `{path}` or an `if` at one moment of one flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from msgspec import Struct, field

from bot.engine.content import Content
from bot.engine.flow import Cond, Facts, Test, Value
from bot.engine.hours import is_open, written
from bot.engine.session import Frame, Session

CHINA = timedelta(hours=8)
EPOCH = date(1970, 1, 1)
DAY = 86_400
TODAY = "today"
COUNT = "count"
"""Part of a list's path: how many entries it has."""
EXAMPLE = "example"
"""Part of the path of a slot with a pattern: its example."""
_ORDERED = re.compile(r"\d{4}-\d\d-\d\d \d{4}-\d\d-\d\d|\d\d:\d\d \d\d:\d\d")


def china_time(at: int) -> datetime:
    """Returns China's local time (no summer time since 1991), as a naive datetime."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None) + CHINA


def midnight(day: str) -> int:
    """Returns when a day (ISO 8601) begins in China, epoch seconds."""
    return int((datetime.fromisoformat(day).replace(tzinfo=UTC) - CHINA).timestamp())


def until_midnight(at: float) -> int:
    """Returns the seconds until China's day ends."""
    return DAY - int(at + CHINA.seconds) % DAY


def today(at: int) -> str:
    """Returns China's date, ISO 8601."""
    return _date((at + CHINA.seconds) // DAY)


@lru_cache(64)
def _date(day: int) -> str:
    """Returns a date from the number of days since 1970; every turn asks for the same few."""
    return (EPOCH + timedelta(day)).isoformat()


class Scope(Struct, frozen=True):
    """`extra`: values of the engine's own texts, such as {flow} or {my.name}. `checks`: it is a summary, in
    which the resident checks what they have just given. `rest`: takes the entries of a list that have no
    room."""

    content: Content
    session: Session
    frame: Frame | None
    at: int
    extra: Mapping[str, Value] = field(default_factory=dict)
    checks: bool = False
    rest: list[str] | None = None

    def value(self, path: str) -> Value | None:
        """Returns the value at a path; None if nothing is given (an empty string counts as nothing)."""
        return self._find(path) or None

    def holds(self, cond: Cond) -> bool:
        return all(self._holds(test) for test in cond)

    def code(self, path: str) -> str:
        """Returns the value as routes and conditions compare it: a list entry by its id, nothing as ''."""
        value = self.value(path)
        if isinstance(value, dict):
            return value.get("id", "")
        return value if isinstance(value, str) else ""

    def knows(self, facts: Facts) -> bool:
        """Checks whether everything is as these facts say. Ignores hours, which change by themselves."""
        return all(self._is(path, values) for path, values in facts.items() if not path.startswith("open."))

    def _is(self, path: str, values: frozenset[str] | None) -> bool:
        value = self.value(path)
        if values:
            return self.code(path) in values
        if values is not None:
            return value is None
        return value is not None or isinstance(self.value(path.rpartition(".")[0]), list)

    def _holds(self, test: Test) -> bool:
        if test.given is not None:
            return (self.value(test.path) is not None) == test.given
        if test.either:
            return any(map(self.holds, test.either))
        code = self.code(test.path)
        if test.any_of:
            return code in test.any_of
        if test.none_of:
            return code not in test.none_of
        if test.same:
            return bool(code) and code == self.code(test.same)
        return self._within(code, test.below, (-1,)) and self._within(code, test.least, (0, 1))

    def _within(self, code: str, limit: float | str | None, wanted: tuple[int, ...]) -> bool:
        other = self.code(limit) if isinstance(limit, str) and not limit[0].isdigit() else limit
        return limit is None or compared(code, other) in wanted

    def _find(self, path: str) -> Value | None:
        if path in self.extra:
            return self.extra[path]
        head, _, rest = path.partition(".")
        if head == "policy":
            return self.content.policy_value(rest)
        if head == "open":
            return "yes" if self._open(rest) else "no"
        if head == "hours":
            return written(self.content.hours.get(rest, ()))
        if self.frame is not None and head in (slots := self.content.flows[self.frame.flow].slots):
            if rest == EXAMPLE and slots[head].example:
                return slots[head].example
            return _part(self.frame.slots.get(head), rest)
        if path == TODAY:
            return today(self.at)
        slot, _, part = rest.partition(".")
        if self.frame is not None and head == self.frame.flow:
            return _part(self.frame.slots.get(slot), part)
        kept = self.session.kept.get(head)
        if kept is None or kept.until <= self.at:
            return None
        return _part(kept.slots.get(slot), part)

    def _open(self, hours: str) -> bool:
        return is_open(self.content.hours.get(hours, ()), self.content.calendar, china_time(self.at))


def compared(one: str, other: str | float | None) -> int | None:
    """Returns -1, 0 or 1: two numbers, two days (ISO 8601) or two times of a day (HH:MM); else None."""
    if isinstance(other, str) and len(one) == len(other) and _ORDERED.fullmatch(f"{one} {other}"):
        return (one > other) - (one < other)
    try:
        first, second = float(one), float(other or 0)
    except ValueError:
        return None
    return (first > second) - (first < second) if other not in ("", None) else None


def _part(value: Value | None, field_name: str) -> Value | None:
    if not field_name:
        return value
    if isinstance(value, list):
        return str(len(value)) if field_name == COUNT else None
    return value.get(field_name) if isinstance(value, dict) else None
