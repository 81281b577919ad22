"""Finds typing errors in a value or a list that YAML has read: cut by `#`, quotes of Word, commas that split.

What its lines show before they are parsed is `typo_checks`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.content.read.files import POLICY
from bot.content.read.layout import indent_of
from bot.content.read.typo_checks import HAN, in_ascii, is_content

if TYPE_CHECKING:
    from bot.content.read.source import Loc, Source

_WIDE_IN_WORDS = re.compile(r"[，；、]")
_WIDE_BRACE = re.compile(r"｛[\w.]+｝")
_LEADING_ZERO = re.compile(r"^0\d+$")
_WIDE_QUOTED = re.compile(r"[“”‘’＂＇「][^“”‘’＂＇「」]*[“”‘’＂＇」]")
_WIDE_PLAIN = re.compile(r"[０-９Ａ-Ｚａ-ｚ．：－＿]+")


def scalar(source: Source, node: Any, loc: Loc) -> None:
    """Checks a value: cut by `#`, joined over two lines, or one that other programs read as a number."""
    if loc[:1] != ("words",) and source.file.startswith("messages/"):
        found = _WIDE_BRACE.search(node.value)
        if found:
            at = source.inside(loc, found[0])
            source.error(loc, "full-width", at=at, sign=found[0], use=f"{{{found[0][1:-1]}}}")
    if node.style:
        return
    value, end = node.value, node.end_mark
    if not value:
        return
    start = node.start_mark
    if is_content(source):
        _signs(source, value, loc)
    line = source.lines[end.line] if end.line < len(source.lines) else ""
    if end.line == start.line:
        rest = line[end.column : end.column + 3]
        if rest.startswith(" #") and (len(rest) == 2 or rest[2] != " " or HAN.search(value)):
            source.error(loc, "hash", at=(end.line + 1, end.column + 2), kept=value)
    elif HAN.search(value):
        below = source.lines[start.line + 1]
        if below.lstrip().startswith("- "):
            source.error(loc, "list-dash")
        else:
            source.error(loc, "two-lines", at=(start.line + 2, indent_of(below) + 1))
    if value[0] == "0" and _LEADING_ZERO.match(value):
        source.warn(loc, "leading-zero", name=value)
    elif value[0] in "yYnNoO" and value.lower() in ("yes", "no", "on", "off") and _words(source, loc):
        source.warn(loc, "yes-no-word", name=value)


def flow_list(source: Source, items: list[Any], loc: Loc) -> None:
    """Checks the scalars of `[…]`: an ASCII comma splits a sentence, a full-width one joins two phrases."""
    if source.file.startswith("config/"):
        _wide_between(source, items, loc)
    if not source.file.startswith("messages/") or not loc:
        return
    phrases = "words" in loc or loc[-1] in ("also", "label", "values", "weekdays")
    sentences = len(loc) > 1 and not phrases and loc[0] in ("slots", "texts")
    gaps = []
    for before, after in pairwise(items):
        one_line = before.end_mark.line == after.start_mark.line
        gaps.append(after.start_mark.column - before.end_mark.column if one_line else 2)
    for gap, (before, after) in zip(gaps, pairwise(items), strict=True):
        plain = not before.style and not after.style
        if plain and HAN.search(before.value) and (sentences or (gap == 1 and 2 in gaps)):
            end = before.end_mark
            source.error(loc, "comma", at=(end.line + 1, end.column + 1), part=after.value)
            return
    if not sentences:
        _wide_between(source, items, loc)


def _wide_between(source: Source, items: list[Any], loc: Loc) -> None:
    """Reports a full-width sign that was meant to come between two entries."""
    for item in items:
        found = _WIDE_IN_WORDS.search(item.value) if not item.style else None
        if found:
            at = (item.start_mark.line + 1, item.start_mark.column + found.start() + 1)
            source.error(loc, "full-width", at=at, sign=found[0], use=", ")


def _signs(source: Source, value: str, loc: Loc) -> None:
    """Quotation marks of Word, one mark without its partner, digits in full width."""
    if value.count('"') % 2 and value[0] != '"':
        source.error(loc, "quote-open", near='"')
    words, structure = source.file.startswith("messages/"), source.file.startswith("flows/")
    if _WIDE_QUOTED.fullmatch(value) and not structure:  # there it was found line by line
        source.error(loc, "full-width", sign=value[0], use='"')
    elif _WIDE_PLAIN.fullmatch(value) and not words:
        source.error(loc, "full-width", sign=value, use=in_ascii(value))


def _words(source: Source, loc: Loc) -> bool:
    """Checks for a sentence or a phrase, not a switch."""
    if source.file == POLICY:
        return bool(loc) and (loc[-1] == "value" or "of" in loc)
    return source.file.startswith("messages/") and loc[-1:] != ("given",) and "if" not in loc
