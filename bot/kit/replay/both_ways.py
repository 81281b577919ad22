"""A conversation that was played in the chat, once more on the resident's page: it must do the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from bot.engine.session import stands
from bot.engine.view import CALLS, MOVED, QUESTION, Typed
from bot.kit.replay.acts import NotOffered
from bot.kit.replay.conversation import BETWEEN, Turn
from bot.kit.replay.judge import Difference, Facts
from bot.kit.replay.models import UNANSWERED
from bot.kit.replay.page_acts import Page
from bot.kit.replay.play import Failure, Played
from bot.kit.replay.player import Player
from bot.kit.replay.stage import CannotPlay, Scenery, Stage
from bot.reading.clean import normal


def on_the_page(chat: Played, scenery: Scenery) -> Played:
    """Fails where the page has nothing to do an act of the chat with that led on, or where other calls, ends
    of flows or another open question come of it. `chat`: played to its end."""
    made = Played(replace(chat.conversation, channel="page"))
    try:
        found = _Again(chat, made, scenery).play()
    except (NotOffered, CannotPlay) as e:
        found = Difference("", "", "", f"on the page: {e}")
    except Exception as e:  # a bug: it must say where
        found = Difference("", "", "", f"on the page: {type(e).__name__}: {e}")
    if found is not None:
        conversation, last = made.conversation, made.conversation.turns[made.turns - 1]
        made.failure = Failure(conversation.path, conversation.line(last.loc), made.turns, found)
    return made


class _Again:
    """What the chat asks one by one is typed into a form, which is submitted once the chat has gone beyond
    it. Time passes as in the chat."""

    def __init__(self, chat: Played, made: Played, scenery: Scenery) -> None:
        self.chat, self.made = chat, made
        self.stage = Stage(scenery, made.conversation)
        self.player = Player(made.conversation, scenery, self.stage)
        self.before = "nothing"  # where the chat stood
        self.mark, self.run = "", 0
        self.typed, self.fresh = dict[str, str](), set[str]()  # in the open form; since it was last sent

    def play(self) -> Difference | None:
        """Raises NotOffered, CannotPlay."""
        found: list[Facts] = []
        for turn, came in zip(self.chat.conversation.turns, self.chat.came, strict=False):
            self.made.turns += 1
            if came.facts is None or turn.act == "together":
                raise NotOffered("Two things at once are of the chat.")
            try:
                self._turn(self.player.done(turn))
            except NotOffered:  # words that no control sends
                if came.facts.calls or came.facts.ends or came.facts.at != self.before:
                    raise  # the chat went on with them
            self.before = came.facts.at
            if self.fresh and self.before not in self._open():
                self._submit("fill", self.typed)
            found.append(self.stage.facts())
        return self._compared([came.facts for came in self.chat.came if came.facts], found)

    def _compared(self, chat: list[Facts], page: list[Facts]) -> Difference | None:
        """As a whole: a form does in one turn what the chat does in several."""
        problems = [problem for facts in page for problem in facts.problems]
        if problems:
            return Difference("", "", "", f"on the page: {'; '.join(problems)}")
        for key, of in (("calls", _calls), ("ends", _ends)):
            one, other = of(chat), of(page)
            if one != other:
                return Difference(key, "\n".join(one), "\n".join(other), "on the page")
        here = self._open()
        known = self.before in here
        return None if known else Difference("at", self.before, " | ".join(sorted(here)), "on the page")

    def _turn(self, turn: Turn) -> None:
        player = self.player
        if turn.act in UNANSWERED:
            player.passes(turn)
            return
        player.clock += BETWEEN
        if turn.act == "redeliver":
            for key, event, _ in player.sent[-1:]:  # a double tap
                self.stage.deliver(key, event)
        else:
            self.stage.wait(player.clock)
            self._acts(turn)

    def _acts(self, turn: Turn) -> None:
        player = self.player
        if self._page().shown.kind == MOVED:
            self._submit("say", self._word("repeat"))
        fields, slot = self._fields(), self._slot()
        if self.fresh and (slot not in fields or slot in self.fresh):
            self._submit("fill", self.typed)
            fields = self._fields()
        given = turn.value if turn.act == "say" or turn.value in fields.get(slot, ()) else ""
        given = "image" if turn.act == "send" and turn.value == "image" else given
        if (
            slot in fields
            and isinstance(given, str)
            and given
            and normal(given) not in player.content.recovery
        ):
            self.typed[slot] = given
            self.fresh.add(slot)
        elif self._asks_for_the_result(turn):
            pass  # looking is enough
        else:
            if self._page().shown.kind == QUESTION and self._begins(turn):
                self._submit("say", self._word("cancel"))  # the page begins nothing beside what is open
            self._submit(turn.act, turn.value)

    def _begins(self, turn: Turn) -> bool:
        shown = self._page()
        labels = [option.label for option in shown.shown.options]
        return turn.act == "tap" and turn.value not in labels and bool(shown.key(str(turn.value)))

    def _asks_for_the_result(self, turn: Turn) -> bool:
        said = turn.act == "say" and self.player.content.recovery.get(normal(turn.value)) == "result"
        if said and self._page().shown.kind == CALLS:
            self._submit("say", self._word("repeat"))
        return said

    def _word(self, name: str) -> str:
        return next(word for word, means in self.player.content.recovery.items() if means == name)

    def _page(self) -> Page:
        typed = Typed(self.mark, self.run, self.typed, self.typed)
        return Page(self.player, self.player.content, self.stage.known(), typed)

    def _fields(self) -> dict[str, Sequence[str]]:
        shown = self._page().shown
        if shown.mark != self.mark:  # another one: what it shows of what was typed
            self.mark, self.run = shown.mark, shown.question_run
            self.fresh.clear()
        if not self.fresh:
            self.typed = {field.slot: field.value for field in shown.fields if field.value}
        return {field.slot: field.options for field in shown.fields}

    def _slot(self) -> str:
        """Returns what the chat asked for."""
        flow, _, step = self.before.partition(".")
        known = self.player.content.flows.get(flow)
        return known.steps[step].slot if known and step in known.steps else ""

    def _open(self) -> set[str]:
        """Returns the open step, or all that stand on its form."""
        at, fields = stands(self.stage.known()), self._fields()
        flow = self.player.content.flows.get(at.partition(".")[0])
        if flow is None:
            return {at}
        return {at} | {f"{flow.name}.{step.id}" for step in flow.steps.values() if step.slot in fields}

    def _submit(self, act: str, value: Any) -> None:
        player = self.player
        player.count += 1
        key, event = f"page:{player.count}", player.does(act, dict(value) if act == "fill" else value)
        event = structs.replace(event, at=player.clock, seed=player.dice.getrandbits(64))
        bubble = self.stage.deliver(key, event)
        player.sent.append((key, event, bubble))
        player.bubbles.append(bubble)
        self.fresh.clear()


def _ends(found: Sequence[Facts]) -> list[str]:
    return [end for facts in found for end in facts.ends]


def _calls(found: Sequence[Facts]) -> list[str]:
    """Without the ids of pictures, which are counted by deliveries."""
    return [
        str(replace(call, arguments={n: v for n, v in call.arguments.items() if not v.startswith("media-")}))
        for facts in found
        for call in facts.calls
    ]
