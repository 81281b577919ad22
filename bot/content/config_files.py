"""config/outlets.yaml, stub.yaml and settings.yaml: their keys and forms."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, Field

from bot.content.policy_file import minutes
from bot.content.shape import mapping, model, wrong_shape
from bot.content.source import Loc, Source
from bot.content.stub_file import check_stub
from bot.ports import SERVICES

KINDS = ("centre", "bank", "kiosk")
_DAYS = re.compile(r"([1-7])(?:-([1-7]))?")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class At(_Model):
    lat: str
    lon: str


class OpenModel(_Model):
    days: str
    from_: str = Field(alias="from")
    to: str


class OutletModel(_Model):
    id: str
    name: str
    kind: str
    district: str
    address: str
    aliases: list[str] = []
    at: At
    phone: str
    hours: list[OpenModel]
    services: list[str]


def check_config(name: str, source: Source, languages: Collection[str] = ()) -> None:
    """`languages`: those that have a directory in messages/."""
    if name.endswith("outlets.yaml"):
        _outlets(source)
    elif name.endswith("settings.yaml"):
        _settings(source, languages)
    else:
        check_stub(source)


def _outlets(source: Source) -> None:
    if source.data is None and source.findings:
        return
    if not isinstance(source.data, list) or not source.data:
        source.error((), "shape", wanted="a list of outlets, at least one", zh_wanted="网点的列表，至少一个")
        return
    seen: set[str] = set()
    for i, raw in enumerate(source.data):
        found = model(source, OutletModel, raw, (i,))
        if found is None:
            continue
        if found.id in seen:
            source.error((i, "id"), "value-twice", name=found.id)
        seen.add(found.id)
        source.one_of((i, "kind"), found.kind, KINDS)
        for n, service in enumerate(found.services):
            source.one_of((i, "services", n), service, SERVICES)
        for part, low, high in (("lat", 3.0, 54.0), ("lon", 73.0, 136.0)):
            value = getattr(found.at, part)
            try:
                inside = low <= float(value) <= high
            except ValueError:
                inside = False
            if not inside:
                source.error((i, "at", part), "coordinates", name=value)
        for n, span in enumerate(found.hours):
            _open(source, span, (i, "hours", n))


def _open(source: Source, span: OpenModel, loc: Loc) -> None:
    for part in span.days.split(","):
        found = _DAYS.fullmatch(part.strip())
        if found is None or (found[2] or found[1]) < found[1]:
            source.error((*loc, "days"), "hours-days", name=span.days)
            break
    start, end = minutes(span.from_), minutes(span.to)
    for key, clock, read in (("from", span.from_, start), ("to", span.to, end)):
        if read is None:
            source.error((*loc, key), "hours-clock", name=clock)
    if start is not None and end is not None and start >= end:
        source.error((*loc, "to"), "hours-order", name=span.to)


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
        elif str(known[name].type) == "int" and not (value.isascii() and value.isdigit()):
            source.error((name,), "number", name=value)
