"""`outlets.near`: the outlets near a place, or those of a typed district, road or nickname."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence

from bot.content.read.config_files import KINDS
from bot.engine.flow import Record, Value
from bot.engine.hours import written
from bot.ports import Request, Result
from bot.services.places import Outlet

LIST_ALL = "list_all"
MOST, MOST_LISTED = 5, 30
"""Outlets of one service to choose from, near a place and of all; without a service all are listed."""
UNKNOWN_DISTANCE = ""
_FARTHEST = 100_000  # metres: beyond it the resident is in another city, and an answer would mislead
_EARTH = 6_371_000
_SUFFIX = re.compile(r"(?:新区|区|县|市|镇|乡|街道)$")
_ROAD = re.compile(r"^(?:.*镇)?(.+?(?:大道|大街|路|街|巷))")


class Outlets:
    """A service that answers from its list only. `outlets`: returns the published list.

    Names and addresses are Chinese, as on doors. A place is {"lat", "lon"} (GCJ-02), {"text"} or list_all.
    """

    def __init__(self, outlets: Callable[[], Sequence[Outlet]]) -> None:
        self._outlets = outlets

    def perform(self, request: Request) -> Result:
        place, service = request.arguments["place"], str(request.arguments.get("service", ""))
        offered = [o for o in self._outlets() if not service or service in o.services]
        most = None if not service else MOST_LISTED if place == LIST_ALL else MOST
        if place == LIST_ALL:
            found = [(o, UNKNOWN_DISTANCE) for o in sorted(offered, key=_by_kind)][:most]
        elif isinstance(place, dict) and "lat" in place:
            found = _nearest(offered, place)[:most]
        else:
            found = [(o, UNKNOWN_DISTANCE) for o in _named(offered, _typed(place))][:most]
        return Result("found" if found else "none", [self._record(o, distance) for o, distance in found])

    def find(self, action: str, key: str) -> Result | None:
        """Returns None: it changes nothing, so nothing is recorded."""
        return None

    def _record(self, outlet: Outlet, distance: str) -> Record:
        return {
            "id": outlet.id,
            "name": outlet.name,
            "distance": distance,
            "address": outlet.district + outlet.address,
            "hours": written(tuple(span.read() for span in outlet.hours)),
            "phone": outlet.phone,
            "services": ",".join(outlet.services),
        }


def metres(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Returns the distance in a straight line (haversine)."""
    phi_1, phi_2 = math.radians(lat_1), math.radians(lat_2)
    half_phi, half_lambda = (phi_2 - phi_1) / 2, math.radians(lon_2 - lon_1) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(h))


def kilometres(distance: float) -> str:
    """Formats a straight-line distance: 0.1, 1.2, 12, never 0."""
    return f"{max(distance, 100) / 1000:.1f}" if distance < 9950 else f"{distance / 1000:.0f}"


def _nearest(outlets: Sequence[Outlet], place: Record) -> list[tuple[Outlet, str]]:
    try:
        lat, lon = float(place["lat"]), float(place["lon"])
    except (KeyError, ValueError):
        return []
    ways = sorted(((metres(lat, lon, o.lat, o.lon), o) for o in outlets), key=lambda way: way[0])
    if not ways or not ways[0][0] <= _FARTHEST:  # written so that NaN counts as too far
        return []
    return [(o, kilometres(way)) for way, o in ways]


def _named(outlets: Sequence[Outlet], typed: str) -> list[Outlet]:
    """Returns outlets with this road, name or alias first, then those of the district; centres before
    banks."""
    wanted = _plain(typed)
    if len(wanted) < 2:
        return []
    exact = [o for o in outlets if any(_same(wanted, _plain(n)) for n in _names(o))]
    district = [o for o in outlets if o not in exact and _same(wanted, _stem(o.district))]
    return sorted(exact, key=_by_kind) + sorted(district, key=_by_kind)


def _names(outlet: Outlet) -> list[str]:
    road = _ROAD.match(outlet.address)
    return [outlet.name, outlet.district + outlet.address, *outlet.aliases, *([road[1]] if road else [])]


def _same(wanted: str, name: str) -> bool:
    """Checks that either contains the other: 我在和平路附近 means 和平路, and 平安 means 平安区."""
    return name in wanted or wanted in name or _stem(wanted) in name


def _stem(text: str) -> str:
    """Removes 区, 县, 市 from the end, unless only one character would be left (东区)."""
    text = _plain(text)
    stem = _SUFFIX.sub("", text)
    return stem if len(stem) >= 2 else text


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


def _typed(place: Value) -> str:
    return place.get("text", "") if isinstance(place, dict) else str(place)


def _by_kind(outlet: Outlet) -> int:
    return KINDS.index(outlet.kind)
