"""Checks that a recording's replay matches the recorded conversation, not only itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from bot.content.check.engine_texts import PAGE_TEXTS
from bot.kit.replay.fakes import own_parts
from bot.kit.replay.player import Came

_VALUES = re.compile(r"[□*…\s]*□[□*…\s]*")


@dataclass(frozen=True)
class Seen:
    """The result of a resident's `turn` (from 1), or of a call it made. `says`: id and words of each text.
    `after`: the step after it."""

    turn: int
    says: tuple[tuple[str, str], ...]
    after: str


class Bare:
    """Removes the values from a text, which the replay invents. `known`: replaces real values by those."""

    def __init__(self, content: Iterable[str], known: Callable[[str], str]) -> None:
        self._own, self._known = own_parts(content), known

    def __call__(self, words: str) -> str:
        return _VALUES.sub("□", self._own.sub(lambda run: "□" if run[1] else run[0], self._known(words)))


def unlike(seen: Sequence[Seen], came: Sequence[Came], bare: Callable[[str], str]) -> tuple[int, str] | None:
    """Returns the first turn that differs and how; never with the resident's words."""
    if not seen:
        return None
    told = [
        (one.turn, name, bare(words))
        for one in seen
        for name, words in one.says
        if name.removeprefix("common.") not in PAGE_TEXTS  # a replay plays without the page
    ]
    tells = [
        (turn, name, bare(words))
        for turn, one in enumerate(came, 1)
        if one.facts
        for name, words in one.facts.says
    ]
    for was, now in zip_longest(told, tells):
        if was is None or now is None or was[1:] != now[1:]:
            turn = min(one[0] for one in (was, now) if one)
            then, here = (one[1] if one else "nothing more" for one in (was, now))
            other = f"{here} in other words" if then == here else here
            return turn, f"the resident was told {then}, in the replay {other}"
    last = {one.turn: one.after for one in seen}
    turns = [*sorted(last), len(came) + 1]
    for turn, following in pairwise(turns):
        stood = [one.facts.at for one in came[max(turn, 1) - 1 : following - 1] if one.facts]
        if stood and last[turn] not in stood:
            return turn, f"the resident stood at {last[turn]}, in the replay at {stood[0]}"
    return None
