"""Which days a page of figures shows, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

CHOICES = ("1", "7", "30", "dates")
"""Today, so many days up to today, or two dates."""
USUAL = "7"
MOST = 92
"""Days in one look: a quarter."""
KEPT = 400
"""Days that counts are kept."""


@dataclass(frozen=True)
class Period:
    """`wrong`: why the two dates could not be taken, a word of words/figures.yaml, or ""."""

    first: date
    last: date
    choice: str = USUAL
    wrong: str = ""

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def chosen(args: Mapping[str, str], today: date) -> Period:
    """`days` of the address, with `from` and `to` for dates; the last seven days if that cannot be used."""
    choice = args.get("days", USUAL)
    if choice != "dates":
        choice = choice if choice in CHOICES else USUAL
        return Period(today - timedelta(days=int(choice) - 1), today, choice)
    usual = Period(today - timedelta(days=int(USUAL) - 1), today, "dates")
    if not args.get("from") and not args.get("to"):
        return usual
    try:
        first = date.fromisoformat(args.get("from", ""))
        last = date.fromisoformat(args.get("to") or today.isoformat())
    except ValueError:
        return Period(usual.first, usual.last, "dates", "no_dates")
    last = min(last, today)
    if first > last:
        return Period(usual.first, usual.last, "dates", "backwards")
    if (last - first).days >= MOST:
        return Period(usual.first, usual.last, "dates", "too_long")
    if first <= today - timedelta(days=KEPT):
        return Period(usual.first, usual.last, "dates", "too_old")
    return Period(first, last, "dates")
