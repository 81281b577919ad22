"""Plays a conversation to the first difference from what its file expects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content.messages import both
from bot.content.read.source import Loc
from bot.kit.replay import judge, names
from bot.kit.replay.acts import NotOffered
from bot.kit.replay.conversation import Conversation, Turn
from bot.kit.replay.judge import Difference
from bot.kit.replay.player import Came, Player
from bot.kit.replay.stage import CannotPlay, Scenery, Stage
from bot.kit.wechat import Bubble
from bot.wechat.crypto import Refused

if TYPE_CHECKING:
    from bot.kit.replay.wire import Wire


@dataclass(frozen=True)
class Failure:
    """The first difference. `turn`: from 1, 0 for the file as a whole. `language`: set if the conversation is
    played in each language.
    """

    path: Path
    line: int
    turn: int
    difference: Difference
    language: str = ""


@dataclass
class Played:
    conversation: Conversation
    failure: Failure | None = None
    turns: int = 0
    came: list[Came] = field(default_factory=list)
    bug: bool = False
    """Ended by an exception that nothing expects."""
    before: list[list[Bubble]] = field(default_factory=list)
    """The bubbles shown before each turn."""


Said = Callable[[int, Turn, list[Bubble]], Turn]
"""Returns the turn of a number (from 0) in the form that fits the bubbles shown so far."""


def play(
    conversation: Conversation,
    scenery: Scenery,
    target: Stage | Wire | None = None,
    match: str = "all",
    update: bool = False,
    plain: judge.Plain = judge.same,
    said: Said = lambda _, turn, shown: turn,
) -> Played:
    """Plays to the first difference; with `update`, to the end."""
    made = Played(conversation)
    try:
        player = Player(conversation, scenery, target or Stage(scenery, conversation))
    except CannotPlay as e:
        return _failed(made, e.loc, 0, Difference("", "", "", str(e)))
    except Exception as e:  # a session of other content
        what = f"This session does not fit the content: record it again ({type(e).__name__}: {e})."
        return _failed(made, ("session",), 0, Difference("", "", "", what))
    for number, turn in enumerate(conversation.turns, 1):
        difference = None
        loc: Loc = turn.loc
        made.before.append(list(player.bubbles))
        try:
            part, why = names.never(turn, player.content)
            if why:
                difference = Difference(part, "", "", why)
            else:
                spoken = said(number - 1, player.done(turn), player.bubbles)
                if found := player.turn(spoken, match, plain, made.came):
                    difference, loc = found
        except (NotOffered, CannotPlay, Refused) as e:
            difference = Difference(turn.act, "", "", str(e))
        except Exception as e:  # a bug in the engine or in the content: the replay must say where
            difference = Difference("", "", "", f"{type(e).__name__}: {e}")
            update, made.bug = False, True
        made.turns = number
        if difference is not None and not difference.what:
            difference = replace(difference, what=names.unknown(difference.key, turn, player.content))
        if difference is not None and (not update or difference.key == turn.act):
            return _failed(made, (*loc, difference.key) if difference.key else loc, number, difference)
        if player.elsewhere:
            return made
    served = player.target.services()
    if served and served.answers.waiting and not update:
        unused = served.answers.waiting[0]
        what = both("replays", "unused-answer", name=unused.action)
        return _failed(made, unused.loc, 0, Difference("", "", "", what))
    return made


def _failed(made: Played, loc: Loc, turn: int, difference: Difference) -> Played:
    conversation = made.conversation
    made.failure = Failure(conversation.path, conversation.line(loc), turn, difference)
    return made
