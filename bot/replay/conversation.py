"""A conversation as it is played: who, when, what the services answer, and turn by turn what is expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.content.source import Loc, Source
from bot.engine.effects import Reply
from bot.replay.prepared import Prepared


@dataclass(frozen=True)
class Wanted:
    """One thing to hold of a bubble. `how`: exact, contains, regex, same, nothing or person."""

    how: str
    words: str = ""


@dataclass(frozen=True)
class CallWanted:
    action: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Turn:
    """`act`: one of models.ACTS with its `value`. Whatever is None is not judged.

    `reply`: alternatives, each a conjunction. `loc`: its place in the file.
    """

    act: str
    value: Any
    loc: Loc
    reply: tuple[tuple[Wanted, ...], ...] | None = None
    at: str | None = None
    slots: tuple[tuple[str, str], ...] | None = None
    calls: tuple[CallWanted, ...] | None = None
    ends: tuple[str, ...] | None = None
    push: tuple[tuple[Wanted, ...], ...] | None = None
    together: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Conversation:
    path: Path
    source: Source = field(repr=False)
    about: str = ""
    person: str = ""
    openid: str = ""
    language: str = ""
    clock: int = 0
    seed: int = 1
    push: bool = False
    policy: tuple[tuple[str, str], ...] = ()
    stubs: bool = True
    services: tuple[Prepared, ...] = ()
    begins: str = ""
    waiting: tuple[Reply, ...] = ()
    turns: tuple[Turn, ...] = ()

    def line(self, loc: Loc, key: bool = True) -> int:
        return self.source.at(loc, key)[0]
