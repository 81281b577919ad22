"""The stub of a service that a package of a city's own adds: it answers what config/stub.yaml prepares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property

from bot.actions import ACTIONS
from bot.content.read.stub_file import AnswerModel
from bot.kit.stubs.people import Person
from bot.kit.stubs.stub import Stub
from bot.ports import Request, Result
from bot.services.ledger import Decision, Json
from bot.services.wire import checked


class AnswersStub(Stub):
    """Whose call it is, is told by its `id_number`, or by a number that their answers bring. Whoever has no
    answer gets the action's last outcome besides `unavailable`. A change is recorded under its key."""

    @cached_property
    def _by_ref(self) -> Mapping[str, Person]:
        found: dict[str, Person] = {}
        for person in self._people.everyone:
            for action, prepared in person.answers.items():
                refs = [name for name, field in ACTIONS[action].fields.items() if field.ref]
                for answer in prepared if isinstance(prepared, list) else [prepared]:
                    found |= {row[name]: person for row in answer.rows for name in refs if name in row}
        return found

    def _whose(self, request: Request) -> Person | None:
        if "id_number" in request.arguments:
            return self._people.find(str(request.arguments["id_number"]))
        named = (self._by_ref.get(str(value)) for value in request.arguments.values())
        return next((person for person in named if person is not None), None)

    def _carry_out(self, request: Request, person: Person | None) -> Result:
        prepared = person.answers.get(request.action) if person else None
        if person is None or prepared is None:
            outcomes = [o for o in ACTIONS[request.action].outcomes if o != "unavailable"]
            return self._recorded(request, lambda: Result(outcomes[-1]))
        answers = prepared if isinstance(prepared, list) else [prepared]
        return self._recorded(request, lambda: self._result(request, self.nth(request, person, answers)))

    def _refuse(self, request: Request, person: Person, why: str) -> Result:
        fields = {"refusal": why} if "refusal" in ACTIONS[request.action].fields else {}
        return self._recorded(request, lambda: Result("refused", fields))

    def _result(self, request: Request, answer: AnswerModel) -> Result:
        fields = ACTIONS[request.action].fields
        days = {name for name, field in fields.items() if field.kind == "date"}
        rows = [
            {name: self._day(value) if name in days else value for name, value in row.items()}
            for row in answer.rows
        ]
        return checked(request.action, answer.outcome, rows if answer.list else next(iter(rows), {}))

    def _day(self, away: str) -> str:
        return (self._today() + timedelta(days=int(away))).isoformat()

    def _recorded(self, request: Request, made: Callable[[], Result]) -> Result:
        """Carries out a change once per key; a question needs no record."""
        action = ACTIONS[request.action]
        if not action.changes:
            return made()
        result = self.find(request.action, request.key) or made()
        subject = str(request.arguments[action.subject])

        def once(records: tuple[Json | None, ...]) -> tuple[Decision, Result]:
            if (done := records[0]) is not None:
                return Decision((None,)), Result(done["outcome"], done["value"])
            record: Json = {"action": request.action, "subject": subject}
            entry: Json = {**record, "key": request.key, "number": "", "at": self._now()}
            record |= {"outcome": result.outcome, "value": result.value}
            return Decision((record,), entry if result.outcome == "done" else None), result

        return self._ledger.change([("done", request.key)], once)
