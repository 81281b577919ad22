"""Reads days in a message: printed, written and spoken; also days relative to today."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.reading.numerals import CHINESE, counted, spelled
from bot.reading.rejected import Place, kept

_N = rf"[0-9]{{1,2}}|[{CHINESE}]{{1,3}}"
_DAY = r"\s*(?:[日号]|(?![0-9a-z]))"
_MONTHS = {
    m: n
    for n, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH = rf"(?P<m>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_NTH = r"(?:st|nd|rd|th)?"

_FULL = [
    re.compile(pattern)
    for pattern in (
        rf"(?<![0-9])(?P<y>[0-9]{{4}})\s*年\s*(?P<m>{_N})\s*月\s*(?P<d>{_N}){_DAY}",
        rf"(?<![0-9])(?P<y>[0-9]{{4}})[\s\-./,、。]{{1,2}}(?P<m>{_N})[\s\-./,、。月]{{1,2}}(?P<d>{_N}){_DAY}",
        r"(?<![0-9])(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?![0-9])",
        rf"(?P<y>(?<![0-9])[0-9]{{2}}"
        rf"|(?<![{CHINESE}])[{CHINESE}]{{2}})\s*年\s*(?P<m>{_N})\s*月\s*(?P<d>{_N}){_DAY}",
        r"(?<![0-9.])(?P<y>[0-9]{2})[./](?P<m>[0-9]{1,2})[./](?P<d>[0-9]{1,2})(?![0-9.])",
        rf"(?<![a-z]){_MONTH}\s*(?P<d>[0-9]{{1,2}}){_NTH},?\s+(?P<y>[0-9]{{4}})(?![0-9])",
        rf"(?<![0-9])(?P<y>[0-9]{{4}})[\s,]+{_MONTH}\s*(?P<d>[0-9]{{1,2}}){_NTH}(?![0-9])",
        rf"(?<![0-9])(?P<d>[0-9]{{1,2}}){_NTH}\s+(?:of\s+)?{_MONTH},?\s+(?P<y>[0-9]{{4}})(?![0-9])",
        r"(?<![0-9])(?P<d>[0-9]{1,2})[/.\-](?P<m>[0-9]{1,2})[/.\-](?P<y>[0-9]{4})(?![0-9])",
    )
]
_AMERICAN = _FULL[-1]
"""5/6/2036 may be May or June."""
_YEARLESS = [
    re.compile(rf"(?:(?P<y>[去今明后])年的?\s*|(?<![0-9{CHINESE}年]))(?P<m>{_N})\s*月\s*(?P<d>{_N}){_DAY}"),
    re.compile(rf"(?<![a-z]){_MONTH}\s*(?P<d>[0-9]{{1,2}}){_NTH}(?![0-9a-z])"),
    re.compile(rf"(?<![0-9])(?P<d>[0-9]{{1,2}}){_NTH}\s+(?:of\s+)?{_MONTH}(?![a-z])"),
]
_RANGE = re.compile(r"\s*(?:[-‐-―−~～/]+|至|到|起至)\s*")


def written(folded: str) -> tuple[list[str] | None, bool]:
    """Returns days with years, ISO 8601, in order, None if the words around reject them; and whether they are
    a printed range."""
    text = spelled(folded)
    found: list[Place] = []
    for pattern in _FULL:
        for match in pattern.finditer(text):
            day = _made(match, pattern is _AMERICAN)
            if day:
                found.append((day, match.start(), match.end()))
                text = text[: match.start()] + "|" * len(match[0]) + text[match.end() :]
    found.sort(key=lambda place: place[1])
    ranged = len(found) == 2 and _RANGE.fullmatch(text[found[0][2] : found[1][1]]) is not None
    meant = kept(text, found)
    return list(dict.fromkeys(day for day, _, _ in meant)) if meant or not found else None, ranged


def _made(match: re.Match[str], american: bool) -> str:
    year, month, day = (_number(match[part]) for part in "ymd")
    if american and day <= 12 and month <= 12 and day != month:
        return ""
    if american and month > 12:
        month, day = day, month
    return _iso(year if year > 99 else 2000 + year, month, day)


def _number(words: str) -> int:
    if words.isascii():
        return int(words) if words.isdigit() else _MONTHS[words]
    digits = spelled(words + words)[: len(words)]  # 三六年: digit by digit
    value = counted(words)
    return int(value) if value is not None else int(digits) if digits.isascii() else 0


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def yearless(folded: str, today: str) -> list[str]:
    """Returns a day without its year in this year, the next and the last, in this order; 明年5月20日 in that
    year alone."""
    text, now = spelled(folded), date.fromisoformat(today)
    for pattern in _YEARLESS:
        if match := pattern.search(text):
            month, day = _number(match["m"]), _number(match["d"])
            told = match.groupdict().get("y")
            days = (
                _iso(now.year + n, month, day) for n in (["去今明后".index(told) - 1] if told else (0, 1, -1))
            )
            return [day for day in days if day]
    if match := _BARE_DAY.fullmatch(_filled(text)):
        later = now.replace(day=1) + timedelta(days=31 * _MONTHS_ON.get(match[1] or "", 0))
        following = later.replace(day=1) + timedelta(days=31)
        first = [later] if match[1] else [later, following]
        days = (_iso(month.year, month.month, _number(match[2])) for month in first)
        return [day for day in days if day]
    return []


_BARE_DAY = re.compile(rf"(下下个?月|下个?月|这个?月|本月)?({_N})[号日]")
_MONTHS_ON = {"下个月": 1, "下月": 1, "下下个月": 2, "下下月": 2}
_FILLERS = re.compile(
    r"[\s,。.!！~、]|(?:到期|过期|有效期?|截止|为止|之前|左右|那天|(?<![a-z])(?:until|on|by"
    r"|it is)(?![a-z])|我|俺|就|是|到|在|吧|的|了|啊|呢"
    r"|去|约|行|好)"
)


def _filled(text: str) -> str:
    return _FILLERS.sub("", text)


_RELATIVE = {
    **{
        "大前天": -3,
        "前天": -2,
        "昨天": -1,
        "昨日": -1,
        "今天": 0,
        "今日": 0,
        "明天": 1,
        "明日": 1,
        "明儿": 1,
    },
    **{"后天": 2, "大后天": 3, "yesterday": -1, "today": 0, "tomorrow": 1, "thedayaftertomorrow": 2},
}
_WEEK = re.compile(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天1-6])")
_AHEAD = re.compile(rf"(?:再?过)?({_N})(?:(天)|个?(?:周|星期|礼拜))(?:以?后|之后)")


def relative(folded: str, today: str) -> str:
    """Returns a day named relative to today, if the message has nothing else; else ""."""
    said, now = _filled(folded), date.fromisoformat(today)
    if said in _RELATIVE:
        return (now + timedelta(days=_RELATIVE[said])).isoformat()
    if match := _WEEK.fullmatch(said):
        weekday = "一二三四五六日".find(match[2].replace("天", "日"))
        weekday = weekday if weekday >= 0 else int(match[2]) - 1
        weeks = {"下": 1, "下下": 2}.get(match[1] or "", 0)
        if not match[1] and weekday < now.weekday():
            weeks = 1  # 周三 on a Friday means next week
        return (now + timedelta(days=weekday - now.weekday(), weeks=weeks)).isoformat()
    if match := _AHEAD.fullmatch(said):
        return (now + timedelta(days=_number(match[1]) * (1 if match[2] else 7))).isoformat()
    return ""


def within(days: list[str], first: str, last: str) -> list[str]:
    """Returns the days from first to last; "" is no limit."""
    return [day for day in days if (not first or day >= first) and (not last or day <= last)]
