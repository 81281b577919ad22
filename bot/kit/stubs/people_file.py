"""Reading config/stub.yaml, which `shebao check` and this look at with the same eyes.

Division codes 66…, 8x9999… and 966… belong to no place, so that no number in the file can be anyone's.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.content.read.files import content_of
from bot.content.read.source import parse
from bot.content.read.stub_file import (
    ApplicationModel,
    BehaviourModel,
    PersonModel,
    StubCardModel,
    check_stub,
)
from bot.kit.stubs.people import Behaviour, People, Person, SeedApplication, SeedCard


class BadPeople(ValueError):
    """config/stub.yaml cannot be used. The text names the file, each line and what to mend."""


def load_people(path: Path) -> People:
    """Read config/stub.yaml. Raises BadPeople."""
    return _people(content_of(path), str(path))


@lru_cache(maxsize=4)  # the phone, the stubs and the terminal each read them
def _people(written: bytes, path: str) -> People:
    source = parse(path, written)
    found = check_stub(source)
    errors = [str(finding) for finding in sorted(source.findings) if finding.severity == "error"]
    if found is None or errors:
        raise BadPeople("\n".join(errors))
    return People(tuple(_person(person) for person in found.people), found.banks)


def _person(raw: PersonModel) -> Person:
    return Person(
        name=raw.name,
        id_number=raw.id_number,
        good_for=raw.good_for.model_dump(),
        known=raw.known == "yes",
        registered_as=raw.registered_as,
        guardian=raw.guardian,
        card=_card(raw.card) if raw.card else None,
        applications=tuple(_application(application) for application in raw.applications),
        behaviour={about: _behaviour(behaviour) for about, behaviour in raw.behaviour.items()},
        face=_each(raw.face),
        document=_each(raw.document),
    )


def _card(raw: StubCardModel) -> SeedCard:
    return SeedCard(
        state=raw.state,
        number=raw.number,
        bank=raw.bank,
        e_card=raw.e_card,
        pin_locked=raw.pin_locked == "yes",
        expired=raw.expired == "yes",
        until=int(raw.until) if raw.until is not None else None,
        outlet=raw.outlet,
    )


def _application(raw: ApplicationModel) -> SeedApplication:
    return SeedApplication(**raw.model_dump(exclude={"filed"}), filed=int(raw.filed))


def _behaviour(raw: BehaviourModel) -> Behaviour:
    return Behaviour(float(raw.slow), raw.fails, raw.refuses, int(raw.times), raw.taken == "yes")


def _each(raw: str | list[str]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw)
