"""The outlets of config/outlets.yaml: read and checked once, then frozen. Coordinates are GCJ-02."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.content.source import STRINGS
from bot.ports import SERVICES

KINDS = ("centre", "bank", "kiosk")


class BadOutlets(ValueError):
    """config/outlets.yaml cannot be used. The text names the file, the outlet and what to mend."""


@dataclass(frozen=True)
class Opening:
    """Open on `days` (1 Monday … 7 Sunday), from and to in minutes after midnight, China's time."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Outlet:
    id: str
    name: str
    kind: str
    district: str
    address: str
    lat: float
    lon: float
    phone: str
    hours: tuple[Opening, ...]
    services: tuple[str, ...]
    aliases: tuple[str, ...] = ()


def load_outlets(path: Path) -> tuple[Outlet, ...]:
    """Read config/outlets.yaml. Raises BadOutlets, which names the file and the outlet."""
    try:
        return read_outlets(path.read_bytes(), str(path))
    except OSError as e:
        raise BadOutlets(f"{path}: cannot be read: {e}") from e


def read_outlets(written: bytes, path: str) -> tuple[Outlet, ...]:
    """As `load_outlets`, of a file's bytes. `path`: how errors name it."""
    try:
        # STRINGS leaves every scalar a string: 9:00 would be 540 and 0571 an octal otherwise.
        raw = yaml.load(written.decode("utf-8"), Loader=STRINGS)  # noqa: S506
    except (UnicodeDecodeError, yaml.YAMLError) as e:
        raise BadOutlets(f"{path}: cannot be read: {e}") from e
    if not isinstance(raw, list) or not raw:
        raise BadOutlets(f"{path}: must be a list of at least one outlet")
    outlets = []
    for n, entry in enumerate(raw, 1):
        try:
            outlets.append(_outlet(entry))
        except (KeyError, TypeError, ValueError) as e:
            name = entry.get("id", "") if isinstance(entry, dict) else ""
            what = f"{e.args[0]} is missing" if isinstance(e, KeyError) else str(e)
            raise BadOutlets(f"{path}: outlet {n} ({name}): {what}") from e
    ids = [o.id for o in outlets]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise BadOutlets(f"{path}: two outlets have the id {', '.join(sorted(twice))}")
    return tuple(outlets)


def _outlet(raw: Mapping[str, object]) -> Outlet:
    at, hours, services, aliases = raw["at"], raw["hours"], raw["services"], raw.get("aliases", [])
    if not (isinstance(at, dict) and isinstance(hours, list) and isinstance(services, list)):
        raise ValueError("at must be {lat, lon}; hours and services must be lists")
    if raw["kind"] not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {raw['kind']!r}")
    if unknown := [s for s in services if s not in SERVICES]:
        raise ValueError(f"services does not know {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    lat, lon = float(at["lat"]), float(at["lon"])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"at {lat}, {lon} is nowhere: lat comes first")
    return Outlet(
        **{key: str(raw[key]) for key in ("id", "name", "kind", "district", "address", "phone")},
        lat=lat,
        lon=lon,
        hours=tuple(_opening(h) for h in hours),
        services=tuple(services),
        aliases=tuple(aliases) if isinstance(aliases, list) else (str(aliases),),
    )


def _opening(raw: Mapping[str, str]) -> Opening:
    days: list[int] = []
    for part in raw["days"].split(","):
        found = re.fullmatch(r"([1-7])(?:-([1-7]))?", part.strip())
        if found is None:
            raise ValueError(f"days are written 1-5 or 1-5,7 (1 Monday … 7 Sunday), not {raw['days']!r}")
        days.extend(range(int(found[1]), int(found[2] or found[1]) + 1))
    start, end = _minutes(raw["from"]), _minutes(raw["to"])
    if start >= end:
        raise ValueError(f"hours from {raw['from']} to {raw['to']}: must open before it closes")
    return Opening(tuple(days), start, end)


def _minutes(text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text)
    if found is None or int(found[1]) * 60 + int(found[2]) > 1440:
        raise ValueError(f"a time of day is written 9:00, not {text!r}")
    return int(found[1]) * 60 + int(found[2])
