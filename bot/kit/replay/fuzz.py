"""Plays random residents against the content to find crashes, silence, dead ends and leaks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions import ACTIONS, APPLICATION_STATES
from bot.content.read.source import read
from bot.engine.flow import Slot
from bot.kit.replay import claims
from bot.kit.replay.acts import NotOffered
from bot.kit.replay.oracle import OTHERS, Oracle, Trouble
from bot.kit.replay.play import Played
from bot.kit.replay.player import Player
from bot.kit.replay.reports import reportable
from bot.kit.replay.stage import CannotPlay, Scenery, Stage, asked
from bot.kit.replay.written import as_conversation

RawTurn = dict[str, Any]
NONSENSE = (
    *("？", "。。。", "哈哈哈哈", "asdf", "{sign_in.name}", "<a href='x'>点</a>", "0", "99", "-1", "１２３"),
    *("\u200b", "👍🏽", "'; DROP TABLE", "啊" * 1990, "啊" * 2100, "1\n2\n3"),
    *("我要投诉你们这是什么服务", "123456"),
)
TYPED: Mapping[str, tuple[str, ...]] = {
    "id_number": ("{id_number}", "{id_number}", OTHERS["id_number"], "660101198001010019", "123"),
    "name": ("{name}", "{name}", OTHERS["name"], "x", "等一下", "尼玛次仁"),
    "code": ("{code}", "{code}", "{code}", "0"),
    "mobile": (OTHERS["mobile"], OTHERS["abroad"], "138"),
    "date": ("2036年5月20日", "2019-01-01", "明天"),
    "time": ("下午三点", "9:30", "三点", "随便"),
    "address": (OTHERS["address"], "家"),
    "text": ("排队太久了", "好" * 300),
    "number": ("1,200元", "一千二", "3个", "很多"),
}
APPLIED = "0986056240"
"""The number of the application that every resident has made before."""
SIGNED_IN = 0.5
"""The share of residents who begin signed in: they reach the flows in fewer turns."""
TROUBLE = ("unavailable", "unknown", "later", "stub")


@dataclass(frozen=True)
class Case:
    """A conversation under construction, in the form of a replay file."""

    seed: int
    person: str
    language: str
    services: tuple[Any, ...]
    turns: tuple[RawTurn, ...] = ()
    signed_in: bool = False

    def header(self) -> dict[str, Any]:
        resident = {"person": self.person, "language": self.language}
        resident |= {"signed_in": "yes"} if self.signed_in else {}
        resident |= {"applied": APPLIED}
        return {"resident": resident, "seed": str(self.seed), "services": [*self.services, "stubs"]}


@dataclass(frozen=True)
class Found:
    """A trouble and the case that shows it in its last turn."""

    trouble: Trouble
    case: Case


@dataclass
class Fuzzer:
    """Plays conversations of at most `length` turns. `flow`: the one that residents want, "" for any.

    `calls`: how often each action was called; `reached`: the turns after which a resident stood in each flow.
    """

    scenery: Scenery
    seed: int
    length: int = 30
    flow: str = ""
    played: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    oracle: Oracle = field(init=False)
    places: list[str] = field(init=False)

    def __post_init__(self) -> None:
        content = self.scenery.content
        self.places = sorted({outlet.district for outlet in self.scenery.town.outlets})
        file = self.scenery.root / claims.FILE
        self.oracle = Oracle(content, claims.Claims(content, file) if file.exists() else None)
        for code in sorted(content.languages):
            folder = self.scenery.root / "messages" / code
            recovery = (read(folder / "common.yaml", folder).data or {}).get("recovery", {})
            self.words += [str(words[0]) for words in recovery.values() if isinstance(words, list)]
            lang = content.languages[code]
            self.words += [w.title for w in (*lang.flows.values(), *lang.pages.values())]
        self.words += ["English", "中文", "同意", "不同意", "yes", "好", "1", "2", "3"]

    def run(self, turns: int) -> Iterator[Found]:
        """Plays `turns` in all and reports one finding for each conversation that has any."""
        number = 0
        while self.played < turns:
            case = self._case(random.Random(f"{self.seed}.{number}"), number)
            number += 1
            found = self._play(case, random.Random(f"{self.seed}.{number}.turns"), turns)
            if found is not None:
                yield found

    def _case(self, dice: random.Random, number: int) -> Case:
        people = self.scenery.town.people.everyone
        trouble: list[Any] = []
        may_fail = sorted(name for name, action in ACTIONS.items() if "unavailable" in action.outcomes)
        for action in dice.sample(may_fail, dice.choice((0, 0, 1, 2))):
            outcome = dice.choice(TROUBLE)
            trouble.append({action: {"outcome": outcome, "slow": f"{dice.choice((0, 0, 6))}s"}})
        language = dice.choice(sorted(self.scenery.content.languages))
        case = Case(number, dice.choice(people).name, language, tuple(trouble))
        return replace(case, signed_in=dice.random() < SIGNED_IN)

    def _play(self, case: Case, dice: random.Random, turns: int) -> Found | None:
        try:
            stage, player, made = start(self.scenery, case)
        except CannotPlay:  # no resident of this name can sign in
            case = replace(case, signed_in=False)
            stage, player, made = start(self.scenery, case)
        self.oracle.begin(player)
        done: list[RawTurn] = []
        trouble: Trouble | None = None
        for _ in range(min(self.length, turns - self.played)):
            raw = self._wanted(dice, stage, case) or self._turn(dice, stage, player)
            done.append(raw)
            self.played += 1
            trouble = self.oracle.turn(stage, player, made, raw, len(done))
            if trouble is not None:
                break
        for came in made.came:
            if came.facts:
                self.calls.update(call.action for call in came.facts.calls)
                self.reached[came.facts.at.partition(".")[0]] += 1
        return Found(trouble, replace(case, turns=tuple(done))) if trouble else None

    def missed(self) -> tuple[list[str], list[str]]:
        """Returns the flows that nobody stood in and the actions that nobody called, of `flow` if there is
        one."""
        flows = self.scenery.content.flows
        wanted = {self.flow: flows[self.flow]} if self.flow else flows
        actions = {step.port for flow in wanted.values() for step in flow.steps.values() if step.port}
        asks = {name for name, flow in wanted.items() if any(step.asks for step in flow.steps.values())}
        return sorted(asks - set(self.reached)), sorted(actions - set(self.calls))

    # --- what a resident might do ---
    def _wanted(self, dice: random.Random, stage: Stage, case: Case) -> RawTurn | None:
        """Begins the flow, for one who stands in no other."""
        session = stage.known()
        if not self.flow or (session and session.top) or dice.random() < 0.2:
            return None
        return {"say": self.scenery.content.languages[case.language].flows[self.flow].title}

    def _turn(self, dice: random.Random, stage: Stage, player: Player) -> RawTurn:
        offered = list(player.bubbles[-1].answers) if player.bubbles else []
        roll = dice.random()
        if roll < 0.45 and offered:
            return {"tap": dice.choice(offered)}
        slot = asked(self.scenery.content, stage.known())
        if roll < 0.70 and slot is not None:
            return _answer(dice, slot, player, self.places)
        if roll < 0.78:
            return {"tap": dice.choice([b.name for b in self.scenery.buttons if b.key])}
        if roll < 0.88:
            return {"say": dice.choice(self.words)}
        if roll < 0.92:
            return {"say": dice.choice(NONSENSE)}
        if roll < 0.95:
            where = [f"{dice.uniform(29.9, 30.2):.4f}", f"{dice.uniform(109.9, 110.2):.4f}"]
            sent = ["image", "video", {"voice": dice.choice(self.words)}, {"location": where}]
            return {"send": dice.choice(sent)}
        if roll < 0.97 and player.sent:
            return {"redeliver": "last"}
        if roll < 0.99:
            return {"wait": dice.choice(("5s", "1m", "11m", "31m", "2h"))}
        if roll < 0.996 and reportable(stage.process):
            return {"bureau": {"state": dice.choice(APPLICATION_STATES)}}
        events: tuple[Any, ...] = ("subscribe", {"scan": "loss"}, "close_session")
        return dice.choice([*({"event": event} for event in events), {"restart": "yes"}])


def start(scenery: Scenery, case: Case) -> tuple[Stage, Player, Played]:
    conversation = as_conversation({**case.header(), "turns": [{"say": "-"}]})
    stage = Stage(scenery, conversation)
    return stage, Player(conversation, scenery, stage), Played(conversation)


def again(scenery: Scenery, oracle: Oracle, case: Case) -> Trouble | None:
    """Returns the first trouble of a case; None if there is none, or the case cannot be played."""
    try:
        stage, player, made = start(scenery, case)
        oracle.begin(player)
        for number, raw in enumerate(case.turns, 1):
            trouble = oracle.turn(stage, player, made, raw, number)
            if trouble is not None:
                return trouble
    except (NotOffered, CannotPlay):
        return None
    return None


def _answer(dice: random.Random, slot: Slot, player: Player, places: Sequence[str]) -> RawTurn:
    if slot.type == "image":
        return {"send": "image"}
    if slot.type == "place" and dice.random() < 0.4:
        return {"send": {"location": ["30.0001", "110.0001"]}}
    typed = TYPED.get(slot.type, (slot.example or "1", "1", "2", "3", "9"))
    said = dice.choice((*places, "月亮上面") if slot.type == "place" else typed)
    if "{code}" in said and not any(b.code for b in player.bubbles):
        said = "0"
    return {"say": said}
