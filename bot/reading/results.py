"""The results of a reader besides a value."""

from __future__ import annotations

from dataclasses import dataclass

Record = dict[str, str]
Value = str | Record | list[Record]
"""A slot's value: a scalar is always a string (dates ISO 8601); a place, a record or a list entry is flat."""


@dataclass(frozen=True)
class Invalid:
    """Not an answer; `text`: the common text that says why, if one fits better than `again`."""

    text: str = ""


@dataclass(frozen=True)
class Doubtful:
    """Perhaps an answer: accepted when the same comes again. `likely`: worth asking to confirm."""

    value: str | Record
    likely: bool = True
