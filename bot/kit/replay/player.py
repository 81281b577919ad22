"""A resident who plays a conversation turn by turn: acts become events, and what comes of them is judged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from bot.content.messages import both
from bot.content.read.source import Loc
from bot.engine.events import Event, ImageReceived
from bot.kit.replay import judge, names
from bot.kit.replay.acts import NotOffered, Resident
from bot.kit.replay.conversation import BETWEEN, Alternatives, Conversation, Turn, Wanted
from bot.kit.replay.judge import Difference, Facts
from bot.kit.replay.models import UNANSWERED
from bot.kit.replay.page_acts import Page
from bot.kit.replay.signing_in import sign_in
from bot.kit.replay.stage import CannotPlay, Scenery, Stage, with_policy
from bot.kit.wechat import Bubble

if TYPE_CHECKING:
    from bot.kit.replay.wire import Wire


@dataclass
class Came:
    """The result of a turn, for --update and the recorder."""

    turn: Turn
    bubbles: list[Bubble]
    facts: Facts | None
    pushed: list[Bubble] = field(default_factory=list)


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

    def passes(self, turn: Turn) -> list[Bubble]:
        """Lets an act pass that is none of the resident's. Returns what is pushed."""
        if turn.act == "restart":
            self.target.restart()
            return []
        if turn.act == "deploy":
            self.content = self.target.deploy(self.conversation.path.parent / turn.value)
            return []
        self.clock += turn.value if turn.act == "wait" else BETWEEN
        pushed = self.target.wait(self.clock)
        return pushed if turn.act == "wait" else [*pushed, *self.target.report(turn.value)]

    def turn(
        self, turn: Turn, match: str, plain: judge.Plain, seen: list[Came]
    ) -> tuple[Difference, Loc] | None:
        if turn.act == "together":
            return self._together(turn, match, plain, seen)
        last = self.bubbles[-1] if self.bubbles else None
        pushed: list[Bubble] = []
        bubble = Bubble("nothing")
        if turn.act in UNANSWERED:
            pushed = self.passes(turn)
            self.bubbles += pushed
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
        turn = self._named(turn, (*pushed, bubble)[0])
        facts = self.target.facts()
        seen.append(Came(turn, [bubble], facts, pushed))
        difference = None
        if match == "all":
            difference = judge.words(turn, bubble, last, plain) or _push(turn, pushed, plain)
        if difference is None:
            difference = judge.texts(turn, bubble, last, match == "all")
        if difference is None and facts is not None:
            difference = judge.facts(turn, facts)
        return (difference, turn.loc) if difference else None

    def _together(
        self, turn: Turn, match: str, plain: judge.Plain, seen: list[Came]
    ) -> tuple[Difference, Loc] | None:
        self.clock += BETWEEN
        self.target.wait(self.clock)
        last = self.bubbles[-1] if self.bubbles else None
        given = [self._event(t) if t.act != "redeliver" else self._earlier("1")[:2] for t in turn.together]
        each = [Came(inner, [], None) for inner in turn.together]
        found: tuple[Difference, Loc] | None = None
        whole: Facts | None = None
        places: list[str] = []
        for bubbles, facts in self.target.together(given):
            whole = _most(whole, facts)
            places += [facts.at] if facts and facts.at not in places else []
            for inner, came, bubble in zip(turn.together, each, bubbles, strict=True):
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
        seen += [*each, Came(turn, [], whole)]
        if each and each[-1].bubbles:
            self.bubbles.append(each[-1].bubbles[0])
        for (key, event), came in zip(given, each, strict=True):
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
