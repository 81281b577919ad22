"""The services of one conversation: prepared answers first, then the stubs, with their records in memory."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.actions import ACTIONS, port_of
from bot.content.read.city import file_of
from bot.content.read.files import OUTLETS, STUB
from bot.engine.content import Content
from bot.engine.flow import Value
from bot.kit.replay.prepared import Prepared
from bot.kit.stubs.people import People, load_people
from bot.kit.stubs.registry import Place, services
from bot.ports import Later, Request, Result, Service, Unknown
from bot.services.ledger import Decision, Json, Ledger, Name, Unsealed
from bot.services.places import Outlet, load_outlets


class Town:
    """The people and outlets of the stubs, read once for all conversations."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.people: People = load_people(file_of(root, STUB))
        self.outlets: Sequence[Outlet] = load_outlets(file_of(root, OUTLETS))


class MemoryLedger(Ledger):
    """The stub bureau's records in a dict, for one conversation."""

    def __init__(self) -> None:
        self._seal = Unsealed(lambda text: hashlib.sha256(text.encode()).hexdigest()[:22])
        self.records: dict[Name, Json] = {}
        self.book: list[Json] = []

    def read(self, *names: Name) -> tuple[Json | None, ...]:
        return tuple(copy.deepcopy(self.records.get(name)) for name in names)

    def change(
        self, names: Sequence[Name], decide: Callable[[tuple[Json | None, ...]], tuple[Decision, Any]]
    ) -> Any:
        decision, answer = decide(self.read(*names))
        for name, record in zip(names, decision.records, strict=True):
            if record is not None:
                self.records[name] = record
        if decision.entry is not None:
            self.book.append(decision.entry)
        return answer

    def operations(self) -> list[Json]:
        return list(self.book)


class Answers:
    """All ports of one conversation. `problems`: why a strict replay fails."""

    def __init__(
        self, prepared: Sequence[Prepared], town: Town | None, content: Content, now: Callable[[], int]
    ) -> None:
        self.waiting = list(prepared)
        self.problems: list[str] = []
        self.lacking: list[str] = []  # actions that were called without an answer
        self.took = 0.0  # seconds the last call took
        self.now = now
        self.ledger = MemoryLedger()
        self._town, self._content = town, content
        self._stubs: dict[str, Service] = {}
        if town is not None:
            place = Place(
                town.root,
                lambda: self.now(),
                lambda: content,
                lambda: town.outlets,
                self.ledger,
                self._sleep,
                known=town.people,
            )
            self._stubs = services(place)

    def fork(self, now: Callable[[], int]) -> Answers:
        made = Answers(self.waiting, self._town, self._content, now)
        made.problems, made.lacking = list(self.problems), list(self.lacking)
        made.ledger.records = copy.deepcopy(self.ledger.records)
        made.ledger.book = list(self.ledger.book)
        return made

    def perform(self, request: Request) -> Result:
        """Implements bot.ports.Service."""
        self.took = 0.0
        answer = next((p for p in self.waiting if p.action == request.action), None)
        if answer is None:
            return self._stub(request)
        self.waiting.remove(answer)
        for name, wanted in answer.given:
            got = plain_value(request.arguments.get(name, ""))
            if got != wanted:
                self.problems.append(f"{request.action} was called with {name}: {got}, not {wanted}")
        self.took = float(answer.slow)
        if answer.outcome == "unknown":
            raise Unknown("prepared")
        if answer.outcome == "later":
            raise Later(request.action)
        if answer.outcome == "stub":
            result = self._stub(request)
            self.took = max(self.took, float(answer.slow))
            return result
        empty: Value = {} if answer.value == "" else answer.value
        return Result(answer.outcome, empty)

    def find(self, action: str, key: str) -> Result | None:
        return None

    def _stub(self, request: Request) -> Result:
        stub = self._stubs.get(port_of(request.action))
        if stub is None:
            self.problems.append(f"{request.action} was called, but no answer is prepared for it")
            self.lacking.append(request.action)
            outcomes = ACTIONS[request.action].outcomes
            return Result("unavailable" if "unavailable" in outcomes else outcomes[-1])
        return stub.perform(request)

    def _sleep(self, seconds: float) -> None:
        self.took += seconds


def plain_value(value: Value) -> str:
    """Returns a value as a replay names it: of a record its id, of a place its words, of a list its size."""
    if isinstance(value, dict):
        return value.get("id") or value.get("text", "")
    return value if isinstance(value, str) else f"{len(value)} entries"
