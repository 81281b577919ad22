"""Reads numbers in a message: of an ID card, of a phone, the shown code, an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import accumulate

from bot.reading.clean import Said
from bot.reading.numerals import BETWEEN, CHINESE, counted, spelled
from bot.reading.rejected import Place, kept

_RUN = re.compile(rf"[0-9]+(?:[{BETWEEN}/:()]{{1,3}}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_X = re.compile(
    r"[\s,.、，\-‐-―]*(?:最后一?位|末位|末尾|尾号|尾数)?(?:就?是|为)?(?:一个)?(?:大写|小写|字母"
    r"|英文)*的?[x×✕✖*叉хχ]"
)
"""The check character after 17 digits, however it is written or said."""


def _windows(run: re.Match[str], longest: int) -> Iterator[tuple[str, int, int]]:
    """Yields neighbouring groups of digits joined, with their places: 138 0013 8000."""
    groups = [(m[0], m.start(), m.end()) for m in _GROUP.finditer(run.string, run.start(), run.end())]
    for at, (_, start, _) in enumerate(groups):
        for made, (_, _, end) in zip(accumulate(g for g, _, _ in groups[at:]), groups[at:], strict=False):
            if len(made) > longest:
                break
            yield made, start, end


# --- ID numbers -----------------------------------------------------------------------------------
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_checksum(first17: str) -> str:
    """Returns the check character of a resident ID number (GB 11643, MOD 11-2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_id_number(number: str, today: str) -> bool:
    """Checks birth date and check character. The division code is not judged: residence permits (81, 82, 83),
    permanent-resident cards (9…) and newer divisions are all valid (DOMAIN, identity input)."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14])).isoformat()
    except ValueError:
        return False
    return "1900-01-01" <= born <= today and id_checksum(number[:17]) == number[17]


def id_numbers(text: str, today: str) -> tuple[list[tuple[str, int, int]], bool, bool]:
    """Returns from spelled text the valid numbers and their places; whether there is an invalid one of 18
    characters; whether there is one of 15 digits."""
    good: list[tuple[str, int, int]] = []
    wrong = short = False
    for run in _RUN.finditer(text):
        whole = "".join(_GROUP.findall(run[0]))
        free = run.start()
        for made, start, end in (*_stuck(run), *_windows(run, 18)):
            if start < free:
                continue
            x = _X.match(text, end) if len(made) == 17 else None
            number, end = (made + "X", x.end()) if x else (made, end)
            if len(number) == 18 and is_id_number(number, today):
                good.append((number, start, end))
                free = end
            elif len(number) == 18:
                wrong = wrong or made == whole or text[start : start + len(made)] == made
        short = short or len(whole) == 15
    return good, wrong, short


def _stuck(run: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Yields an ID number and a phone number that stand together without a separator."""
    for group in _GROUP.finditer(run.string, run.start(), run.end()):
        if len(group[0]) == 29:
            yield group[0][:18], group.start(), group.start() + 18
            yield group[0][11:], group.start() + 11, group.end()


# --- mobile numbers -------------------------------------------------------------------------------
_MOBILE = re.compile(
    r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})"
    r"|((?:\+|00)852[4-9][0-9]{7}|(?:\+|00)8536[0-9]{7}|(?:\+|00)8860?9[0-9]{8})"
)


def mobiles(text: str, today: str) -> list[tuple[str, int, int]]:
    """Returns mainland mobile numbers, and those of Hong Kong, Macau and Taiwan with their country code, in
    spelled text; never a part of an ID number."""
    for _, start, end in id_numbers(text, today)[0]:
        text = text[:start] + "|" * (end - start) + text[end:]
    found: list[tuple[str, int, int]] = []
    for run in _RUN.finditer(text):
        if len("".join(_GROUP.findall(run[0]))) == 18:
            continue  # an ID number with a mistake in it
        free, plus = run.start(), text[: run.start()].rstrip("( ").endswith("+")
        for made, start, end in _windows(run, 15):
            abroad = plus and start == run.start()
            match = _MOBILE.fullmatch("+" * abroad + made) if start >= free else None
            if match and not (abroad and made == match[1]):
                found.append((match[1] or "+" + match[2].lstrip("+0"), start, end))
                free = end
    return found


# --- the code that is shown -----------------------------------------------------------------------
def codes(said: Said) -> set[str]:
    """Returns the four digits that may be meant: alone in their run, or a group of it."""
    if len(said.folded) == 4 and said.folded.isdecimal() and said.folded.isascii():
        return {said.folded}  # as most answers
    text, found = spelled(said.folded), list[Place]()
    for run in _RUN.finditer(text):
        whole = "".join(_GROUP.findall(run[0]))
        if len(whole) == 4:
            found.append((whole, run.start(), run.end()))
            continue
        groups = _GROUP.finditer(text, run.start(), run.end())
        found += [(g[0], g.start(), g.end()) for g in groups if len(g[0]) == 4]
    return {code for code, _, _ in kept(text, found)}


# --- amounts and counts ---------------------------------------------------------------------------
_MEASURE = "个元块人口张次天年月岁份位件户本项笔万千百亿左多余吧钱"
_NUMBER = re.compile(
    r"(?<![a-z0-9./])(?P<minus>负|-)?"
    r"(?:(?P<ascii>[0-9]{1,3}(?:[, ][0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,12}(?:\.[0-9]+)?)(?![0-9./]*[0-9a-qs-xz])"
    rf"\s*(?P<times>[十百千万亿])?|(?<![几数第{CHINESE}])(?P<chinese>[{CHINESE}]+))"
)
_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_NO_NUMBER = re.compile(
    r"一(?:样|下|会|定|般|直|起|点|些|共|切|边|旦|致|时|如|向|律|再)|万一|十分|(?:三心|一心|不)二意?"
    r"|唯一|第一|统一|周[一二三四五六]"
    r"|星期[一二三四五六]|礼拜[一二三四五六]|一[^\s,。]{0,3}[都也](?:没|不|无)有?"
)


def amounts(said: Said) -> list[Decimal] | None:
    """Returns the numbers in a message; None if one of them is approximate (七八百)."""
    text = _NO_NUMBER.sub("，", said.folded)
    found: list[Decimal] = []
    for match in _NUMBER.finditer(text):
        if match["ascii"]:
            value = Decimal(re.sub("[, ]", "", match["ascii"])) * _TIMES.get(match["times"] or "", 1)
        else:
            after = text[match.end() : match.end() + 1]
            alone = len(match["chinese"]) > 1 or not after or after in _MEASURE or not after.isalnum()
            counts = counted(match["chinese"]) if alone else None
            if counts is None:
                if alone:
                    return None
                continue
            value = counts
        found.append(-value if match["minus"] else value)
    return found
