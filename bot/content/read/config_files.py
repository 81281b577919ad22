"""Checks config/outlets.yaml, stub.yaml, settings.yaml and what a city rests on: their keys and forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from bot.actions import SERVICES
from bot.content.messages import phrase
from bot.content.read import models as m
from bot.content.read.files import CITY, ORIGIN, OUTLETS, SETTINGS, STUB
from bot.content.read.forms import OneOf, Phone, formed
from bot.content.read.policy_file import hours, overlap
from bot.content.read.source import Source
from bot.content.read.stub_file import check_stub
from bot.content.read.validation import mapping, model, wrong_shape

Outlet = TypeVar("Outlet", bound="OutletModel")
KINDS = ("centre", "bank", "kiosk")
_SAID = ("name", "district", "address", "hours", "services")
"""What residents are told of an outlet."""


def _within(low: float, high: float) -> AfterValidator:
    def inside(raw: str) -> float | None:
        with suppress(ValueError):
            return float(raw) if low <= float(raw) <= high else None
        return None

    return formed("coordinates", inside)


class At(m.Model):
    lat: Annotated[str, _within(3.0, 54.0)]
    lon: Annotated[str, _within(73.0, 136.0)]


class OutletModel(m.Model):
    id: Annotated[str, formed("outlet-id", re.compile(r"[\w-]{1,40}", re.ASCII).fullmatch)]
    name: str
    kind: Annotated[str, OneOf(KINDS)]
    district: str
    address: str
    aliases: list[str] = Field([])
    at: At
    phone: Phone
    hours: list[m.HoursModel]
    services: list[Annotated[str, OneOf(SERVICES)]]


class SheetModel(m.Model):
    """config/city.yaml, in a revision config/origin.yaml. `based_on`: by piece what the release said."""

    name: str
    release: str = ""
    based_on: dict[str, str] = Field({})


def read_sheet(source: Source) -> SheetModel | None:
    """Returns None with findings if it cannot be relied on."""
    found = model(source, SheetModel)
    if found and not found.name.strip():
        source.warn(("name",), "blank", key=True, name="name")
    return None if any(x.severity == "error" for x in source.findings) else found


def checks_beside(languages: Collection[str]) -> Mapping[str, Callable[[Source], object]]:
    """Returns the check of each file that is checked with the content but does not affect conversations.
    `languages`: those that have a directory in messages/."""
    settings = partial(_settings, languages=languages)
    city = dict.fromkeys((CITY, ORIGIN), read_sheet)
    return {SETTINGS: settings, STUB: check_stub, OUTLETS: check_outlets, **city}


def check_outlets(source: Source, kind: type[Outlet] = OutletModel) -> list[Outlet]:  # type: ignore[assignment]
    """Returns the outlets, with findings at the source; only usable without errors."""
    made: list[Outlet] = []
    if source.data is None and source.findings:
        return made
    if not isinstance(source.data, list) or not source.data:
        source.error((), "shape", wanted=phrase("outlets"))
        return made
    seen: set[str] = set()
    for i, raw in enumerate(source.data):
        found = model(source, kind, raw, (i,))
        if found is None:
            continue
        made.append(found)
        if found.id in seen:
            source.error((i, "id"), "value-twice", name=found.id)
        seen.add(found.id)
        for key in _SAID:
            if not (raw[key].strip() if isinstance(raw[key], str) else raw[key]):
                source.warn((i, key), "blank", key=True, name=key)
        spans = [hours(source, span, (i, "hours", n)) for n, span in enumerate(found.hours)]
        overlap(source, spans, (i, "hours"))
    return made


def _number(kind: str, value: str, name: str) -> bool:
    """Checks a number as `bot.settings` reads it."""
    from bot.content.read.settings_file import MAY_BE_BELOW, value_of

    try:
        return bool(value_of(kind, value) >= 0 or name in MAY_BE_BELOW)
    except ValueError:
        return False


def _settings(source: Source, languages: Collection[str]) -> None:
    from bot.settings import CHOICES, SECRET, Settings

    known = Settings.__dataclass_fields__
    for name, value in mapping(source).items() if source.data is not None else ():  # it may be empty
        if name not in known:
            source.error((name,), "unknown-key", key=True, name=name, known=known)
        elif name in SECRET:
            source.error((name,), "secret-here", key=True, name=name, variable=f"SHEBAO_{name.upper()}")
        elif not isinstance(value, str):
            wrong_shape(source, (name,), "string_type")
        elif name in CHOICES:
            source.one_of((name,), value, CHOICES[name])
        elif name == "language" and languages:
            source.one_of((name,), value, languages)
        elif known[name].type in ("int", "float") and not _number(str(known[name].type), value, name):
            source.error((name,), "quantity", name=value)
