"""Plays a conversation: turns acts into events and judges the replies."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from bot.content.messages import both
from bot.content.read.source import Loc
from bot.engine.events import Event, ImageReceived
from bot.kit.replay import judge, names
from bot.kit.replay.acts import NotOffered, Resident
from bot.kit.replay.conversation import Alternatives, Conversation, Turn, Wanted
from bot.kit.replay.judge import Difference, Facts
from bot.kit.replay.page_acts import Page
from bot.kit.replay.signing_in import sign_in
from bot.kit.replay.stage import CannotPlay, Scenery, Stage, with_policy
from bot.kit.wechat import Bubble
from bot.wechat.crypto import Refused

if TYPE_CHECKING:
    from bot.kit.replay.wire import Wire

BETWEEN = 10
"""Seconds from one turn to the next."""


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
class Came:
    """The result of a turn, for --update and the recorder."""

    turn: Turn
    bubbles: list[Bubble]
    facts: Facts | None
    pushed: list[Bubble] = field(default_factory=list)


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
                if found := player.turn(spoken, match, plain, made):
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


class Player(Resident):
    """Plays on `target`: in process, or over HTTP, where only the words can be seen (`facts` is None)."""

    def __init__(self, conversation: Conversation, scenery: Scenery, target: Stage | Wire) -> None:
        super().__init__(conversation, scenery)
        self.target = target
        self.content = with_policy(scenery.content, conversation.policy)
        self.dice = random.Random(conversation.seed + 1)
        self.bubbles = [target.opening()] if conversation.begins else []
        self.on_page = False  # signing in before the conversation was in the chat
        if conversation.signed_in:
            sign_in(self)
        self.on_page = conversation.channel == "page"
        self.sent: list[tuple[str, Event, Bubble]] = []
        self.elsewhere = False  # this order ended in a state from which the file does not go on

    def does(self, act: str, value: Any) -> Event:
        if act == "face":
            return self._faced(value)
        return self.page().submits(act, value) if self.on_page else super().does(act, value)

    def _faced(self, result: str) -> Event:
        """Returns what comes back from the page where a face is compared, to whoever was sent there from
        ours."""
        shown = self.page().shown
        if not shown.face or not isinstance(self.target, Stage):
            raise NotOffered("No face is compared on another page here: `policy: {face_check: page}`?")
        proof = self.target.process.faced(shown.face, result)
        return ImageReceived(0, mark=shown.mark, media_id=proof)

    def page(self) -> Page:
        """Returns what the resident's page shows now.

        Raises:
            CannotPlay: nobody can see into this target.
        """
        if not isinstance(self.target, Stage):
            raise CannotPlay("The page is only played in process.", ("channel",))
        return Page(self, self.content, self.target.known())

    def turn(self, turn: Turn, match: str, plain: judge.Plain, made: Played) -> tuple[Difference, Loc] | None:
        if turn.act == "together":
            return self._together(turn, match, plain, made)
        last = self.bubbles[-1] if self.bubbles else None
        pushed: list[Bubble] = []
        bubble = Bubble("nothing")
        if turn.act == "wait":
            self.clock += turn.value
            pushed = self.target.wait(self.clock)
        elif turn.act == "bureau":
            self.clock += BETWEEN
            pushed = [*self.target.wait(self.clock), *self.target.report(turn.value)]
        elif turn.act == "deploy":
            self.content = self.target.deploy(self.conversation.path.parent / turn.value)
        elif turn.act == "restart":
            self.target.restart()
        elif turn.act == "redeliver":
            key, event, last = self._earlier(turn.value)
            bubble = self.target.deliver(key, event)
        else:
            self.clock += BETWEEN
            pushed = self.target.wait(self.clock)
            key, event = self._event(turn)
            bubble = self.target.deliver(key, event)
            self.sent.append((key, event, bubble))
            self.bubbles.append(bubble)
        self.bubbles += pushed if turn.act in ("wait", "bureau") else []
        turn = self._named(turn, (*pushed, bubble)[0])
        facts = self.target.facts()
        made.came.append(Came(turn, [bubble], facts, pushed))
        difference = None
        if match == "all":
            difference = judge.words(turn, bubble, last, plain) or _push(turn, pushed, plain)
        if difference is None:
            difference = judge.texts(turn, bubble, last, match == "all")
        if difference is None and facts is not None:
            difference = judge.facts(turn, facts)
        return (difference, turn.loc) if difference else None

    def _together(
        self, turn: Turn, match: str, plain: judge.Plain, made: Played
    ) -> tuple[Difference, Loc] | None:
        self.clock += BETWEEN
        self.target.wait(self.clock)
        last = self.bubbles[-1] if self.bubbles else None
        given = [self._event(t) if t.act != "redeliver" else self._earlier("1")[:2] for t in turn.together]
        seen: list[Came] = [Came(inner, [], None) for inner in turn.together]
        found: tuple[Difference, Loc] | None = None
        whole: Facts | None = None
        places: list[str] = []
        for bubbles, facts in self.target.together(given):
            whole = _most(whole, facts)
            places += [facts.at] if facts and facts.at not in places else []
            for inner, came, bubble in zip(turn.together, seen, bubbles, strict=True):
                if bubble not in came.bubbles:
                    came.bubbles.append(bubble)
                inner = self._named(inner, bubble)
                wrong = judge.words(inner, bubble, last, plain) if match == "all" else None
                wrong = wrong or judge.texts(inner, bubble, last, match == "all")
                if facts is None and not wrong and inner.reply:
                    fit = [one for one in inner.reply if judge.any_holds((one,), bubble, last, plain)]
                    closest = max(fit, key=lambda one: sum(len(wanted.words) for wanted in one))
                    self.elsewhere |= closest != inner.reply[0]
                if wrong and found is None:
                    found = (wrong, inner.loc)
            wrong = judge.facts(turn, facts) if facts is not None else None
            if wrong and found is None:
                found = (wrong, turn.loc)
        if whole is not None:
            whole = replace(whole, at=" | ".join(places))
        made.came += [*seen, Came(turn, [], whole)]
        if seen and seen[-1].bubbles:
            self.bubbles.append(seen[-1].bubbles[0])
        for (key, event), came in zip(given, seen, strict=True):
            self.sent.append((key, event, came.bubbles[0]))
        return found

    def done(self, turn: Turn) -> Turn:
        """Fills in the values in what is said or tapped."""
        value, language = turn.value, self.content.default_language
        if turn.act in ("say", "tap") and isinstance(value, str):
            value = self._filled(value, language)
        elif turn.act == "fill":
            value = {slot: self._filled(said, language) for slot, said in value.items()}
        elif turn.act == "tap":
            value = value.model_copy(update={"label": self._filled(value.label, language)})
        return replace(turn, value=value, together=tuple(map(self.done, turn.together)))

    def _filled(self, words: str, language: str) -> str:
        return names.filled(words, self.content.at(self.clock), language, self.clock)

    def _named(self, turn: Turn, bubble: Bubble) -> Turn:
        """Fills in the values in what is expected."""

        def filled(expected: Alternatives | None) -> Alternatives | None:
            if expected is None or not any("{" in w.words for group in expected for w in group):
                return expected
            return tuple(
                tuple(replace(w, words=self._filled(w.words, language), written=w.words) for w in group)
                for group in expected
            )

        language = bubble.language or self.conversation.language or self.content.default_language
        reply, push = turn.reply, turn.push
        if turn.words is not None:
            words = dict(turn.words).get(language) or Wanted("exact", f"(no words in {language}: --update)")
            if turn.act in ("wait", "bureau"):
                push = tuple((*group, words) for group in push or ((),))
            else:
                reply = ((words,),)
        return replace(turn, reply=filled(reply), push=filled(push))

    # --- what happened ---
    def _earlier(self, which: str) -> tuple[str, Event, Bubble]:
        back = int(which) if which.isdigit() and which.isascii() and len(which) < 4 else 1
        if not 0 < back <= len(self.sent):
            raise NotOffered(both("replays", "nothing-delivered"))
        return self.sent[-back]

    def _event(self, turn: Turn) -> tuple[str, Event]:
        self.count += 1
        event = self.does(turn.act, turn.value)
        return f"replay:{self.count}", structs.replace(event, at=self.clock, seed=self.dice.getrandbits(64))


def _most(one: Facts | None, other: Facts | None) -> Facts | None:
    """Returns the facts of the order that changed more."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda f: sum(m.change for m in f.calls))


def pushed(bubbles: Sequence[Bubble]) -> Bubble:
    """Joins all pushed bubbles into one, for `push`."""
    words, says = "\n".join(b.text for b in bubbles), tuple(name for b in bubbles for name in b.says)
    return Bubble("text", words, says=says, language=bubbles[0].language) if bubbles else Bubble("nothing")


def _push(turn: Turn, bubbles: list[Bubble], plain: judge.Plain) -> Difference | None:
    whole = pushed(bubbles)
    if turn.push is None:
        what = both("replays", "pushed")
        return Difference("push", "", whole.text, what) if bubbles else None
    if judge.any_holds(turn.push, whole, None, plain):
        return None
    return Difference("push", judge.said(turn.push), whole.shown())
