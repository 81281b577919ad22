"""Plays a conversation in process, with its content, services and clock."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from bot.content.load import Loaded, load
from bot.content.messages import both
from bot.content.read.menu import Button
from bot.content.read.source import Loc, nearest, worded
from bot.engine.begin import ask_engine_question
from bot.engine.content import Content
from bot.engine.effects import Call, Count, Reply, Say, compose
from bot.engine.events import Event, TextReceived
from bot.engine.flow import Place, Slot
from bot.engine.session import Session, stands
from bot.engine.turn import Turn
from bot.kit.replay.conversation import Called, Conversation
from bot.kit.replay.judge import Facts
from bot.kit.replay.process import Process
from bot.kit.replay.reports import applied, report
from bot.kit.replay.services import Answers, Town, plain_value
from bot.kit.replay.texts import every, numbered
from bot.kit.replay.together import every_order
from bot.kit.wechat import Bubble, of
from bot.turn.decision import Occasion

PARTS = ("flows", "messages", "config")


class CannotPlay(Exception):
    """This conversation cannot be played here; the text says why and what to do. `loc`: place in its file."""

    def __init__(self, why: str, loc: Loc = ()) -> None:
        super().__init__(why)
        self.loc = loc


def nowhere(code: str, name: str, known: Iterable[str], **about: str) -> str:
    """Says in both languages that there is nothing of this name, and which of the known ones may be meant."""
    return " ".join(worded(code, {"name": name, **about}, nearest(name, known)))


@dataclass(frozen=True)
class Scenery:
    """What all conversations share. `content`: may be watched; `watched` wraps deployed content likewise."""

    root: Path
    content: Content
    menu: tuple[Button, ...]
    town: Town
    watched: Callable[[Content], Content] = lambda content: content

    @cached_property
    def labels(self) -> frozenset[str]:
        """Titles, and texts of the content without values."""
        alone = [parts[0] for parts in self._sentences if len(parts) == 1 and isinstance(parts[0], str)]
        return frozenset(self._titles + alone)

    @cached_property
    def words(self) -> frozenset[str]:
        """Returns all words of the content itself: titles, and the parts around the values of its texts."""
        parts = [part for parts in self._sentences for part in parts if isinstance(part, str)]
        return frozenset(self._titles + [part for part in parts if len(part) > 1 or not part.isalnum()])

    @property
    def _titles(self) -> list[str]:
        languages = self.content.languages.values()
        return [words.title for lang in languages for words in (*lang.flows.values(), *lang.pages.values())]

    @property
    def _sentences(self) -> list[tuple[str | Place, ...]]:
        return [variant.parts for written in every(self.content) for variant in written.text.variants]

    @property
    def buttons(self) -> list[Button]:
        """Those of the menu that can be tapped."""
        return [b for top in self.menu for b in (top, *top.sub) if not b.sub]


def scenery(root: Path, language: str = "zh-CN") -> Scenery:
    """Loads the content.

    Raises:
        CannotPlay: it does not pass its check.
    """
    content, menu = _loaded(root.resolve(), language)
    return Scenery(root, content, menu, Town(root))


def _loaded(root: Path, language: str = "zh-CN") -> tuple[Content, tuple[Button, ...]]:
    loaded: Loaded = load(root, language)
    if loaded.content is None:
        errors = "\n".join(str(f) for f in loaded.findings if f.severity == "error")
        raise CannotPlay(f"{root} does not pass `shebao check`:\n{errors}")
    return loaded.content, loaded.menu


@lru_cache(maxsize=8)
def _deployed(root: Path, over: Path) -> Content:
    """Returns the content with its files replaced by those below `over`."""
    if not any((over / part).is_dir() for part in PARTS):
        raise CannotPlay(both("replays", "nowhere-to-deploy", name=over, among=", ".join(PARTS)))
    with tempfile.TemporaryDirectory() as made:
        for part in PARTS:
            shutil.copytree(root / part, Path(made) / part)
        shutil.copytree(over, made, dirs_exist_ok=True)
        return _loaded(Path(made))[0]


class Stage:
    """One conversation in process."""

    def __init__(self, scenery: Scenery, conversation: Conversation) -> None:
        self.scenery, self.conversation = scenery, conversation
        self.content = with_policy(scenery.content, conversation.policy)
        if conversation.language and conversation.language not in self.content.languages:
            known = self.content.languages
            what = nowhere("no-such-language", conversation.language, known, among=", ".join(known))
            raise CannotPlay(what, ("resident", "language"))
        town = scenery.town if conversation.stubs else None
        answers = Answers(conversation.services, town, self.content, lambda: 0)
        openid = conversation.openid or "resident"
        self.process = Process(self.content, answers, openid, conversation.seed, conversation.push)
        self.process.clock = conversation.start
        self.process.language = conversation.language
        self.process.store.planned = conversation.maintenance
        if conversation.applied:
            applied(self.process, conversation.applied)
        if conversation.begins or conversation.waiting:
            self.process.begin(conversation.begins, conversation.waiting)

    # --- what the player asks for ---
    def opening(self) -> Bubble:
        """Returns the bubble that the resident had last seen where a recording began in mid-flow."""
        session = self.process.session()
        if session is not None and session.system_question:
            turn = Turn(self.content, session, TextReceived(self.conversation.clock))
            ask_engine_question(turn)
            shown = of(compose(tuple(turn.effects), session.language))
        else:
            word = next(w for w, meaning in self.content.recovery.items() if meaning == "repeat")
            said = TextReceived(self.conversation.clock, 0, word)
            bare = Stage(self.scenery, replace(self.conversation, waiting=()))  # not shown yet at that time
            shown = of(bare.process.deliver("opening", said))
        if session is None:
            return shown
        language = self.content.languages[session.language]
        more = {
            (language.pages[o.page] if o.page else language.flows[o.flow]).title: (
                f"{session.offered_tag}.-{n}.{'page.' + o.page if o.page else o.flow}"
            )
            for n, o in enumerate(session.offered, 1)
        }
        return replace(shown, kind="text", answers={**more, **shown.answers})

    def deliver(self, key: str, event: Event) -> Bubble:
        return self._shown(self.process.deliver(key, event))

    def _shown(self, reply: Reply) -> Bubble:
        """Returns the bubble with the ids and variants of its texts."""
        language = reply.language or self.content.default_language
        says = tuple(numbered(self.content, language, name, reply.text) for name in reply.says)
        return replace(of(reply), says=says, language=language)

    def services(self) -> Process:
        return self.process

    def wait(self, until: int) -> list[Bubble]:
        return [self._shown(r) for r in self.process.wait(until)]

    def report(self, given: Mapping[str, str]) -> list[Bubble]:
        """Lets the bureau report it. Returns what is pushed.

        Raises:
            CannotPlay.
        """
        try:
            known = report(self.process, given)
        except ValueError as e:
            raise CannotPlay(str(e)) from None
        if not known:
            raise CannotPlay("Nobody here is told of that: it is another number, or no flow tells of it.")
        return self.wait(self.process.clock + 1)

    def together(self, given: list[tuple[str, Event]]) -> Iterator[tuple[tuple[Bubble, ...], Facts]]:
        """Yields the replies and facts of every order of the deliveries; the first order is the one that goes
        on."""
        first: Process | None = None
        for process, replies in every_order(self.process, given):
            first = first or process
            was, self.process = self.process, process
            yield tuple(self._shown(r) for r in replies), self.facts()
            self.process = was
        if first is not None:
            self.process = first

    def deploy(self, directory: Path) -> Content:
        try:
            content = self.scenery.watched(_deployed(self.scenery.root, directory.resolve()))
        except OSError as e:
            raise CannotPlay(f"{directory} cannot be read: {e.strerror}") from e
        self.content = self.process.content = with_policy(content, self.conversation.policy)
        return self.content

    def restart(self) -> None:
        """Replaces the process: a new one goes on from what is stored."""
        self.process = self.process.fork()

    def facts(self) -> Facts:
        """Returns the facts since the last call."""
        process = self.process
        session, answers = process.session(), process.answers
        decisions = [item["decision"] for item in process.store.tape]
        problems, answers.problems = tuple(answers.problems), []
        calls, process.calls = tuple(map(_made, process.calls)), []
        process.store.tape.clear()
        effects = [e for decision in decisions for e in decision.turned.effects]
        names = [e.name.rpartition(".") for e in effects if isinstance(e, Count)]
        ends = tuple(f"{flow}.{how}" for flow, _, how in names if how in ("end", "stop") and "." not in flow)
        heard = [e for d in decisions if d.occasion is not Occasion.TIMER for e in d.turned.effects]
        says = tuple((e.id, e.text) for e in heard if isinstance(e, Say))
        return Facts(stands(session), _slots(session), calls, ends, problems, says)

    def known(self) -> Session | None:
        return self.process.session()


def with_policy(content: Content, changed: tuple[tuple[str, str], ...]) -> Content:
    faces = dict(changed).get("face_check", "photo")  # replays say where it is another way
    if not changed and content.policy_value("face_check") in (faces, None):
        return content
    policy: dict[str, Mapping[str, str]] = dict(content.policy)
    for name, value in changed:
        if name not in policy:
            raise CannotPlay(nowhere("no-such-value", name, policy), ("policy", name))
        policy[name] = {**policy[name], "value": value}
    given = {name: policy[name] for name, _ in changed}  # whatever the day
    periods = tuple(replace(period, policy={**period.policy, **given}) for period in content.periods)
    return replace(content, policy=policy, periods=periods).with_faces(faces == "page")


def asked(content: Content, session: Session | None) -> Slot | None:
    """Returns the slot that the open step asks for."""
    top = session.top if session else None
    flow = content.flows.get(top.flow) if top else None
    step = flow.steps.get(top.step) if flow and top else None
    return flow.slots.get(step.slot) if flow and step else None


def _slots(session: Session | None) -> dict[str, str]:
    if session is None:
        return {}
    found = {
        f"{flow}.{n}": plain_value(v) for flow, kept in session.kept.items() for n, v in kept.slots.items()
    }
    for frame in session.frames:
        found |= {f"{frame.flow}.{n}": plain_value(v) for n, v in frame.answers}
    if session.top is not None:
        found |= {n: plain_value(v) for n, v in session.top.answers}
        found |= {
            f"{n}.{part}": text
            for n, v in session.top.answers
            if isinstance(v, dict)
            for part, text in v.items()
        }
    return found


def _made(call: Call) -> Called:
    return Called(call.action, {n: plain_value(v) for n, v in call.arguments.items()}, call.once)
