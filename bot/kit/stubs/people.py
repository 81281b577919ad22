"""The invented people of the stubs: config/stub.yaml, which `shebao check` reads by the same code.

Division codes 66…, 8x9999… and 966… belong to no place, so that no number in the file is a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import Field

from bot.content.read.files import content_of
from bot.content.read.source import parse
from bot.content.read.stub_file import BehaviourModel, PersonModel, StubModel, check_stub
from bot.services.identity import birth_date, plain_id, plain_name


class BadPeople(ValueError):
    """config/stub.yaml cannot be used. The text names the file, each line and the correction."""


class Person(PersonModel):
    def treated(self, action: str) -> BehaviourModel:
        """Returns the behaviour for an action: its own, that of its port, or the default."""
        port = action.split(".")[0]
        return self.behaviour.get(action) or self.behaviour.get(port) or BehaviourModel()

    def is_called(self, name: str) -> bool:
        return plain_name(name) == plain_name(self.registered_as or self.name)

    def age(self, today: date) -> int:
        """Returns completed years: the age rises on the birthday, not before."""
        born = birth_date(self.id_number)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class _File(StubModel):
    people: list[Person] = Field(min_length=1)  # type: ignore[assignment]


@dataclass(frozen=True)
class People:
    """All people of the file, in its order; the first is the default. `banks`: name -> hotline."""

    everyone: tuple[Person, ...]
    banks: Mapping[str, str]

    @cached_property
    def _by_id(self) -> Mapping[str, Person]:
        return {p.id_number: p for p in self.everyone}

    def find(self, id_number: str) -> Person | None:
        """Returns the person of a number, if the bureau knows them."""
        person = self._by_id.get(plain_id(id_number))
        return person if person is not None and person.known == "yes" else None


def load_people(path: Path) -> People:
    """Reads config/stub.yaml.

    Raises:
        BadPeople: it cannot be used.
    """
    return _people(content_of(path), str(path))


@lru_cache(maxsize=4)  # the phone, the stubs and the terminal each read them
def _people(written: bytes, path: str) -> People:
    source = parse(path, written)
    found = check_stub(source, _File)
    errors = [str(finding) for finding in sorted(source.findings) if finding.severity == "error"]
    if found is None or errors:
        raise BadPeople("\n".join(errors))
    return People(tuple(found.people), found.banks)
