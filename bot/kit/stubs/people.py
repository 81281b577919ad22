"""The invented people the stubs know; config/stub.yaml holds them, people_file.py reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from bot.services.identity import birth_date, plain_id, plain_name


@dataclass(frozen=True)
class SeedCard:
    """A card as it stands before anyone touches it. `until`: days from today to a temporary loss's lapse."""

    state: str
    number: str
    bank: str
    e_card: str = "none"
    pin_locked: bool = False
    expired: bool = False
    until: int | None = None
    outlet: str = ""


@dataclass(frozen=True)
class SeedApplication:
    """An application under way. `filed`: how many days ago it was handed in."""

    state: str
    reason: str
    filed: int = 1
    reject_reason: str = ""
    outlet: str = ""
    tracking: str = ""


@dataclass(frozen=True)
class Behaviour:
    """How the service treats a person. `slow`: seconds. `times`: calls it holds for each day (0: always).

    `taken`: whether an operation whose answer is lost was carried out nevertheless.
    """

    slow: float = 0.0
    fails: str = ""
    refuses: str = ""
    times: int = 0
    taken: bool = True


@dataclass(frozen=True)
class Person:
    """`behaviour`: action or port name -> how it goes. `face`, `document`: the answer at each attempt, the
    last one from then on."""

    name: str
    id_number: str
    good_for: Mapping[str, str]
    known: bool = True
    registered_as: str = ""
    guardian: str = ""
    card: SeedCard | None = None
    applications: tuple[SeedApplication, ...] = ()
    behaviour: Mapping[str, Behaviour] = field(default_factory=dict)
    face: tuple[str, ...] = ("match",)
    document: tuple[str, ...] = ("good",)

    def treated(self, action: str) -> Behaviour:
        """The behaviour for an action: its own, or that of its port, or none at all."""
        port = action.split(".")[0]
        return self.behaviour.get(action) or self.behaviour.get(port) or Behaviour()

    def is_called(self, name: str) -> bool:
        return plain_name(name) == plain_name(self.registered_as or self.name)

    def age(self, today: date) -> int:
        """Completed years: nobody is a year older before the birthday itself."""
        born = birth_date(self.id_number)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@dataclass(frozen=True)
class People:
    """Everyone in the file, in its order: the first is the one to begin with. `banks`: name -> hotline."""

    everyone: tuple[Person, ...]
    banks: Mapping[str, str]

    @cached_property
    def _by_id(self) -> Mapping[str, Person]:
        return {p.id_number: p for p in self.everyone}

    def find(self, id_number: str) -> Person | None:
        """The person of that number, if the bureau knows them."""
        person = self._by_id.get(plain_id(id_number))
        return person if person is not None and person.known else None
