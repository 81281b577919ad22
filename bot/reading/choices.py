"""Choices: which of the answers shown is meant."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.reading.clean import Said, normal

Record = dict[str, str]
Value = str | Record | list[Record]
"""A slot's value: a scalar is always a string (dates ISO 8601); a place, a record or a list entry is flat."""

NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_CHOSEN = re.compile(r"^(?:我?选择?|答)?第?([0-9]{1,2}|[一二三四五六七八九])(?:个|项|号|条|、|)?$")


@dataclass(frozen=True)
class Choice:
    """A possible answer: its value, its words as shown, its number (0: never numbered)."""

    value: Value
    label: str
    number: int = 0
    tap: str = ""


def chosen(said: Said, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice meant by a number, by its words, or by a part of the words that no other one has."""
    if not said.normal:
        return None
    if match := _CHOSEN.match(said.normal):
        number = NUMERALS.get(match[1]) or int(match[1])
        return next((c for c in choices if c.number == number > 0), None)  # 0: those have no number
    found = _found(said.folded, choices) or _found(_PARTICLES.sub("", said.folded), choices)
    return found[0] if len(found) == 1 else None


_PARTICLES = re.compile(r"[了吧啊呀哦嘛呢啦哈的\s。，！!,.]+$")
"""What Chinese sentences end in: 不刷了, 先停用吧."""


def _found(text: str, choices: tuple[Choice, ...]) -> list[Choice]:
    return in_full(normal(text), choices) or [c for c in choices if _part_of(text, c.label)]


_HAN = "〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_ONE = re.compile(f"[{_HAN}]")
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+|\d+")


def _part_of(text: str, label: str) -> bool:
    """Whether what was said stands in the label: two Han characters at least, or whole words of three letters
    in a script that has words ("hi" is no part of "child")."""
    said, whole = (_WORD.findall(unicodedata.normalize("NFKC", t).casefold()) for t in (text, label))
    if sum(2 if _HAN_ONE.match(word) else len(word) for word in said) < 3:
        return False
    return any(whole[at : at + len(said)] == said for at in range(len(whole) - len(said) + 1))


def in_full(said: str, choices: tuple[Choice, ...]) -> list[Choice]:
    """The choices whose whole words are `said` (as `normal` gives it)."""
    return [c for c in choices if said in (normal(c.label), normal(_short(c.label)))]


def _short(label: str) -> str:
    return re.split(r"[（(，,]", label)[0]
