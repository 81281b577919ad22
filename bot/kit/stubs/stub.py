"""The common part of both stubs: people, clock, and who is slow, refused or failing.

A stub is a service outside the engine, so it may read a clock; tests give it a clock they control.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import structlog

from bot.actions import ACTIONS
from bot.content.read.stub_file import BehaviourModel
from bot.engine.scope import china_time
from bot.kit.stubs.people import People, Person
from bot.ports import Later, Request, Result, Unknown
from bot.services.ledger import Decision, Json, Ledger, Unreachable

log = structlog.get_logger()
T = TypeVar("T")


class Stub(ABC):
    """A port driven by config/stub.yaml; subclasses find the person of a call and carry it out.

    `now`: epoch seconds. `sleep`: spends the time of a slow call. `ledger`: keeps all records.
    """

    def __init__(
        self,
        people: People,
        ledger: Ledger,
        now: Callable[[], int],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._people = people
        self._ledger = ledger
        self._now = now
        self._sleep = sleep

    def perform(self, request: Request) -> Result:
        """See bot.ports.Service. A known key gets the result recorded under it."""
        action = ACTIONS[request.action]
        person = self._whose(request)
        try:
            if action.changes and person is not None:
                return self._change(request, person)
            if person is not None and not self._answers(request, person):
                return Result("unavailable")
            return self._carry_out(request, person)
        except Unreachable as e:
            log.warning("stub failed", action=request.action, cause=str(e))
            return Result("unavailable")
        except Unknown:
            if action.changes:
                raise
            return Result("unavailable")

    def find(self, action: str, key: str) -> Result | None:
        """See bot.ports.Service."""
        try:
            (done,) = self._ledger.read(("done", key))
            return None if done is None or done["action"] != action else _recorded(done)
        except Unreachable as e:
            raise Unknown(str(e)) from None

    # --- for the subclasses ----------------------------------------------------------------------
    @abstractmethod
    def _whose(self, request: Request) -> Person | None: ...

    @abstractmethod
    def _carry_out(self, request: Request, person: Person | None) -> Result:
        """Answers a question, or carries out a change under its key. `person` is never None for a change."""

    def _refuse(self, request: Request, person: Person, why: str) -> Result:
        """Refuses a change; stubs that carry out changes override it."""
        raise AssertionError(f"{request.action} changes nothing")

    def nth(self, request: Request, person: Person, answers: Sequence[T]) -> T:
        """Returns the person's next answer of the day, the last one from then on; for a repeated key the
        same."""
        if len(answers) == 1:
            return answers[0]
        name = f"{self._today()} {person.id_number} {request.action} answers"

        def next_answer(records: tuple[Json | None, ...]) -> tuple[Decision, T]:
            keys: list[str] = (records[0] or {"keys": []})["keys"]
            if request.key in keys:
                return Decision((None,)), answers[keys.index(request.key)]
            answer = answers[min(len(keys), len(answers) - 1)]
            if len(keys) >= len(answers) - 1:  # the last answer holds from now on: nothing to record
                return Decision((None,)), answer
            return Decision(({"keys": [*keys, request.key]},)), answer

        return self._ledger.change([("tries", name)], next_answer)

    def _today(self) -> date:
        return china_time(self._now()).date()

    # --- slow, failing, refusing -----------------------------------------------------------------
    def _answers(self, request: Request, person: Person) -> bool:
        """Checks whether a question is answered in time; spends the time it takes."""
        rule = self._rule(request, person)
        self._sleep(min(float(rule.slow), request.within))
        return not rule.fails and float(rule.slow) < request.within

    def _change(self, request: Request, person: Person) -> Result:
        known = self.find(request.action, request.key)
        rule = self._rule(request, person)
        if rule.fails == "unavailable":
            return Result("unavailable")
        lost = bool(rule.fails) or (known is None and float(rule.slow) >= request.within)
        result = None
        if rule.taken == "yes" or not lost:
            refuse = rule.refuses
            result = self._refuse(request, person, refuse) if refuse else self._carry_out(request, person)
        if known is None:  # a repeated change is answered at once
            self._sleep(min(float(rule.slow), request.within))
        if rule.fails == "later":
            raise Later(request.action)
        if result is None or lost:
            raise Unknown(f"{request.action}: no answer within {request.within:g} s")
        return result

    def _rule(self, request: Request, person: Person) -> BehaviourModel:
        """Returns the behaviour of this call. A rule with `times` counts the day's calls and ends after so
        many."""
        rule = person.treated(request.action)
        if int(rule.times) == 0:
            return rule
        name = f"{self._today()} {person.id_number} {request.action}"

        def count(records: tuple[Json | None, ...]) -> tuple[Decision, bool]:
            calls = (records[0] or {"calls": 0})["calls"]
            if calls >= int(rule.times):
                return Decision((None,)), False
            return Decision(({"calls": calls + 1},)), True

        return rule if self._ledger.change([("tries", name)], count) else BehaviourModel()


def _recorded(done: Json) -> Result:
    return Result(done["outcome"], done["value"])
