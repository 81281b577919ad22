"""Recognises that an answer is taken back (改手机号, 改成正式挂失). Content holds the forms, with gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.reading.clean import Said, normal
from bot.reading.remarks import GAP, latin

LONGEST = 80
_ENDS = r"[\s。，、！!,.~啊呀吧哦呢哈的]{0,3}"


def corrected(said: Said, forms: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yields what each fitting form names, and the new value if it has one (""), longest form first.

    A form with one gap, or with none (then it comes first), names an answer or is the new one; of two gaps
    the second is the new one.
    """
    text = said.folded.strip()
    if len(text) > LONGEST or not _any(forms).fullmatch(text):
        return
    for pattern in _patterns(forms):
        if found := pattern.fullmatch(text):
            yield found[1], found[2] if pattern.groups > 1 else ""


def is_last(said: Said, forms: tuple[str, ...]) -> bool:
    """Checks for one of the whole messages that say that the last answer is wrong, and no more."""
    return said.normal in _whole(forms)


def as_written(said: Said, part: str) -> str:
    """Returns a part of the folded words as the resident wrote it, if it can be told."""
    at = said.folded.find(part)
    return said.text[at : at + len(part)] if len(said.text) == len(said.folded) else part


def beside(said: Said) -> tuple[str, str]:
    """Returns the words before the first mark or blank, and those after it: 地址错了 / 平安区和平路2号."""
    first, *rest = _MARK.split(said.text, maxsplit=1)
    return first, "".join(rest)


_MARK = re.compile(r"[\s,，。.、;；:：!！~～]+")


@lru_cache(maxsize=4)
def gapped(forms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(form for form in forms if GAP in form)


@lru_cache(maxsize=4)
def _whole(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal(form) for form in forms if GAP not in form)


@lru_cache(maxsize=4)
def _any(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any form: most messages fit none, which one pattern finds fast."""
    return re.compile("|".join(pattern.pattern for pattern in _patterns(forms)) or r"(?!)")


@lru_cache(maxsize=4)
def _patterns(forms: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Returns the patterns, longest first: 改成… before 改…."""
    whole = [form if GAP in form else form + GAP for form in forms]
    made = [_pattern(form) for form in sorted(whole, key=len, reverse=True) if normal(form)]
    return tuple(made)


def _pattern(form: str) -> re.Pattern[str]:
    parts = form.split(GAP)
    if "".join(parts).isascii():
        return re.compile(
            r"\s*(.{1,40}?)\s*".join(latin(part) if part.strip() else "" for part in parts) + r"\W*"
        )
    return re.compile(r"\s*(.{1,40}?)\s*".join(map(_spaced, parts)) + _ENDS)


def _spaced(part: str) -> str:
    """Returns the pattern of a part; a blank in it is whatever people put between two clauses, or nothing."""
    return r"[\s,，.。!！、;；~]*".join(map(re.escape, part.split(" ")))


def named(text: str, names: dict[str, list[str]]) -> str:
    """Returns the key with the longest name in the words; "" for none.

    `names`: names of each key, most likely first.
    """
    said = normal(text)
    found = [
        (len(name), key)
        for key, words in names.items()
        for name in map(normal, words)
        if name and name in said
    ]
    longest = max((size for size, _ in found), default=0)
    return next((key for size, key in found if size == longest), "")
