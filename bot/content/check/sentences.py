"""The rules for one sentence that residents read, as far as a program can judge it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

SENTENCE, LINES, BUBBLE = 40, 8, 170
BANNED = (
    "系统错误",
    "非法",
    "无效",
    "超时",
    "验证失败",
    "输入错误",
    "输入有误",
    "格式错误",
    "您输错",
    "您填错",
)
BANNED_ENGLISH = (
    "system error",
    "illegal",
    "invalid",
    "timeout",
    "timed out",
    "verification failed",
    "wrong input",
)
VALUE = "\x00"  # stands for a value in a sentence
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_END = re.compile(r"[。！？；!?\n]")
_SENTENCES = re.compile(r"[。！？!?\n]|\.(?=\s|$)")
SECRET = re.compile(r"密码|验证码|校验码|\bPIN\b|passwords?\b|SMS codes?|verification codes?", re.I)
_ASKS = re.compile(
    r"回复|输入|发送|发给|发来|请发|填写|填入|提供|告诉我|说一下"
    r"|\b(?:reply|send|enter|type|tell us|give us)\b",
    re.I,
)
DENIES = re.compile(r"不|别|勿|没有|never|not\b|n't|\bno\b|nobody|without", re.I)
_DASHED = re.compile(r"(?<!\d)\d{3,4}[-－ ]\d{7,8}(?!\d)|(?<!\d)1\d{2}[- ]\d{4}[- ]\d{4}(?!\d)")
_STAND_IN = re.compile(
    r"%[sd](?![A-Za-z])|(?<![A-Za-z])[Xx]{2,}(?![A-Za-z])|待补充|待定稿|(?<=[（(【\[])此处填|TODO|(?<![A-Za-z0-9_.{\[（【《〈<(])policy\.[a-z_]+"
)
"""What stands for something not written yet, or is no placeholder here."""
MONEY = re.compile(r"[¥￥]\s*\d+|(?<!\d)\d+(?:块|\s*RMB)")
_MARKUP = re.compile(
    r"</?(?:br|b|i|p|u|div|font|span|strong)\b[^<>]{0,200}>|\*\*[^*]{1,200}\*\*|\\n|&(?:nbsp|lt|gt|amp);|\[[^\[\]]{1,200}\]\(http[^\s)]*\)?"
)
_ODD = (
    ("warning", "phone-dashes", _DASHED),
    ("warning", "markup", _MARKUP),
    ("warning", "money", MONEY),
    ("warning", "stand-in", _STAND_IN),
)
"""Severity and code of what is told wherever in a sentence it stands."""
_LEAP = 2028
"""A year that has every day."""
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日(?!\d*（)")
_DAY = re.compile(
    r"(?:(?P<y>\d{4})[年-])?(?<!\d)(?P<m>\d{1,2})(?(y)[月-]|月)(?P<d>\d{1,2})[日号](?:（(?:周|星期)(?P<w>[一二三四五六日天])）)?"
)


Judged = tuple[str, str, dict[str, Any]]
"""Severity, code, and the values of that code's sentence."""


@lru_cache(maxsize=8192)  # content is checked at each save, and one sentence is new
def judged(literal: str, words: str, language: str) -> tuple[Judged, ...]:
    """Checks one sentence. `literal`: with zero bytes for its values; `words`: with usual ones."""
    return tuple(_rules(literal, words, language))


def _rules(literal: str, words: str, language: str) -> Iterator[Judged]:
    chinese = language.startswith("zh")
    yield from script(literal, language)
    lowered = literal.lower()
    for word in BANNED if chinese else BANNED_ENGLISH:
        if (at := lowered.find(word)) >= 0:
            near = literal[at : at + len(word)]
            yield "error", "banned-word", _here(near)
    for said in _SENTENCES.split(literal) if SECRET.search(literal) else ():
        secret = SECRET.search(said)
        if secret and _ASKS.search(said) and not DENIES.search(said):
            yield "error", "asks-secret", {"near": secret[0]}
    for severity, code, odd in _ODD:
        if found := odd.search(literal):
            yield severity, code, _here(found[0])
    if chinese and literal.count("“") != literal.count("”"):
        yield "warning", "quote-pair", _here("“" if literal.count("“") > literal.count("”") else "”")
    wrong = next((day for day in _DAY.finditer(literal) if not _is_day(day)), None)
    if wrong:
        yield "warning", "no-such-day", _here(wrong[0])
    found = _DATE.search(literal)
    if found and not wrong and "例如" not in literal and "“" not in literal:
        yield "warning", "weekday", _here(found[0])
    lines = words.split("\n")
    if len(lines) > LINES:
        yield "warning", "too-many-lines", {"size": len(lines), "most": LINES}
    if chinese:
        yield from _long(words)


def _here(words: str) -> dict[str, Any]:
    """Returns the values of a finding about these words, where they stand."""
    return {"near": words, "name": words}


def _is_day(said: re.Match[str]) -> bool:
    """Whether there is such a day, and it falls on that day of the week."""
    try:
        found = date(int(said["y"] or _LEAP), int(said["m"]), int(said["d"]))
    except ValueError:
        return False
    day = said["y"] and said["w"]
    return not day or found.weekday() == min("一二三四五六日天".index(day), 6)


def _long(words: str) -> Iterator[Judged]:
    if len(words) > BUBBLE:
        yield "warning", "long-bubble", {"size": len(words), "most": BUBBLE}
    for said in map(str.strip, _END.split(words)):
        if (size := len(said)) > SENTENCE:
            near = {"near": said[:5], "start": said[:5]}
            yield "warning", "long-sentence", {**near, "size": size, "most": SENTENCE}


def script(literal: str, language: str) -> Iterator[Judged]:
    """Reports a text of the other language that was left in place."""
    if language.startswith("zh"):
        latin = _LATIN.search(literal)
        if latin and not _HAN.search(literal) and VALUE not in literal:
            yield "warning", "untranslated", {"near": latin[0], "language": language}
    else:
        han = _HAN.search(literal)  # a Chinese example in a sentence does not count
        if han and 3 * len(_HAN.findall(literal)) > sum(c.isascii() and c.isalpha() for c in literal):
            yield "warning", "untranslated", {"near": han[0], "language": language}
