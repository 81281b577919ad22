"""Forms of a single value, for the models: each mistake is a finding with a code of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.engine.hours import minutes, weekdays


@dataclass(frozen=True)
class OneOf:
    """One of these words; editors offer them too. `values`: or what returns them, where a package of a city's
    own may add some."""

    values: tuple[str, ...] | Callable[[], tuple[str, ...]]

    @property
    def known(self) -> tuple[str, ...]:
        return self.values() if callable(self.values) else self.values

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(kind))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": [*self.known]}

    def _known(self, value: str) -> str:
        if value not in self.known:
            raise PydanticCustomError("unknown-value", "none of these", {"known": self.known})
        return value


def formed(code: str, fits: Callable[[str], object]) -> AfterValidator:
    """Reports the finding of that code, with the value as its `name`, if `fits` returns None."""

    def check(value: str) -> str:
        if fits(value) is None:
            raise PydanticCustomError(code, "not of this form", {"name": value})
        return value

    return AfterValidator(check)


_PHONE = re.compile(
    r"(?:0\d{2,3}-?)?(?:\d{7,8}|1\d{4}|9\d{4,5})(?:-\d{1,6})?|1[3-9]\d{9}|[48]00-?\d{3}-?\d{4}"
)
_ANY_DAY = re.compile(r"(\d{4})\s*[年./\-\s]\s*(\d{1,2})\s*[月./\-\s]\s*(\d{1,2})\s*[日号]?")
_ANY_TIME = re.compile(r"(?:上午)?(\d{1,2})(?:[:.点时](\d{2})?(半)?分?)?\s*(am|pm)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[、,，/；;]\s*|\s+")


def phone(raw: str) -> object:
    """One number or several: area and number, a mobile, 400, or a short one like 12333."""
    return all(_PHONE.fullmatch(number) for number in _BETWEEN.split(raw)) or None


def day_of(raw: object) -> date | None:
    """Returns the day of `2027-01-31`; None for anything else."""
    if not isinstance(raw, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _whole(raw: str) -> object:
    return re.fullmatch(r"[0-9]{1,4}", raw)


def likely(code: str, raw: str) -> str:
    """Returns the right form of a value that was written in another one; "" where that is not sure. `code`:
    of the finding."""
    plain = unicodedata.normalize("NFKC", raw).strip()
    if code == "date" and (found := _ANY_DAY.fullmatch(plain)):
        day = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
        return day if day_of(day) else ""
    if code == "hours-clock" and (found := _ANY_TIME.fullmatch(plain)):
        half = "30" if found[3] == "半" else found[2] or "00"
        hour = int(found[1]) + (12 if found[4] == "pm" and int(found[1]) < 12 else 0)
        return f"{hour}:{half}" if minutes(f"{hour}:{half}") is not None else ""
    if code == "hours-days":
        days = re.sub(r"\s*[~–—―－～至到]\s*", "-", re.sub(r"周|星期|礼拜", "", plain))
        days = days.translate(str.maketrans("一二三四五六日天", "12345677")).replace("、", ",")
        return days if weekdays(days) else ""
    return ""


def is_flag(raw: str) -> object:
    return raw.lower() in ("yes", "no", "true", "false") or None


Flag = Annotated[str, formed("yes-no", is_flag)]
Weekdays = Annotated[str, formed("hours-days", weekdays)]
Clock = Annotated[str, formed("hours-clock", minutes)]
Day = Annotated[str, formed("date", day_of), Field(json_schema_extra={"pattern": r"^\d{4}-\d{2}-\d{2}$"})]
Phone = Annotated[str, formed("phone", phone)]
Few = Annotated[str, formed("stub-number", _whole)]
