"""config/stub.yaml, the invented people: checks keys and forms, each mistake on its line.

No finding repeats any part of an id_number, since it may be a real one.
"""

from __future__ import annotations

import builtins
import re
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from bot.actions import (
    ACTIONS,
    APPLICATION_STATES,
    CARD_STATES,
    E_CARD_STATES,
    REASONS,
    REFUSALS,
    ports,
)
from bot.content.messages import phrase
from bot.content.read.forms import Few, OneOf, formed
from bot.content.read.models import Model
from bot.content.read.source import Loc, Source
from bot.content.read.validation import model
from bot.reading.numbers import id_checksum

FACES = ("match", "mismatch", "unreadable")
DOCUMENTS = ("good", "unreadable", "other_person", "expired")
FAILURES = ("unavailable", "unknown", "later")


def treated() -> tuple[str, ...]:
    """Returns what a behaviour can be about: a port, or one of its actions."""
    return (*ports(), *answerable())


def answerable() -> tuple[str, ...]:
    return tuple(sorted(ACTIONS))


_TEMPORARY = "temporary_loss"
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_AWAY = re.compile(r"-?[0-9]{1,4}")
_LAST_FOUR = re.compile(r"[0-9]{4}")
T = TypeVar("T")
Stub = TypeVar("Stub", bound="StubModel")


def _several(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


OneOrMore = Annotated[Annotated[T, Tag("one")] | Annotated[list[T], Tag("several")], Discriminator(_several)]
Yes = Annotated[str, OneOf(("yes", "no"))]


def _id_number(text: str) -> str:
    """Checks the number; the finding does not repeat it."""
    if not (re.fullmatch(r"[0-9]{17}[0-9X]", text) and _born(text)):
        raise PydanticCustomError("stub-id", "not an id_number")
    if id_checksum(text[:17]) != text[17]:
        raise PydanticCustomError("stub-check", "another last character", {"last": id_checksum(text[:17])})
    return text


def _born(text: str) -> bool:
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True


class GoodForModel(Model):
    zh: str
    en: str


class StubCardModel(Model):
    state: Annotated[str, OneOf(CARD_STATES)]
    number: Annotated[str, formed("stub-card", _LAST_FOUR.fullmatch)]
    bank: str
    e_card: Annotated[str, OneOf(E_CARD_STATES)] = "none"
    pin_locked: Yes = "no"
    expired: Yes = "no"
    until: Few | None = None  # days from today until a temporary loss lapses
    outlet: str = ""


class ApplicationModel(Model):
    state: Annotated[str, OneOf(APPLICATION_STATES)]
    reason: Annotated[str, OneOf(REASONS)]
    filed: Few = "0"  # how many days ago it was filed
    reject_reason: str = ""
    outlet: str = ""
    tracking: str = ""


class BehaviourModel(Model):
    slow: Annotated[str, formed("stub-number", _SECONDS.fullmatch)] = "0"  # seconds
    fails: Annotated[str, OneOf(FAILURES)] = ""
    refuses: Annotated[str, OneOf(REFUSALS)] = ""
    times: Few = "0"  # calls it holds for each day; 0: always
    taken: Yes = "yes"  # an operation whose answer is lost was completed nevertheless


class AnswerModel(BaseModel):
    """Fields of the action besides these; a day as a number of days from today."""

    model_config = ConfigDict(extra="allow", frozen=True)
    outcome: str
    list: builtins.list[dict[str, str]] = Field([])
    __pydantic_extra__: dict[str, str]

    @property
    def rows(self) -> builtins.list[dict[str, str]]:
        """Returns the records that it brings."""
        return self.list or ([self.__pydantic_extra__] if self.__pydantic_extra__ else [])


class PersonModel(Model):
    name: str = Field(min_length=1)
    id_number: Annotated[str, AfterValidator(_id_number)]
    good_for: GoodForModel
    known: Yes = "yes"
    registered_as: str = ""
    guardian: str = ""
    card: StubCardModel | None = None
    applications: list[ApplicationModel] = Field([])
    # by an action or a port
    behaviour: dict[Annotated[str, OneOf(treated)], BehaviourModel] = Field({})
    # what a service of a package's own answers, by action: the answer at each call, as for face
    answers: dict[Annotated[str, OneOf(answerable)], OneOrMore[AnswerModel]] = Field({})
    face: OneOrMore[Annotated[str, OneOf(FACES)]] = "match"
    document: OneOrMore[Annotated[str, OneOf(DOCUMENTS)]] = "good"


class StubModel(Model):
    people: list[PersonModel] = Field(min_length=1)
    banks: dict[str, str] = Field({})


def check_stub(source: Source, kind: type[Stub] = StubModel) -> Stub | None:  # type: ignore[assignment]
    """Returns the people, with findings at the source; only usable without errors."""
    found = model(source, kind)
    if found is None:
        return None
    numbers = {person.id_number for person in found.people}
    seen: set[str] = set()
    for i, person in enumerate(found.people):
        if person.id_number in seen:
            source.error(("people", i, "id_number"), "stub-twice")
        seen.add(person.id_number)
        if person.guardian and person.guardian not in numbers:
            source.error(("people", i, "guardian"), "stub-guardian")
        for action, answers in person.answers.items():
            at: Loc = ("people", i, "answers", action)
            several = isinstance(answers, list)
            for n, answer in enumerate(answers if isinstance(answers, list) else [answers]):
                _answer(source, action, answer, (*at, n) if several else at)
        if person.card is not None:
            loc: Loc = ("people", i, "card")
            source.one_of((*loc, "bank"), person.card.bank, [*found.banks])
            if (person.card.state == _TEMPORARY) != (person.card.until is not None):
                part = "state" if person.card.until is None else "until"
                source.error((*loc, part), "stub-until")
    return found


def _answer(source: Source, action: str, answer: AnswerModel, loc: Loc) -> None:
    """Checks that the action can have this outcome, and that the fields are its own."""
    declared = ACTIONS[action]
    source.one_of((*loc, "outcome"), answer.outcome, declared.outcomes)
    needed = {name for name, field in declared.fields.items() if field.sure}
    brings = answer.outcome == declared.outcomes[0]
    if declared.fields and brings and (not answer.rows or bool(answer.list) != declared.many):
        shape = phrase("as-list") if declared.many else phrase("as-fields")
        source.error(loc, "stub-answer", key=True, name=action, shape=shape, fields=", ".join(sorted(needed)))
    for n, row in enumerate(answer.rows):
        at = (*loc, "list", n) if answer.list else loc
        if brings and (lacking := needed - row.keys()):
            source.error(at, "stub-field", key=True, name=action, fields=", ".join(sorted(lacking)))
        for name, value in row.items():
            field = declared.fields.get(name)
            if field is None:
                source.error(
                    (*at, name), "unknown-field", key=True, name=name, known=declared.fields, of=action
                )
            elif field.kind == "date" and not _AWAY.fullmatch(value):
                source.error((*at, name), "stub-day", name=value)
            elif field.of and not {*(value.split(",") if field.kind == "codes" else [value])} <= {*field.of}:
                source.one_of((*at, name), value, field.of)
