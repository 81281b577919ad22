"""Checks blanks and dashes at the beginning of lines: which line has one too many or too few.

YAML's parser reports the first line that does not fit, which is often the one after the wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

KEY = r"[A-Za-z][\w.\-]*|\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_KEY_LINE = re.compile(rf"(?:- )*(?:{KEY}):(?: |$)")
Place = tuple[int, int]


def misfit(lines: Sequence[str], number: int) -> tuple[str, Place]:
    """Returns the finding's code and the place to correct, near the line (from 1) that the parser
    reported."""
    here, indent = lines[number - 1], indent_of(lines[number - 1])
    beside = _siblings(lines, number)
    dashes = [n for n in beside if _dash(lines[n - 1])]
    if _dash(here) and beside and not dashes:
        return "dash", (number, indent + 1)
    if dashes and not _dash(here):
        alone = len(dashes) == 1
        return ("dash", (dashes[0], indent + 1)) if alone else ("list-dash", (number, indent + 1))
    above = _above(lines, number)
    if indent % 2 == 0 and above and indent_of(lines[above - 1]) % 2:
        number = above
    return "indentation", (number, indent_of(lines[number - 1]) + 1)


def too_deep(lines: Sequence[str], line: int, column: int) -> bool:
    """Checks whether the colon is that of the line's own key: then the line is misplaced, not the sign."""
    found = _KEY_LINE.match(lines[line - 1].lstrip()) if line <= len(lines) else None
    colon = found and found.end() - (2 if found[0].endswith(" ") else 1) + indent_of(lines[line - 1])
    return colon == column - 1


def _siblings(lines: Sequence[str], number: int) -> list[int]:
    """Returns the lines above that begin in the same column, without one in between that begins further
    left."""
    indent, found = indent_of(lines[number - 1]), []
    for above in range(number - 1, 0, -1):
        line = lines[above - 1]
        if _bare(line) and indent_of(line) <= indent:
            if indent_of(line) < indent:
                break
            found.append(above)
    return found


def _above(lines: Sequence[str], number: int) -> int:
    return next((n for n in range(number - 1, 0, -1) if _bare(lines[n - 1])), 0)


def _bare(line: str) -> bool:
    """Checks that it is neither blank nor a comment."""
    return bool(line.strip()) and line.lstrip()[0] != "#"


def _dash(line: str) -> bool:
    return line.lstrip().startswith("- ")


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())
