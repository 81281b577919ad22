"""The stub of `real_name.*`: checks names and faces by config/stub.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

from bot import actions
from bot.engine.flow import Value
from bot.kit.stubs.people import Person
from bot.kit.stubs.stub import Stub
from bot.ports import Request, Result

ADULT = 16  # under 16 a guardian acts (Measures on Social Security Cards)


class RealNameStub(Stub):
    """An unknown number and a wrong name both give `mismatch`, so that it never reveals who is registered."""

    def _whose(self, request: Request) -> Person | None:
        if request.action == actions.BEGIN_FACE:
            return None  # nobody's manner of answering: the pretended page offers every one
        return self._people.find(str(request.arguments["id_number"]))

    def _carry_out(self, request: Request, person: Person | None) -> Result:
        match request.action:
            case actions.BEGIN_FACE:
                return Result("begun", {"address": pretended(request.arguments)})
            case actions.MATCH_FACE:
                return self._face(request, person)
            case "real_name.read_document":
                return Result(self._document(request, person))
            case "real_name.check_family":
                return self._family(request, person)
            case _:
                return self._is_named(request, person)

    def _is_named(self, request: Request, person: Person | None) -> Result:
        if person is None or not person.is_called(str(request.arguments["name"])):
            return Result("mismatch")
        return Result("match", {"age_group": "adult" if person.age(self._today()) >= ADULT else "minor"})

    def _family(self, request: Request, person: Person | None) -> Result:
        guardian = self._people.find(str(request.arguments["guardian"]))
        if person is None or guardian is None or person.guardian != guardian.id_number:
            return Result("mismatch")
        return self._is_named(request, person)

    def _face(self, request: Request, person: Person | None) -> Result:
        if person is None or not person.is_called(str(request.arguments["name"])):
            return Result("mismatch")
        return Result(self.nth(request, person, _several(person.face)))

    def _document(self, request: Request, person: Person | None) -> str:
        if person is None:
            return "other_person"
        return self.nth(request, person, _several(person.document))


def _several(answers: str | list[str]) -> list[str]:
    return [answers] if isinstance(answers, str) else answers


def pretended(asked: Mapping[str, Value]) -> str:
    """Returns the address of the pretended face check, on /phone (bot.kit.phone.faces)."""
    return urljoin(str(asked["return_to"]), f"/phone/face?{urlencode({'state': str(asked['state'])})}")
