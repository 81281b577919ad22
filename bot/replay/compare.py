"""Two contents under the same conversations: which bubbles differ, side by side, and which replays fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.replay.conversation import Conversation
from bot.replay.fixture import BadReplay, load
from bot.replay.play import Came, Failure, play
from bot.replay.stage import Scenery


@dataclass
class Compared:
    """`bubbles`: (before, after) -> the replays that show it. `failed`: which of these do not hold.

    `ended`: replays that one of the contents does not let play to the end.
    """

    played: int = 0
    bubbles: dict[tuple[str, str], list[Path]] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    ended: list[Path] = field(default_factory=list)


def compare(paths: Sequence[Path], root: Path, old: Scenery, new: Scenery) -> Compared:
    """Never raises for what stands in a replay. `root`: that of the replays."""
    found = Compared()
    for path in paths:
        try:
            conversation = load(path, root)
        except BadReplay:
            found.ended.append(path)
            continue
        found.played += 1
        _compare(conversation, old, new, found)
    return found


def _compare(conversation: Conversation, old: Scenery, new: Scenery, found: Compared) -> None:
    before, after = (play(conversation, scenery, update=True) for scenery in (old, new))
    pairs = [(_shown(one), _shown(other)) for one, other in zip(before.came, after.came, strict=False)]
    if len(before.came) != len(after.came):
        found.ended.append(conversation.path)
    elif all(one == other for one, other in pairs):
        return
    for pair in pairs:
        if pair[0] != pair[1] and conversation.path not in (seen := found.bubbles.setdefault(pair, [])):
            seen.append(conversation.path)
    if (failure := play(conversation, new).failure) is not None:
        found.failed.append(failure)


def _shown(came: Came) -> str:
    return "\n".join(
        bubble.shown() for bubble in (*came.pushed, *came.bubbles) if bubble.shown() != "nothing"
    )
