"""Findings in a replay file: where it is, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.content.source import Finding, Loc, Source


def wrong(source: Source, loc: Loc, code: str, sentence: str, key: bool = False) -> None:
    line, col = source.at(loc, key)
    source.findings.append(Finding(source.file, line, col, "error", code, sentence))


def locate(data: Any, loc: Sequence[str | int]) -> Loc:
    """pydantic's place of an error as a path through the data; what names a union's branch is passed over."""
    here: list[str | int] = []
    for part in loc:
        if isinstance(data, dict) and part in data:
            inside = True
        else:
            inside = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if inside:
            here.append(part)
            data = data[part]
    return tuple(here)
