"""config/outlets.yaml, stub.yaml and settings.yaml: their keys and forms."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.content.policy_file import minutes
from bot.content.shape import model
from bot.content.source import Loc, Source
from bot.content.stub_file import check_stub

SERVICES = [
    "report_loss",
    "cancel_loss",
    "apply_card",
    "collect_card",
    "instant_card",
    "enable",
    "reset_pin",
    "print_record",
]
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
        if found.kind not in KINDS:
            source.error((i, "kind"), "unknown-value", name=found.kind, known=KINDS, among=", ".join(KINDS))
        for n, service in enumerate(found.services):
            if service not in SERVICES:
                among = ", ".join(SERVICES)
                source.error((i, "services", n), "unknown-value", name=service, known=SERVICES, among=among)
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
    data: dict[str, Any] = source.data if isinstance(source.data, dict) else {}
    for name, value in data.items():
        if name not in known:
            source.error((name,), "unknown-key", key=True, name=name, known=known)
        elif name in SECRET:
            source.error((name,), "secret-here", key=True, name=name, variable=f"SHEBAO_{name.upper()}")
        elif not isinstance(value, str):
            source.error((name,), "shape", wanted="a word or sentence", zh_wanted="文字")
        elif name in CHOICES and value not in CHOICES[name]:
            among = ", ".join(CHOICES[name])
            source.error((name,), "unknown-value", name=value, known=CHOICES[name], among=among)
        elif name == "language" and languages and value not in languages:
            among = ", ".join(languages)
            source.error((name,), "unknown-value", name=value, known=languages, among=among)
        elif str(known[name].type) == "int" and not str(value).isdigit():
            source.error((name,), "number", name=value)
