"""A conversation to play: resident, clock, prepared answers, and per turn the expected result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.content.read.source import Loc, Source
from bot.engine.effects import Reply
from bot.engine.events import Maintenance
from bot.kit.replay.prepared import Prepared

BETWEEN = 10
"""Seconds from one turn to the next, and from one answer of a sign-in to the next."""
SIGNING_IN = 300
"""Seconds before a conversation's clock at which a `signed_in` resident signs in."""


@dataclass(frozen=True)
class Wanted:
    """One expectation of a bubble. `how`: exact, contains, regex, says, same, nothing or person.

    `words`: for `says`, ids separated by spaces. `written`: as in the file, with names for values.
    """

    how: str
    words: str = ""
    written: str = ""


Alternatives = tuple[tuple[Wanted, ...], ...]
"""One group must hold, with every expectation in it."""


@dataclass(frozen=True)
class Called:
    """A call that is expected, with the arguments that it must have, or that was made. `change`: one that was
    made changes something at the bureau."""

    action: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    change: bool = False

    def __str__(self) -> str:
        return self.action + "".join(f" {n}={v}" for n, v in self.arguments.items())


@dataclass(frozen=True)
class Turn:
    """`act`: one of models.ACTS with its `value`. A field that is None is not judged.

    `reply`: expected words; `says`: expected text ids; `words`: by language, also for what a wait brings.
    `loc`: its place in the file.
    """

    act: str
    value: Any
    loc: Loc
    reply: Alternatives | None = None
    at: str | None = None
    slots: tuple[tuple[str, str], ...] | None = None
    calls: tuple[Called, ...] | None = None
    ends: tuple[str, ...] | None = None
    push: Alternatives | None = None
    says: Alternatives | None = None
    words: tuple[tuple[str, Wanted], ...] | None = None
    together: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Conversation:
    path: Path
    source: Source = field(repr=False)
    person: str = ""
    openid: str = ""
    language: str = ""
    signed_in: bool = False
    applied: str = ""
    channel: str = "both"
    clock: int = 0
    seed: int = 1
    push: bool = False
    policy: tuple[tuple[str, str], ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    stubs: bool = True
    services: tuple[Prepared, ...] = ()
    begins: str = ""
    waiting: tuple[Reply, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def start(self) -> int:
        """Returns the time of the first event, including the sign-in before the first turn."""
        return self.clock - (SIGNING_IN if self.signed_in else 0)

    @property
    def every_language(self) -> bool:
        """Checks that it expects texts by id only, with no language and no words of one."""
        turns = [inner for turn in self.turns for inner in (*turn.together, turn)]
        both = [(turn.reply, turn.says, turn.push) for turn in turns]
        hows = {w.how for three in both for expected in three for group in expected or () for w in group}
        words = {"exact", "contains", "regex"} & hows
        about = "says" in hows or any(turn.words is not None for turn in turns)
        return about and not (words or self.language or self.begins or self.waiting)

    def line(self, loc: Loc, key: bool = True) -> int:
        return self.source.at(loc, key)[0]
