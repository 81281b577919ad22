"""A shipped replay comes out the same whenever it is played: only its dates are others.

One whose words depend on the hour or the day for another reason says so by a `clock` of its own, and is
played at that. `MOMENT` says when (tests/moment.py); test_moments.py beside it goes through all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from moment import NOW

from bot.engine.hours import Hours
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.fixture import load
from bot.kit.replay.play import Played, play
from bot.kit.replay.remote import dateless
from bot.kit.replay.run import files
from bot.kit.replay.stage import Scenery

from .kit import ROOT, stage

ALWAYS = (Hours(tuple(range(1, 9)), 0, 24 * 60),)


class Noting(Mapping[str, tuple[Hours, ...]]):
    """Somebody is there at any time. `asked`: whether a conversation wanted to know."""

    asked = False

    def __getitem__(self, name: str) -> tuple[Hours, ...]:
        self.asked = True
        return ALWAYS

    def __iter__(self) -> Iterator[str]:
        return iter(stage().content.hours)

    def __len__(self) -> int:
        return len(stage().content.hours)


def shipped() -> list[Path]:
    return files([ROOT / "tests" / "replays"])


def has_its_own(path: Path) -> bool:
    return "\nclock:" in f"\n{path.read_text('utf-8')}"


def test_one_that_begins_in_mid_conversation_has_a_clock_of_its_own() -> None:
    """What its `session` knows and has planned is at moments of that clock."""
    assert [p.name for p in shipped() if load(p, ROOT).begins and not has_its_own(p)] == []


@pytest.mark.slow
def test_replays_say_the_same_at_this_moment() -> None:
    """While staff are there. What is told to those who reach nobody may differ; what is done may not."""
    wrong: list[str] = []
    for path in shipped():
        conversation = load(path, ROOT)
        if not has_its_own(path):
            conversation = replace(conversation, clock=NOW)
        hours = Noting()
        staffed = replace(stage(), content=replace(stage().content, hours=hours))
        said = play(conversation, staffed if not has_its_own(path) else stage(), plain=dateless)
        if said.failure is not None:
            found = said.failure.difference
            wrong.append(f"{path.name}: {found.key} {found.what}\n{found.wanted}\n— but —\n{found.got}")
        elif hours.asked:
            wrong += [f"{path.name}: {line}" for line in _astray(conversation, stage())]
    assert not wrong, "give it a `clock:`, or mend what depends on it\n\n" + "\n\n".join(wrong[:20])


def _astray(conversation: Conversation, scenery: Scenery) -> list[str]:
    """Played to its end whatever is said: what broke, and what was changed that nobody asked for."""
    made: Played = play(conversation, scenery, update=True)
    if made.failure is not None and not made.failure.difference.key:  # else it taps what is not offered now
        return [made.failure.difference.what]
    wanted = [c.action for turn in conversation.turns for c in turn.calls or ()]
    changed = [m.action for came in made.came if came.facts for m in came.facts.calls if m.change]
    return [f"{action} was made" for action in changed if changed.count(action) > wanted.count(action)]
