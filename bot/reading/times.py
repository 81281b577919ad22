"""Reads a time of day: 15:00, 下午三点半, 3pm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.reading.clean import Said
from bot.reading.numerals import counted

_NUMERAL = "零〇一二三四五六七八九十两廿"
_BEFORE_NOON = frozenset({"凌晨", "清早", "清晨", "早上", "早晨", "上午", "早"})
_AFTER_NOON = frozenset({"下午", "午后", "傍晚"})
_NIGHT = {"晚上": 5, "今晚": 5, "明晚": 5, "晚": 5, "夜里": 7, "半夜": 9}
"""From which hour on it is before midnight; two of it is behind it."""
_PART = "|".join(sorted({*_BEFORE_NOON, *_AFTER_NOON, *_NIGHT, "中午"}, key=len, reverse=True))
_TIME = re.compile(
    rf"(?:(?P<part>{_PART})的?\s*)?(?<![0-9{_NUMERAL}第.:])(?:"
    rf"(?P<hour>[0-9]{{1,2}}|[{_NUMERAL}]{{1,3}})\s*[点时](?!间|候|段)"
    rf"(?:(?P<half>半)|(?P<quarter>[一三13])刻|\s*(?P<minute>[0-9]{{1,2}}|[{_NUMERAL}]{{1,3}})分?(?![0-9{_NUMERAL}点时]))?"
    r"|(?P<clock>[0-9]{1,2}):(?P<past>[0-9]{2})(?::[0-9]{2})?(?![0-9:])"
    r"|(?P<bare>[0-9]{1,2})(?=\s*(?:am|pm|a\.m|p\.m|o.?clock)(?![a-z]))"
    r")\s*(?P<half_day>am|pm|a\.m\.?|p\.m\.?)?(?![a-z])"
)
_NO_TIME = re.compile(
    rf"[早晚快慢有大小多少好]一?点(?![钟半整0-9{_NUMERAL}])|[早晚快慢有]一点(?!钟)|一点(?:[点儿也都不]|吧$)"
    r"|[几多两]点(?:建议|意见|问题|要求)"
)
"""早一点, 有一点, 两点建议."""
_NEAR = re.compile(r"\s*(?:钟|整)?(?:多|[之以]?[前后]|差|过后|before|after)")
"""Behind it: a limit or about it, and no time to come at."""
_SHORT_OF = re.compile(r"(?:差|不到|before|after|past|to)[^，。,.]{0,6}$")
_ALONE = re.compile(r"([0-9]{1,2})(?:[ .]?([0-5][0-9]))?")


def times(said: Said) -> list[tuple[tuple[str, ...], int, int]]:
    """Returns what each time in a message may be, HH:MM, with its place; nothing if one is only about or a
    limit (三点多, 五点以前). Two where the half of the day is not said (三点), the one by day first."""
    if alone := _ALONE.fullmatch(said.folded):
        read = _of(alone[1], alone[2] or "0", "")
        return [(read, 0, len(said.folded))] if read else []
    text, found = (
        _NO_TIME.sub(lambda m: "，" * len(m[0]), said.folded),
        list[tuple[tuple[str, ...], int, int]](),
    )
    for match in _TIME.finditer(text):
        if _NEAR.match(text, match.end()) or _SHORT_OF.search(
            text, max(match.start() - 12, 0), match.start()
        ):
            return []
        hour = match["hour"] or match["clock"] or match["bare"]
        minute = match["minute"] or match["past"] or "0"
        minute = (
            "30" if match["half"] else f"{_number(match['quarter']) * 15}" if match["quarter"] else minute
        )
        if read := _of(hour, minute, match["half_day"] or match["part"] or ""):
            found.append((read, match.start(), match.end()))
    return found


def _of(hour: str, minute: str, part: str) -> tuple[str, ...]:
    """`part`: of the day, "" if not said."""
    h, m = _number(hour), _number(minute)
    if not (0 <= h < 24 and 0 <= m < 60):
        return ()
    return tuple(f"{x:02d}:{m:02d}" for x in _hours(h, part, sure=len(hour) == 2 and hour[0] == "0"))


def _hours(hour: int, part: str, sure: bool) -> Iterator[int]:
    if hour > 12 or hour == 0 or sure:
        yield hour
    elif part in _BEFORE_NOON or part[:1] == "a":
        yield 0 if hour == 12 and part not in ("上午", "早上") else hour
    elif part in _NIGHT:
        yield hour + 12 if _NIGHT[part] <= hour < 12 else hour % 12
    elif part in _AFTER_NOON or part[:1] == "p":
        yield hour % 12 + 12
    elif part:  # 中午
        yield hour if hour > 10 else hour + 12
    else:
        day = hour % 12 if hour % 12 >= 7 else hour % 12 + 12
        yield from (day, (day + 12) % 24)


def _number(words: str) -> int:
    found = int(words) if words.isdecimal() else counted(words)
    return -1 if found is None else int(found)
