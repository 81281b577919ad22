"""Failed real-name and face checks cause growing delays, reported as `locked`; no turn waits.

An openid that was matched with an ID number before has an allowance of its own there, so others who guess at
that number (it is in a stolen wallet) cannot lock its holder out. All others share the allowance of the
number and of their openid. Counts hold tags and times only; deletion does not reset them, they end after a
day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.actions import WAITS
from bot.ports import Request, Result, Service, Unknown
from bot.services.identity import plain_id
from bot.services.ledger import Decision, Json, Ledger, Name, Unreachable
from bot.store.records import StoreAway
from bot.store.sign_ins import SignIns, disputed

log = structlog.get_logger()

COUNTED = {"real_name.check": "name", "real_name.check_family": "name", "real_name.match_face": "face"}
"""What a failure of each action guessed at."""
HOUR, DAY = 3600, 86400
STEPS = tuple(WAITS.values())
"""Seconds of delay after each failure above the limit, for one openid."""
NUMBER_STEPS = tuple(step for step in STEPS if step <= HOUR)
"""The same for an ID number, or for one openid matched with it: its holder must get through."""
EVERYBODY = ("checks", "all")
LIFT = 2
"""Steps added to the delays of openids that were never matched, while too many guess in the city."""


class Limited:
    """A real-name service with limits of its own. `tries`: failures in a day before delays begin.

    `alarm`: failures in an hour, of openids with numbers they were never matched with, over all residents.
    From then on the delays of openids that were never matched at all are longer, and an alarm is logged. A
    check takes its place in the counts before it is made and frees it unless it failed, so parallel checks
    cannot pass a limit; a place is an idempotency key, so a repeated attempt counts once.
    """

    def __init__(
        self,
        service: Service,
        counts: Ledger,
        now: Callable[[], int],
        tries: int = 5,
        alarm: int = 200,
        sign_ins: SignIns | None = None,
    ) -> None:
        self._service, self._counts, self._sign_ins = service, counts, sign_ins
        self._tries, self._alarm, self._now = tries, alarm, now

    def perform(self, request: Request) -> Result:
        """Implements bot.ports.Service. `unavailable` if the store is away: the bureau was not asked."""
        if request.action == "real_name.freeze":
            return self._freeze(request)
        if request.action not in COUNTED:
            return self._service.perform(request)
        try:
            place = self._place(request)
            wait = place.frozen or self._take(place)
        except (StoreAway, Unreachable, Unknown):
            return Result("unavailable")
        if wait > 0:
            told = place.frozen and len(place.names) == 1  # a stranger must not learn that it is frozen
            return Result("locked", {"wait": _told(wait), **({"frozen": "yes"} if told else {})})
        result = None
        try:
            result = self._service.perform(request)
        finally:
            self._finish(place, failed=result is not None and result.outcome == "mismatch")
        return result

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)

    def _freeze(self, request: Request) -> Result:
        """Blocks sign-ins for a day with the ID number of a notice; asks no bureau."""
        if self._sign_ins is None:  # a conversation in memory has no other sign-ins
            return Result("none")
        try:
            held = self._sign_ins.of(request.shard, request.resident, self._now())
            person = disputed(held, str(request.arguments.get("notice", "")))
            if person:
                self._sign_ins.freeze(person, self._now())
        except StoreAway:
            return Result("unavailable")
        return Result("done" if person else "none")

    def _place(self, request: Request) -> _Place:
        about, number = COUNTED[request.action], plain_id(str(request.arguments["id_number"]))
        held = self._sign_ins.of(request.shard, request.resident, self._now()) if self._sign_ins else {}
        person = self._sign_ins.person(number) if self._sign_ins else ""
        matched = {name for name in held if name.startswith(("name:", "face:"))}
        pair = ("checks", f"{about} {request.resident} {number}")
        others = (
            ("checks", f"{about} id {number}"),
            ("checks", f"{about} resident {request.resident}"),
            EVERYBODY,
        )
        return _Place(
            self._counts.tag(request.key),
            (pair, *(() if f"{about}:{person}" in matched else others)),
            bool(matched),
            self._sign_ins.frozen(person, self._now()) if self._sign_ins else 0,
        )

    def _take(self, place: _Place) -> int:
        """Returns 0 if the check may be made, else seconds until it may.

        Raises:
            Unreachable, Unknown.
        """

        def decide(records: tuple[Json | None, ...]) -> tuple[Decision, int]:
            now = self._now()
            pair, *others = [_fresh(record, now) for record in records]
            nothing = (None,) * len(others)
            if place.id in _places(pair):
                return Decision((None, *nothing)), 0
            if not others:
                wait = self._until(pair, NUMBER_STEPS, 0) - now
                if wait > 0:
                    return Decision((None,)), wait
                return Decision((_with(pair, place.id, now),)), 0
            number, resident, city = others
            lift = LIFT if not place.known and _failed(city, now) >= self._alarm else 0
            own, promised = self._until(resident, STEPS, lift), pair.get("open", 0)
            # an announced time holds: a resident back in time is admitted, however many guessed meanwhile
            until = max(own, promised or self._until(number, NUMBER_STEPS, lift))
            if until > now:
                return Decision((pair | {"open": promised or until}, *nothing)), until - now
            taken = _with(pair, place.id, now) | {"open": 0}
            return Decision((taken, _with(number, place.id, now), _with(resident, place.id, now), None)), 0

        return int(self._counts.change(place.names, decide))

    def _finish(self, place: _Place, failed: bool) -> None:
        """Frees the place unless the check failed; if that cannot be written, it stays taken."""

        def decide(records: tuple[Json | None, ...]) -> tuple[Decision, int]:
            now = self._now()
            kept = [_fresh(record, now) for record in records]
            if not failed:
                return Decision(tuple(_without(record, place.id) for record in kept)), 0
            if len(kept) < 4:
                return Decision((None,)), 0
            count = _failed(kept[3], now) + 1
            return Decision((None, None, None, {"hour": now // HOUR, "count": count})), count

        try:
            count = self._counts.change(place.names, decide)
        except (Unreachable, Unknown) as e:
            log.warning("check not counted", cause=str(e))
            return
        if count and count % max(self._alarm, 1) == 0:
            log.error("many failed checks", alert=True, this_hour=count, limit=self._alarm)

    def _until(self, record: Json, steps: Sequence[int], lift: int) -> int:
        """Returns when the next check may be made, epoch seconds."""
        over = len(record["failed"]) - self._tries
        if over < 0 or not record["failed"]:
            return 0
        return int(record["failed"][-1][1]) + steps[min(over + lift, len(steps) - 1)]


def failures(counts: Ledger, now: int) -> int:
    """Returns the failures of this hour in the whole city.

    Raises:
        Unreachable.
    """
    (city,) = counts.read(EVERYBODY)
    return _failed(city or {}, now)


def _failed(city: Json, now: int) -> int:
    return int(city["count"]) if city.get("hour") == now // HOUR else 0


@dataclass(frozen=True)
class _Place:
    """One check. `names`: the records it counts in: pair, number, resident, all; or the pair alone. `known`:
    its openid was matched with some number. `frozen`: seconds for which the number is blocked for sign-in."""

    id: str
    names: tuple[Name, ...]
    known: bool
    frozen: int


def _told(seconds: int) -> str:
    """Returns the shortest wait with a text that is long enough."""
    return next((wait for wait, lasts in WAITS.items() if lasts >= seconds), list(WAITS)[-1])


def _fresh(record: Json | None, now: int) -> Json:
    """Returns the failures of the last day, in order of time."""
    made = {"failed": [], **(record or {})}
    return {**made, "failed": [[place, at] for place, at in made["failed"] if at > now - DAY]}


def _places(record: Json) -> list[str]:
    return [place for place, _ in record["failed"]]


def _with(record: Json, place: str, now: int) -> Json:
    return record | {"failed": [*record["failed"], [place, now]]}


def _without(record: Json, place: str) -> Json | None:
    left = [entry for entry in record["failed"] if entry[0] != place]
    return record | {"failed": left} if len(left) < len(record["failed"]) else None
