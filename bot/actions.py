"""The table of actions that flows may call: arguments, outcomes, and the fields that they save.

An action's outcomes are a closed set; see `bot.ports.Service` for what `unavailable` promises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points

from bot.engine.flow import Action, Field


def action(outcomes: str, arguments: str, /, **fields: Field) -> Action:
    """`outcomes`: the first one saves the fields. `arguments`: names, `?` after an optional one, `!` after
    the one that names what is changed."""
    names = arguments.split()
    return Action(
        outcomes=tuple(outcomes.split()),
        arguments={name.rstrip("?!"): not name.endswith("?") for name in names},
        fields=fields,
        subject=next((name[:-1] for name in names if name.endswith("!")), ""),
    )


def listed(outcomes: str, arguments: str, /, **fields: Field) -> Action:
    """Returns the same, for an action that saves a list of entries with these fields."""
    return replace(action(outcomes, arguments, **fields), many=True)


TEXT, DATE, YES_NO = Field(), Field("date"), Field("yes_no", ("yes", "no"))
REF, MAYBE_REF = Field(ref=True), Field(sure=False, ref=True)
MAYBE, MAYBE_DATE = Field(sure=False), Field("date", sure=False)
CARD_STATES = ("making", "ready", "sealed", "normal", "temporary_loss", "formal_loss", "cancelled")
E_CARD_STATES = ("none", "issued", "needs_authorisation", "stopped")
APPLICATION_STATES = (
    "unpaid",
    "reviewing",
    "approved",
    "rejected",
    "making",
    "ready",
    "posted",
    "collected",
    "withdrawn",
)
REFUSALS = ("not_holder", "in_review", "policy", "state")
REFUSAL = Field("code", REFUSALS, sure=False)
REASONS = ("lost", "stolen", "damaged", "expired", "name", "number", "photo", "bank")
AGE = Field("code", ("adult", "minor"))
WAITS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14400, "1d": 86400}
"""How long `locked` may last, in seconds. A bureau with locks of its own need not say it."""
WAIT = Field("code", tuple(WAITS), sure=False)
FROZEN = Field("yes_no", ("yes", "no"), sure=False)

MATCH_FACE, BEGIN_FACE = "real_name.match_face", "real_name.begin_face"
"""The second is asked by the resident's page alone: where a face is compared on a page of the service's."""

SERVICES = (
    "report_loss",
    "cancel_loss",
    "apply_card",
    "collect_card",
    "instant_card",
    "enable",
    "reset_pin",
    "print_record",
)
"""The services of an outlet, separated by commas. `distance` is in kilometres, `hours` those of the week,
like 1-5 9:00–17:00; a text shows their state at the moment it is sent."""
CHANGED = "done already refused unavailable"

ACTIONS: dict[str, Action] = {
    "real_name.check": action(
        "match mismatch locked unavailable", "id_number name", age_group=AGE, wait=WAIT, frozen=FROZEN
    ),
    MATCH_FACE: action("match mismatch unreadable locked unavailable", "image id_number name", wait=WAIT),
    BEGIN_FACE: action("begun unavailable", "state return_to id_number name", address=TEXT),
    "real_name.check_family": action(
        "match mismatch locked unavailable",
        "id_number name guardian household relation",
        age_group=AGE,
        wait=WAIT,
        frozen=FROZEN,
    ),
    "real_name.read_document": action(
        "good unreadable other_person expired unavailable", "front back id_number"
    ),
    "real_name.freeze": action("done none unavailable", "notice?"),
    "card.find": action(
        "found not_found unavailable",
        "id_number",
        id=REF,
        holder=Field(pii="name"),
        number=REF,
        state=Field("code", CARD_STATES),
        e_card=Field("code", E_CARD_STATES),
        until=MAYBE_DATE,
        pin_locked=YES_NO,
        expired=YES_NO,
        application=MAYBE_REF,
        outlet=MAYBE,
        bank=TEXT,
    ),
    "card.recheck": action(
        "found not_found unavailable",
        "card",
        number=REF,
        state=Field("code", CARD_STATES),
        until=MAYBE_DATE,
    ),
    "card.issue_e_card": action(CHANGED, "card!", refusal=REFUSAL),
    "card.cancel_loss": action(CHANGED, "card!", refusal=REFUSAL),
    "card.enable": action(CHANGED, "card!", refusal=REFUSAL),
    "card.report_loss": action(
        CHANGED,
        "card! kind reason?",
        number=REF,
        kind=Field("code", ("temporary", "formal")),
        until=MAYBE_DATE,
        refusal=REFUSAL,
        bank_name=TEXT,
        bank_phone=TEXT,
    ),
    "card.applications": listed("found none unavailable", "id_number", title=TEXT, date=DATE, id=REF),
    "card.progress": action(
        "found none unavailable",
        "application",
        id=REF,
        state=Field("code", APPLICATION_STATES),
        number=REF,
        reason=Field("code", REASONS),
        reject_reason=MAYBE,
        fee=MAYBE,
        pay_before=MAYBE_DATE,
        pay_where=MAYBE,
        review_until=MAYBE_DATE,
        ready_by=MAYBE_DATE,
        outlet=MAYBE,
        tracking=MAYBE_REF,
    ),
    "card.withdraw": action(CHANGED, "application!", refusal=REFUSAL),
    "card.quote": action(
        "known unavailable", "card reason delivery", fee=TEXT, postage=TEXT, total=TEXT, days=TEXT
    ),
    "card.apply": action(
        CHANGED,
        "card! reason mobile valid_to front back portrait delivery address? outlet?",
        number=REF,
        state=Field("code", APPLICATION_STATES),
        fee=MAYBE,
        pay_before=MAYBE_DATE,
        pay_where=MAYBE,
        refusal=REFUSAL,
    ),
    "outlets.near": listed(
        "found none",
        "place service?",
        id=TEXT,
        name=TEXT,
        distance=MAYBE,
        address=TEXT,
        hours=Field("hours"),
        phone=TEXT,
        services=Field("codes", SERVICES),
    ),
}
"""The part before the dot is the port's name. `bot.kit.stubs.registry.register` adds a service's own."""


@dataclass(frozen=True)
class EventKind:
    """A kind of event that a service reports without being asked. `change`: the action made here whose
    `number` it names. `record`: the action whose fields it carries, as for its first outcome."""

    change: str
    record: str

    @property
    def fields(self) -> Mapping[str, Field]:
        return ACTIONS[self.record].fields


EVENTS = {"card.application": EventKind("card.apply", "card.progress")}
"""By port.name; `register` adds a service's own."""


DAY = "day"
"""The slot that the day of an event is handed in as."""


def slot_of(event: str) -> str:
    """Returns the slot that an event's record is handed in as."""
    return event.partition(".")[2]


def reported_by_bureau(given: Mapping[str, object]) -> str:
    """Returns the event that hands these slots in; "" if none does."""
    return next((event for event in EVENTS if slot_of(event) in given), "")


class UnknownPort(Exception):
    """Actions may be called that no service is registered for."""

    def __init__(self, lacking: Sequence[str]) -> None:
        super().__init__(
            f"no service is registered for {', '.join(lacking)}: see bot.kit.stubs.registry.register"
        )


def port_of(action: str) -> str:
    return action.partition(".")[0]


def ports() -> list[str]:
    """Returns all ports that actions call."""
    return sorted({port_of(action) for action in ACTIONS})


@cache
def discover() -> None:
    """Lets packages that are installed beside this one register their services."""
    for entry in entry_points(group="shebao.services"):
        entry.load()()


PHOTOS = frozenset({"image", "household", "front", "back", "portrait"})
"""Arguments that hold a MediaId in the job and the photo itself (base64) in a request to a bureau."""
FREEZE = "real_name.freeze"
"""Asks no bureau: see bot.services.limit."""
TELL = "real_name.tell"
"""A job that no flow makes: reports what was done with a card to the others who signed in for it."""


def switches() -> dict[str, tuple[str, ...]]:
    """Returns what can be switched off for maintenance (all of a port, what takes photos, one action) and the
    actions that are then not called."""
    off = [
        name
        for name, it in ACTIONS.items()
        if "unavailable" in it.outcomes and name not in (FREEZE, BEGIN_FACE)
    ]
    whole = {port: tuple(name for name in off if port_of(name) == port) for port in map(port_of, off)}
    photos = tuple(name for name in off if PHOTOS & ACTIONS[name].arguments.keys())
    return {**whole, "photos": photos, **{name: (name,) for name in off}}


def outcomes_of(action: str) -> tuple[str, ...]:
    """Returns the outcomes of a job's action; () for one with nothing to report."""
    return ACTIONS[action].outcomes if action in ACTIONS else ()
