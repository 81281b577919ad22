"""config/stub.yaml, the invented people: their keys and forms, each mistake on its line.

Nothing of an id_number is repeated in a finding: somebody may have written down a real one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.content.shape import model
from bot.content.source import Loc, Source
from bot.engine.slots import id_checksum
from bot.ports import ACTIONS, APPLICATION_STATES, CARD_STATES, E_CARD_STATES, REASONS, REFUSALS

FACES = ("match", "mismatch", "unreadable")
DOCUMENTS = ("good", "unreadable", "other_person", "expired")
FAILURES = ("unavailable", "unknown", "later")
TREATED = (*sorted({name.split(".")[0] for name in ACTIONS}), *sorted(ACTIONS))
"""What a behaviour can be about: a port, or one of its actions."""
_YES_NO = ("yes", "no")
_TEMPORARY = "temporary_loss"


def _of(values: Sequence[str]) -> Any:
    """For the schema; `_Checks` says it in plain words."""
    return Field(json_schema_extra={"enum": list(values)})


Yes = Annotated[str, _of(_YES_NO)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoodForModel(_Model):
    zh: str
    en: str


class StubCardModel(_Model):
    state: Annotated[str, _of(CARD_STATES)]
    number: str
    bank: str
    e_card: Annotated[str, _of(E_CARD_STATES)] = "none"
    pin_locked: Yes = "no"
    expired: Yes = "no"
    until: str | None = None
    outlet: str = ""


class ApplicationModel(_Model):
    state: Annotated[str, _of(APPLICATION_STATES)]
    reason: Annotated[str, _of(REASONS)]
    filed: str = "0"
    reject_reason: str = ""
    outlet: str = ""
    tracking: str = ""


class BehaviourModel(_Model):
    slow: str = "0"
    fails: Annotated[str, _of(FAILURES)] = ""
    refuses: Annotated[str, _of(REFUSALS)] = ""
    times: str = "0"
    taken: Yes = "yes"


class PersonModel(_Model):
    name: str = Field(min_length=1)
    id_number: str
    good_for: GoodForModel
    known: Yes = "yes"
    registered_as: str = ""
    guardian: str = ""
    card: StubCardModel | None = None
    applications: list[ApplicationModel] = []
    behaviour: Annotated[
        dict[str, BehaviourModel], Field(json_schema_extra={"propertyNames": {"enum": list(TREATED)}})
    ] = {}
    face: Annotated[str, _of(FACES)] | list[Annotated[str, _of(FACES)]] = "match"
    document: Annotated[str, _of(DOCUMENTS)] | list[Annotated[str, _of(DOCUMENTS)]] = "good"


class StubModel(_Model):
    people: list[PersonModel] = Field(min_length=1)
    banks: dict[str, str] = {}


def check_stub(source: Source) -> StubModel | None:
    """What the file says, and findings at the source; only without errors it can be used."""
    found = model(source, StubModel)
    if found is None:
        return None
    checks = _Checks(source, tuple(found.banks))
    for i, person in enumerate(found.people):
        checks.person(person, ("people", i))
    checks.together(found.people)
    return found


class _Checks:
    def __init__(self, source: Source, banks: Sequence[str]) -> None:
        self._source, self._banks = source, banks

    def person(self, person: PersonModel, loc: Loc) -> None:
        self._id_number(person.id_number, (*loc, "id_number"))
        self._one_of(person.known, _YES_NO, (*loc, "known"))
        if person.card:
            self._card(person.card, (*loc, "card"))
        for n, application in enumerate(person.applications):
            here = (*loc, "applications", n)
            self._one_of(application.state, APPLICATION_STATES, (*here, "state"))
            self._one_of(application.reason, REASONS, (*here, "reason"))
            self._whole(application.filed, (*here, "filed"))
        for name, behaviour in person.behaviour.items():
            here = (*loc, "behaviour", name)
            if name not in TREATED:
                among = ", ".join(TREATED)
                self._source.error(here, "unknown-value", key=True, name=name, known=TREATED, among=among)
            self._behaviour(behaviour, here)
        for key, value, allowed in (
            ("face", person.face, FACES),
            ("document", person.document, DOCUMENTS),
        ):
            if isinstance(value, str):
                self._one_of(value, allowed, (*loc, key))
            for n, one in enumerate(value if isinstance(value, list) else ()):
                self._one_of(one, allowed, (*loc, key, n))

    def together(self, people: Sequence[PersonModel]) -> None:
        numbers = [person.id_number for person in people]
        for i, person in enumerate(people):
            if person.id_number in numbers[:i]:
                self._source.error(("people", i, "id_number"), "stub-twice")
            if person.guardian and person.guardian not in numbers:
                self._source.error(("people", i, "guardian"), "stub-guardian")

    def _card(self, card: StubCardModel, loc: Loc) -> None:
        self._one_of(card.state, CARD_STATES, (*loc, "state"))
        self._one_of(card.bank, self._banks, (*loc, "bank"))
        self._one_of(card.e_card, E_CARD_STATES, (*loc, "e_card"))
        for key in ("pin_locked", "expired"):
            self._one_of(getattr(card, key), _YES_NO, (*loc, key))
        if not re.fullmatch(r"[0-9]{4}", card.number):
            self._source.error((*loc, "number"), "stub-card")
        if card.until is not None:
            self._whole(card.until, (*loc, "until"))
        if (card.state == _TEMPORARY) != (card.until is not None):
            self._source.error((*loc, "until" if card.until is not None else "state"), "stub-until")

    def _behaviour(self, behaviour: BehaviourModel, loc: Loc) -> None:
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", behaviour.slow):
            self._source.error((*loc, "slow"), "stub-number", name=behaviour.slow)
        if behaviour.fails:
            self._one_of(behaviour.fails, FAILURES, (*loc, "fails"))
        if behaviour.refuses:
            self._one_of(behaviour.refuses, REFUSALS, (*loc, "refuses"))
        self._whole(behaviour.times, (*loc, "times"))
        self._one_of(behaviour.taken, _YES_NO, (*loc, "taken"))

    def _id_number(self, text: str, loc: Loc) -> None:
        fits = re.fullmatch(r"[0-9]{17}[0-9X]", text) and _born(text)
        if not fits:
            self._source.error(loc, "stub-id")
        elif id_checksum(text[:17]) != text[17]:
            self._source.error(loc, "stub-check", last=id_checksum(text[:17]))

    def _one_of(self, value: str, allowed: Sequence[str], loc: Loc) -> None:
        if value not in allowed:
            among = ", ".join(allowed)
            self._source.error(loc, "unknown-value", name=value, known=allowed, among=among)

    def _whole(self, value: str, loc: Loc) -> None:
        if not re.fullmatch(r"[0-9]{1,4}", value):
            self._source.error(loc, "stub-number", name=value)


def _born(text: str) -> bool:
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True
