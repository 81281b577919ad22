"""The table of services, used by web, worker, chat, replay and HTTP replay.

A city's own package adds a port by an entry point of the group `shebao.services` (`bot.actions.discover`): a
function that calls `register`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.actions import ACTIONS, DAY, EVENTS, EventKind, UnknownPort, port_of, ports, slot_of
from bot.content.read.city import file_of
from bot.content.read.files import STUB
from bot.engine.content import Content
from bot.engine.flow import Action
from bot.kit.stubs.answers import AnswersStub
from bot.kit.stubs.people import People, load_people
from bot.kit.stubs.policy import Policy
from bot.kit.stubs.stub_card import CardStub
from bot.kit.stubs.stub_real_name import RealNameStub
from bot.ports import Service
from bot.services.faces import FaceProofs, ProvenFaces
from bot.services.ledger import Ledger
from bot.services.limit import Limited
from bot.services.outlets import Outlets
from bot.services.places import Outlet
from bot.services.wire import WITH_RECORD
from bot.store.sign_ins import SignIns


@dataclass(frozen=True)
class Place:
    """Where a service is built: a process, or one conversation of a replay.

    `now`: epoch seconds. `sleep`: spends the time of a slow stub. `tries`, `alarm`, `counts`, `sign_ins`: of
    `bot.services.limit`; without `counts` they are kept in `ledger`. `proofs`: of faces that were compared on
    a page of the service's; None: pictures are sent to it. `root`: the content directory, for
    config/stub.yaml, which `people` reads on demand.
    """

    root: Path
    now: Callable[[], int]
    content: Callable[[], Content]
    outlets: Callable[[], Sequence[Outlet]]
    ledger: Ledger
    sleep: Callable[[float], None] = time.sleep
    tries: int = 5
    alarm: int = 200
    counts: Ledger | None = None
    sign_ins: SignIns | None = None
    proofs: FaceProofs | None = None
    known: People | None = field(default=None, repr=False)

    @cached_property
    def people(self) -> People:
        """Returns the known people, or reads them.

        Raises:
            BadPeople.
        """
        return self.known or load_people(file_of(self.root, STUB))

    def policy(self) -> Policy:
        content = self.content().at(self.now())
        return Policy.of(content.policy, content.calendar)


Build = Callable[[Place], Service]
_BUILDS: dict[str, Build] = {}


def register(
    port: str, build: Build, actions: Mapping[str, Action], events: Mapping[str, EventKind] | None = None
) -> None:
    """`build` makes the service itself, or its stub where the setting gives the service's address.

    `actions`: port.name -> its outcomes, arguments and fields; none for those of bot.actions. `events`:
    port.slot -> what the service reports by itself of a change made here.

    Raises:
        ValueError: the port or action exists already, or the action belongs to another port; an event that
            could find nobody.
    """
    twice = [port, *actions] if port in _BUILDS else [name for name in actions if name in ACTIONS]
    wrong = [name for name in actions if port_of(name) != port]
    if twice or wrong:
        raise ValueError(f"cannot be registered as {port}: {', '.join(twice or wrong)}")
    ACTIONS.update(actions)
    try:
        for name, event in (events or {}).items():
            _check_event(port, name, event)
            EVENTS[name] = event
    except ValueError:
        _remove(ACTIONS, actions)
        _remove(EVENTS, events or {})
        raise
    _BUILDS[port] = build


def _check_event(port: str, name: str, event: EventKind) -> None:
    """Raises ValueError, which says what to do, if it could find nobody or tell nothing."""
    change, record, slot = ACTIONS.get(event.change), ACTIONS.get(event.record), slot_of(name)
    if port_of(name) != port or not slot.isidentifier() or slot in (DAY, *map(slot_of, EVENTS)):
        raise ValueError(
            f"event {name}: call it {port}.<slot>, by the slot that its record is handed in as; it cannot be "
            f"{', '.join((DAY, *map(slot_of, EVENTS)))}"
        )
    if not change or port_of(event.change) != port or not change.changes or "number" not in change.fields:
        raise ValueError(
            f"event {name}: change={event.change} must be an action of {port} that changes something "
            "(an argument with “!”) and saves `number`"
        )
    number = record.fields.get("number") if record and record.outcomes[0] in WITH_RECORD else None
    if not record or port_of(event.record) != port or record.many or not number or not number.sure:
        raise ValueError(
            f"event {name}: record={event.record} must be an action of {port} that saves one record, always "
            f"with `number`, at its first outcome: {', '.join(sorted(WITH_RECORD))}"
        )


def prepared(place: Place) -> Service:
    """Builds the stub of your own port: `answers` of config/stub.yaml. Where the setting `services` names the
    port's address, requests go there instead, by docs/bureau.openapi.yaml."""
    return AnswersStub(place.people, place.ledger, place.now, place.sleep)


def unregister(port: str) -> None:
    """Removes a port; for tests.

    Raises:
        KeyError.
    """
    del _BUILDS[port]
    for table in (ACTIONS, EVENTS):
        _remove(table, [name for name in table if port_of(name) == port])


def _remove(table: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        table.pop(name, None)


def services(
    place: Place, elsewhere: Callable[[str], Service | None] = lambda port: None
) -> dict[str, Service]:
    """Returns the services by port. `elsewhere`: the service at a port's address, if it has one.

    Raises:
        UnknownPort, BadPeople.
    """
    if lacking := [port for port in ports() if port not in _BUILDS]:
        raise UnknownPort(lacking)
    made = {port: elsewhere(port) or build(place) for port, build in _BUILDS.items()}
    counts = place.counts or place.ledger
    real_name = ProvenFaces(made["real_name"], place.proofs) if place.proofs else made["real_name"]
    limited = Limited(real_name, counts, place.now, place.tries, place.alarm, place.sign_ins)
    return made | {"real_name": limited}


register("real_name", lambda p: RealNameStub(p.people, p.ledger, p.now, p.sleep), {})
register(
    "card",
    lambda p: CardStub(
        p.people, p.ledger, p.now, p.policy, p.sleep, lambda: {o.id: o.name for o in p.outlets()}
    ),
    {},
)
register("outlets", lambda p: Outlets(p.outlets), {})
