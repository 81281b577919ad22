"""Signs a resident in before the first turn, by answering the content's own sign-in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from bot.kit.replay.conversation import BETWEEN
from bot.kit.replay.services import Answers
from bot.kit.replay.stage import CannotPlay, Stage, asked
from bot.kit.wechat import Bubble

if TYPE_CHECKING:
    from bot.kit.replay.player import Player
    from bot.kit.replay.wire import Wire

FLOW = "sign_in"
MOST = 20
"""Answers."""
_TYPED = {"id_number": "{id_number}", "name": "{name}", "code": "{code}"}


def sign_in(player: Player) -> None:
    """Signs in and leaves the player as if nothing had been shown yet.

    The stubs answer, so that prepared answers stay for the conversation. For a target that shows no steps, a
    stage beside it supplies the questions.

    Raises:
        CannotPlay: the sign-in does not reach its end.
    """
    target, conversation = player.target, player.conversation
    beside = replace(conversation, services=(), stubs=True)
    stage = target if isinstance(target, Stage) else Stage(player.scenery, beside)
    served = target.services()
    own = served.answers if served else None
    if served is not None:
        served.answers = Answers((), player.scenery.town, player.content, lambda: player.clock)
    player.clock = conversation.start
    answer: tuple[str, str] | None = ("say", _words(player))
    shown: dict[Stage | Wire, Bubble] = dict.fromkeys((stage, target), Bubble("nothing"))
    for number in range(MOST):
        if answer is None:
            break
        player.clock += BETWEEN
        for one, last in shown.items():
            player.bubbles = [last]
            event = structs.replace(player.does(*answer), at=player.clock, seed=conversation.seed + number)
            one.wait(player.clock)
            shown[one] = one.deliver(f"signing-in:{number}", event)
        answer = _answer(stage, shown[stage])
    facts = stage.facts()
    if f"{FLOW}.end" not in facts.ends:
        raise _failed(f"{conversation.person} was not signed in, and stands at {facts.at}.")
    if served is not None and own is not None:
        own.ledger.records.update(served.answers.ledger.records)
        served.answers = own
    player.clock, player.bubbles = conversation.clock, []
    target.wait(player.clock)
    target.facts()


def _words(player: Player) -> str:
    """Returns the words that begin the sign-in, in the resident's language if there are any."""
    content = player.content
    language = player.conversation.language or content.default_language
    words = [word for word, target in content.triggers.items() if target.flow == FLOW]
    own = content.languages[language].flows
    title = own[FLOW].title if FLOW in own else ""
    if title in words or not words:
        words = [title]
    if not words[0]:
        raise _failed(f"the content has no flow “{FLOW}” that can be begun by its words.")
    return words[0]


def _answer(stage: Stage, bubble: Bubble) -> tuple[str, str] | None:
    """Returns the next answer of a resident who agrees and gives true data; None if nothing is asked."""
    session = stage.known()
    if session is None or session.top is None:
        return None
    slot = asked(stage.content, session)
    if slot is not None and slot.type in _TYPED:
        return "say", _TYPED[slot.type]
    first = next(iter(bubble.answers), "")
    return ("tap", first) if first else None


def _failed(why: str) -> CannotPlay:
    return CannotPlay(f"signed_in: {why}", ("resident", "signed_in"))
