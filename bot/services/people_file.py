"""Reading config/stub.yaml: every person checked, every mistake named with its place.

Division codes 66…, 8x9999… and 966… belong to no place, so that no number in the file can be anyone's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bot.content.source import STRINGS
from bot.content.stub_file import DOCUMENTS, FACES, FAILURES
from bot.ports import ACTIONS, APPLICATION_STATES, CARD_STATES, E_CARD_STATES, REASONS, REFUSALS
from bot.services.identity import birth_date, check_character
from bot.services.people import Behaviour, People, Person, SeedApplication, SeedCard

_PORTS = frozenset(name.split(".")[0] for name in ACTIONS)


class BadPeople(ValueError):
    """config/stub.yaml cannot be used. The text names the file, the person and what to mend."""


def load_people(path: Path) -> People:
    """Read config/stub.yaml. Raises BadPeople, which names the file and the person."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadPeople(f"{path}: cannot be read: {e}") from e
    return _people(text, str(path))


@lru_cache(maxsize=4)  # the phone, the stubs and the terminal each read them
def _people(text: str, path: str) -> People:
    try:
        # STRINGS leaves every scalar a string: a number with leading zeros stays what it is.
        raw = yaml.load(text, Loader=STRINGS)  # noqa: S506
    except yaml.YAMLError as e:
        raise BadPeople(f"{path}: cannot be read: {e}") from e
    if not isinstance(raw, dict) or not isinstance(raw.get("people"), list) or not raw["people"]:
        raise BadPeople(f"{path}: `people` must be a list of at least one person")
    banks = {str(k): str(v) for k, v in _mapping(raw.get("banks", {}), f"{path}: banks").items()}
    everyone = [_person(entry, f"{path}: person {n}", banks) for n, entry in enumerate(raw["people"], 1)]
    ids = [p.id_number for p in everyone]
    for person in everyone:
        where = f"{path}: {person.name}"
        if ids.count(person.id_number) > 1:
            raise BadPeople(f"{where}: two people have the id_number {person.id_number}")
        if person.guardian and person.guardian not in ids:
            raise BadPeople(f"{where}: guardian {person.guardian} is nobody's id_number in this file")
    return People(tuple(everyone), banks)


def _person(raw: object, where: str, banks: Mapping[str, str]) -> Person:
    entry = _mapping(raw, where)
    name = _text(entry, "name", where)
    where = f"{where} ({name})"
    _only(entry, Person, where)
    good_for = {str(k): str(v) for k, v in _mapping(entry.get("good_for"), f"{where}: good_for").items()}
    if missing := {"zh", "en"} - good_for.keys():
        raise BadPeople(f"{where}: good_for lacks {', '.join(sorted(missing))}")
    if extra := good_for.keys() - {"zh", "en"}:  # a comma in a sentence without quotes ends it there
        raise BadPeople(
            f"{where}: good_for: put the sentence before {', '.join(sorted(extra))!r} into quotes"
        )
    treatments = _mapping(entry.get("behaviour", {}), f"{where}: behaviour")
    return Person(
        name=name,
        id_number=_id_number(_text(entry, "id_number", where), where),
        good_for=good_for,
        known=_yes(entry, "known", where, default=True),
        registered_as=str(entry.get("registered_as", "")),
        guardian=str(entry.get("guardian", "")),
        card=_card(entry["card"], where, banks) if "card" in entry else None,
        applications=tuple(_application(a, where) for a in _listed(entry.get("applications", []))),
        behaviour={_treated(k, where): _behaviour(v, f"{where}: {k}") for k, v in treatments.items()},
        face=tuple(_one_of(f, FACES, where, "face") for f in _listed(entry.get("face", "match"))),
        document=tuple(
            _one_of(d, DOCUMENTS, where, "document") for d in _listed(entry.get("document", "good"))
        ),
    )


def _card(raw: object, where: str, banks: Mapping[str, str]) -> SeedCard:
    where += ": card"
    entry = _mapping(raw, where)
    _only(entry, SeedCard, where)
    number = _text(entry, "number", where)
    if not re.fullmatch(r"\d{4}", number):
        raise BadPeople(f"{where}: number must be the card's last four digits, not {number!r}")
    card = SeedCard(
        state=_one_of(entry.get("state"), CARD_STATES, where, "state"),
        number=number,
        bank=_one_of(entry.get("bank"), tuple(banks), where, "bank"),
        e_card=_one_of(entry.get("e_card", "none"), E_CARD_STATES, where, "e_card"),
        pin_locked=_yes(entry, "pin_locked", where),
        expired=_yes(entry, "expired", where),
        until=_whole(entry, "until", where) if "until" in entry else None,
        outlet=str(entry.get("outlet", "")),
    )
    if (card.state == "temporary_loss") != (card.until is not None):
        raise BadPeople(f"{where}: until (days from today) belongs to state temporary_loss, and only to it")
    return card


def _application(raw: object, where: str) -> SeedApplication:
    where += ": applications"
    entry = _mapping(raw, where)
    _only(entry, SeedApplication, where)
    return SeedApplication(
        state=_one_of(entry.get("state"), APPLICATION_STATES, where, "state"),
        reason=_one_of(entry.get("reason"), REASONS, where, "reason"),
        filed=_whole(entry, "filed", where),
        reject_reason=str(entry.get("reject_reason", "")),
        outlet=str(entry.get("outlet", "")),
        tracking=str(entry.get("tracking", "")),
    )


def _behaviour(raw: object, where: str) -> Behaviour:
    entry = _mapping(raw, where)
    _only(entry, Behaviour, where)
    try:
        slow = float(str(entry.get("slow", "0")))
    except ValueError:
        raise BadPeople(f"{where}: slow must be seconds, not {entry['slow']!r}") from None
    return Behaviour(
        slow=slow,
        fails=_one_of(entry.get("fails", ""), ("", *FAILURES), where, "fails"),
        refuses=_one_of(entry.get("refuses", ""), ("", *REFUSALS), where, "refuses"),
        times=_whole(entry, "times", where),
        taken=_yes(entry, "taken", where, default=True),
    )


def _treated(name: object, where: str) -> str:
    if name in ACTIONS or name in _PORTS:
        return str(name)
    raise BadPeople(f"{where}: behaviour {name!r} is neither an action (card.find) nor a port (card)")


def _id_number(text: str, where: str) -> str:
    if not re.fullmatch(r"\d{17}[\dX]", text):
        raise BadPeople(f"{where}: id_number must be 17 digits and a digit or X, in quotes, not {text!r}")
    try:
        birth_date(text)
    except ValueError:
        raise BadPeople(f"{where}: id_number {text} holds no real birth date") from None
    if check_character(text[:17]) != text[17]:
        raise BadPeople(f"{where}: id_number {text} should end in {check_character(text[:17])}")
    return text


def _mapping(raw: object, where: str) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise BadPeople(f"{where}: must be `name: value` lines")
    return raw


def _only(entry: Mapping[str, object], shape: type, where: str) -> None:
    if extra := entry.keys() - shape.__dataclass_fields__.keys():  # type: ignore[attr-defined]
        raise BadPeople(f"{where}: does not know {', '.join(sorted(extra))}")


def _listed(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [raw]


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    text = entry.get(key)
    if not isinstance(text, str) or not text.strip():
        raise BadPeople(f"{where}: {key} is missing")
    return text


def _one_of(raw: object, allowed: tuple[str, ...], where: str, key: str) -> str:
    if raw not in allowed:
        raise BadPeople(f"{where}: {key} must be one of {', '.join(a for a in allowed if a)}, not {raw!r}")
    return str(raw)


def _yes(entry: Mapping[str, object], key: str, where: str, default: bool = False) -> bool:
    return _one_of(entry.get(key, "yes" if default else "no"), ("yes", "no"), where, key) == "yes"


def _whole(entry: Mapping[str, object], key: str, where: str) -> int:
    text = str(entry.get(key, "0"))
    if not re.fullmatch(r"\d{1,4}", text):
        raise BadPeople(f"{where}: {key} must be a whole number, not {text!r}")
    return int(text)
