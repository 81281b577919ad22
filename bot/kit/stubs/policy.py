"""The city rules of the stub bureau, and how it counts money and days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from bot.engine.hours import EVERY_WEEK, Calendar


@dataclass(frozen=True)
class Policy:
    """Names and values as in config/policy.yaml. Amounts are words: 20元 or 免费.

    Raises:
        ValueError: an amount is neither, or making_days has no number.
    """

    temporary_days: int = 7
    formal_loss: str = "online"  # online | outlet
    cancel_formal: str = "never"  # online | outlet | never
    fee_first: str = "免费"
    fee_reissue: str = "20元"
    postage: str = "12元"
    making_days: str = "7–10"  # working days, from–to
    review_days: int = 3  # working days
    pay_days: int = 7
    pay_where: str = "微信“城市服务—社保缴费”"
    calendar: Calendar = EVERY_WEEK

    def __post_init__(self) -> None:
        for amount in (self.fee_first, self.fee_reissue, self.postage):
            yuan(amount)
        if not re.search(r"\d", self.making_days):
            raise ValueError(f"making_days is written 7–10 or 10, not {self.making_days!r}")

    @property
    def making_longest(self) -> int:
        """Working days, the larger of the two."""
        return max(int(n) for n in re.findall(r"\d+", self.making_days))

    @classmethod
    def of(cls, values: Mapping[str, Mapping[str, str]], calendar: Calendar) -> Policy:
        """Reads config/policy.yaml's values. A city may word them freely: the stub keeps its own default
        where it cannot calculate with the words, and ignores values it does not use."""
        made = cls(calendar=calendar)
        for field in fields(cls):
            if field.name not in values or field.name == "calendar":
                continue
            word = values[field.name]["value"]
            with suppress(ValueError):
                made = replace(made, **{field.name: int(word) if field.type == "int" else word})  # type: ignore[arg-type]
        return made


def working_days_after(day: date, count: int, calendar: Calendar) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= calendar.works(day)
    return day


def yuan(amount: str) -> int:
    """Returns whole yuan of 免费 or 20元.

    Raises:
        ValueError: anything else.
    """
    if amount == "免费":
        return 0
    found = re.fullmatch(r"(\d+)元", amount)
    if found is None:
        raise ValueError(f"an amount is written 20元 or 免费, not {amount!r}")
    return int(found[1])
