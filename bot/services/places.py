"""The outlets of config/outlets.yaml, which `shebao check` and this look at with the same eyes.

Coordinates are GCJ-02.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.content.read.config_files import OutletModel, check_outlets
from bot.content.read.files import content_of
from bot.content.read.source import parse
from bot.engine.hours import Hours


class BadOutlets(ValueError):
    """config/outlets.yaml cannot be used. The text names the file, each line and what to mend."""


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
    hours: tuple[Hours, ...]
    services: tuple[str, ...]
    aliases: tuple[str, ...] = ()


def load_outlets(path: Path) -> tuple[Outlet, ...]:
    """Read config/outlets.yaml. Raises BadOutlets."""
    return read_outlets(content_of(path), str(path))


def read_outlets(written: bytes, path: str) -> tuple[Outlet, ...]:
    """As `load_outlets`, of a file's bytes. `path`: how errors name it."""
    source = parse(path, written)
    found = check_outlets(source)
    errors = [str(finding) for finding in sorted(source.findings) if finding.severity == "error"]
    if errors:
        raise BadOutlets("\n".join(errors))
    return tuple(_outlet(raw) for raw in found)


def _outlet(raw: OutletModel) -> Outlet:
    return Outlet(
        id=raw.id,
        name=raw.name,
        kind=raw.kind,
        district=raw.district,
        address=raw.address,
        lat=float(raw.at.lat),
        lon=float(raw.at.lon),
        phone=raw.phone,
        hours=tuple(span.read() for span in raw.hours),
        services=tuple(raw.services),
        aliases=tuple(raw.aliases),
    )
