"""Says in an operator's words what YAML's parser met, at the place to correct."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from bot.content.read import layout
from bot.content.read.typo_checks import BLOCK, HAN, KEY_LINE

if TYPE_CHECKING:
    from bot.content.read.source import Source

_BRACKETED = re.compile(r"^\s*(?:- )*(?:[A-Za-z_][\w.]*:\s+)?(?:- )*(\[[^\]]*\]|\{[^}]*\})\s*$")
_SINGLE = re.compile(r"\s*(?:- )*(?:[A-Za-z_][\w.]*:\s+)?(?:- )*('[^']*')\w.*'$")
_QUOTED = re.compile(r"""(?:^|[:,{\[-])\s*("(?:[^"\\]|\\.)*"|'[^']*')\s*$""")
_TAIL = ",，;；。."
_BEGINS = ("alias", "cannot start any token", "block sequence entries", "mapping keys are not allowed")
_WIDE_ENTRY = re.compile(rf"，\s*(?=(?:{layout.KEY}): )")


def not_yaml(source: Source, e: yaml.MarkedYAMLError) -> None:
    """Reports the parser's own error, at the place to correct; silent if it was found already."""
    problem, context = str(e.problem or ""), str(e.context or "")
    mark = e.problem_mark or e.context_mark
    late = "simple key" in context or "unexpected end of stream" in problem or "quoted scalar" in context
    sign = "alias" in context or "anchor" in context or ("a tag" in context and "'>'" not in problem)
    late = late or "flow" in context or "block scalar" in context or "expected ',' or" in problem or sign
    if late and e.context_mark is not None:
        mark = e.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if any(
        x.line <= at[0] or (e.problem_mark and x.line <= e.problem_mark.line + 1) for x in source.findings
    ):
        return
    met = _halves(source, e.problem_mark)[1]
    begun = _ended(source, e.problem_mark, _BRACKETED, ",#:]}")
    here = (e.problem_mark.line + 1, e.problem_mark.column + 1) if e.problem_mark else at
    if "tab" in problem:
        source.error((), "tab", at=here)
    elif (
        met
        and met in _TAIL
        and (met == "," or not source.lines[here[0] - 1][here[1] :].strip())
        and ("block" in context or begun)
    ):
        source.error((), "comma-extra", at=here, sign=met)
    elif begun:
        source.error((), "quote", at=begun)
    elif begun := _apostrophe(source, e.context_mark) or _ended(source, e.problem_mark, _QUOTED, ",#:"):
        source.error((), "quote-part", at=begun)
    elif "mapping values are not allowed" in problem:
        if bare := _bare_above(source.lines, at[0]):
            source.error((), "no-colon", at=bare)
        elif layout.too_deep(source.lines, *at):
            code, at = layout.misfit(source.lines, at[0])
            source.error((), code, at=at)
        else:
            source.error((), "colon", at=at)
    elif "quoted scalar" in context:
        source.error((), "quote-open", at=at)
    elif "flow" in context:
        wide = _wide_comma(source, at[0], e)
        if not wide and here[0] == at[0] and met in (":", ","):
            code = "comma-missing" if met == ":" else "comma-extra"
            source.error((), code, at=here, sign=met)
            return
        source.error((), "full-width", at=wide, sign="，", use=", ") if wide else source.error(
            (), "bracket-open", at=at
        )
    elif "simple key" in context:
        code, beside = layout.misfit(source.lines, at[0]) if at[0] <= len(source.lines) else ("", at)
        dash = code in ("dash", "list-dash")
        source.error((), code if dash else _loose(source.lines, at[0]), at=beside if dash else at)
    elif sign or "block scalar" in context or any(x in problem for x in _BEGINS):
        source.error((), "quote", at=at)
    elif met in ("]", "}"):
        source.error((), "bracket-extra", at=here)
    elif "block" in context:
        code, at = layout.misfit(source.lines, at[0]) if at[0] <= len(source.lines) else ("indentation", at)
        source.error((), code, at=at)
    elif "unexpected ':'" in problem:
        source.error((), "colon-space", at=at)
    elif "another document" in problem:
        source.error((), "two-documents", at=at)
    else:
        source.error((), "syntax", at=at, why=problem or context)


def _halves(source: Source, mark: Any) -> tuple[str, str]:
    """Returns what stands on the line before the mark, and the sign there; "" for none."""
    line = source.lines[mark.line] if mark and mark.line < len(source.lines) else ""
    return (line[: mark.column], line[mark.column : mark.column + 1]) if line else ("", "")


def _ended(source: Source, mark: Any, form: re.Pattern[str], ends: str) -> tuple[int, int] | None:
    """Returns where what has this form begins, if it ends at the mark and the sentence goes on."""
    before, sign = _halves(source, mark)
    found = form.search(before) if sign and sign not in ends else None
    return (mark.line + 1, found.start(1) + 1) if found else None


def _apostrophe(source: Source, mark: Any) -> tuple[int, int] | None:
    """Returns where a sentence in single quotation marks begins that an apostrophe ends too early."""
    found = _SINGLE.match("".join(_halves(source, mark)))
    return (mark.line + 1, found.start(1) + 1) if found else None


def _loose(lines: list[str], number: int) -> str:
    """Returns what is wrong with a line that is no key, below one that is."""
    above = next((lines[n - 1] for n in range(number - 1, 0, -1) if lines[n - 1].strip()), "")
    if BLOCK.search(above.rstrip()):
        return "indentation"
    value = KEY_LINE.match(above.lstrip()) and not above.rstrip().endswith(":")
    return "two-lines" if value and HAN.search(lines[number - 1]) else "no-colon"


def _bare_above(lines: list[str], number: int) -> tuple[int, int] | None:
    """Returns the place of a word without its colon, if the lines below it are further in."""
    above = next((n for n in range(number - 1, 0, -1) if lines[n - 1].strip()), 0)
    word = lines[above - 1] if above else ""
    indent = layout.indent_of(word)
    bare = re.fullmatch(r"[A-Za-z0-9_]+", word.strip()) and indent < layout.indent_of(lines[number - 1])
    return (above, indent + 1) if bare else None


def _wide_comma(source: Source, line: int, e: yaml.MarkedYAMLError) -> tuple[int, int] | None:
    """Returns where `{one: …，two: …}` on one line was meant as two entries."""
    if e.problem_mark is None or e.problem_mark.line + 1 != line or line > len(source.lines):
        return None
    found = _WIDE_ENTRY.search(source.lines[line - 1])
    return (line, found.start() + 1) if found else None


def odd_character(source: Source, text: str) -> None:
    """Reports a control character, which YAML does not allow."""
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text)
    index = found.start() if found else 0
    at = (text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)
    source.error((), "character", at=at)
