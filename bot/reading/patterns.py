"""Reads what has the form that an operator wrote, such as a case number: [A-Z]\\d{8}."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 40
"""Characters of an answer."""
_PART = re.compile(r"(\\d|\[(?:\w(?:-\w)?)+\]|[^\\\[\]{}?*+|^$\s])(?:\{(\d{1,2})(?:,(\d{1,2}))?\}|(\?))?")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Returns the regular expression; None for what is no pattern.

    A pattern is a row of signs, `\\d` and sets, each with `{8}`, `{6,8}` or `?` behind it or nothing. One of
    them may vary in number, so what a match costs is the length of the message times LONGEST.
    """
    end, longest, varying, made = 0, 0, 0, ""
    while end < len(pattern) and (part := _PART.match(pattern, end)):
        sign, least, most, maybe = part.groups()
        sign = {r"\d": "[0-9]"}.get(sign) or (sign if len(sign) > 1 else re.escape(sign))
        low, high = (0, 1) if maybe else (int(least or 1), int(most or least or 1))
        end, longest, varying = part.end(), longest + high, varying + (low != high)
        made += sign + f"{{{low},{high}}}"
    if not pattern or end < len(pattern) or longest > LONGEST or varying > 1:
        return None
    try:
        found = re.compile(rf"(?<![0-9a-z])(?:{made})(?![0-9a-z])", re.ASCII | re.IGNORECASE)
    except re.error:  # [Z-A], {3,2}
        return None
    return None if found.fullmatch("") else found


def fitting(pattern: str, folded: str) -> list[tuple[str, int, int]]:
    """Returns what fits in a folded message, in capitals, with its place. Blanks and hyphens within a number
    do not matter where there is nothing else in the message."""
    form = compiled(pattern)
    if form is None:
        return []
    folded = _DASH.sub("-", folded)
    bare = _BETWEEN.sub("", folded)
    if form.fullmatch(bare):
        return [(bare.upper(), 0, len(folded))]
    return [(m[0].upper(), m.start(), m.end()) for m in form.finditer(folded)]


_DASH = re.compile("[‐-―−]")
_BETWEEN = re.compile(r"[\s-]+")
