"""The outlets of config/outlets.yaml, which `shebao check` reads by the same code."""

from __future__ import annotations

from pathlib import Path

from bot.content.read.config_files import OutletModel, check_outlets
from bot.content.read.files import content_of
from bot.content.read.source import parse


class BadOutlets(ValueError):
    """config/outlets.yaml cannot be used. The text names the file, each line and the correction."""


class Outlet(OutletModel):
    @property
    def lat(self) -> float:
        """GCJ-02 degrees."""
        return float(self.at.lat)

    @property
    def lon(self) -> float:
        return float(self.at.lon)


def load_outlets(path: Path) -> tuple[Outlet, ...]:
    """Reads config/outlets.yaml.

    Raises:
        BadOutlets: it cannot be used.
    """
    return read_outlets(content_of(path), str(path))


def read_outlets(written: bytes, path: str) -> tuple[Outlet, ...]:
    """Parses a file's bytes like `load_outlets`. `path`: its name in errors."""
    source = parse(path, written)
    found = check_outlets(source, Outlet)
    errors = [str(finding) for finding in sorted(source.findings) if finding.severity == "error"]
    if errors:
        raise BadOutlets("\n".join(errors))
    return tuple(found)
