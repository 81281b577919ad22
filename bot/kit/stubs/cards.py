"""The states of a card and of an application: pure, no clock and no store.

Source: the table of card states in the project's facts (Measures on Social Security Cards and city rules). A
repeated operation answers `already`; one that the table does not hold is `refused`, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from bot.kit.stubs.policy import Policy

LOST = ("temporary_loss", "formal_loss")
CLOSED = ("rejected", "collected", "withdrawn")  # applications that allow another one
_MOVES = {
    "unpaid": ("reviewing",),
    "reviewing": ("approved", "rejected"),
    "rejected": ("reviewing",),
    "approved": ("making",),
    "making": ("ready", "posted"),
    "ready": ("collected",),
    "posted": ("collected",),
}


@dataclass(frozen=True)
class Card:
    """`n` counts a holder's cards from 1. `kind`, `receipt`: of the last loss report."""

    n: int
    state: str
    number: str
    bank: str
    e_card: str = "none"
    until: str = ""
    kind: str = ""
    receipt: str = ""
    pin_locked: bool = False
    expired: bool = False
    outlet: str = ""


@dataclass(frozen=True)
class Application:
    """`card`: the n of the card it replaces. Dates are ISO 8601."""

    n: int
    card: int
    state: str
    reason: str
    number: str
    filed: str
    fee: str = ""
    pay_before: str = ""
    review_until: str = ""
    ready_by: str = ""
    delivery: str = "outlet"
    outlet: str = ""
    reject_reason: str = ""
    tracking: str = ""


@dataclass(frozen=True)
class Holding:
    """All cards and applications of one resident, oldest first."""

    cards: tuple[Card, ...] = ()
    applications: tuple[Application, ...] = ()

    @property
    def current(self) -> Card | None:
        return self.cards[-1] if self.cards else None

    @property
    def open(self) -> Application | None:
        return next((a for a in reversed(self.applications) if a.state not in CLOSED), None)

    def having(self, changed: Card | Application) -> Holding:
        """Returns the holding with one card or application replaced or added."""
        if isinstance(changed, Card):
            return replace(self, cards=_put(self.cards, changed))
        return replace(self, applications=_put(self.applications, changed))


@dataclass(frozen=True)
class Change:
    """The result of an operation. `holding`: None if nothing changed."""

    outcome: str
    holding: Holding | None = None
    values: Mapping[str, str] = field(default_factory=dict)


_Row = TypeVar("_Row", Card, Application)


def refused(why: str, **values: str) -> Change:
    return Change("refused", values={"refusal": why, **values})


def settle(holding: Holding, today: date) -> Holding:
    """Ends temporary losses: on the day named in `until` the card works again."""
    for card in holding.cards:
        if card.state == "temporary_loss" and date.fromisoformat(card.until) <= today:
            holding = holding.having(_found_again(card))
    return holding


def report_loss(h: Holding, card: Card, kind: str, number: str, today: date, policy: Policy) -> Change:
    if card.state == "formal_loss" or (card.state == "temporary_loss" and kind == "temporary"):
        return Change("already", values=_loss_values(card))
    if card.state not in ("normal", "temporary_loss"):
        return refused("state", number=number, kind=kind)
    if kind == "formal" and policy.formal_loss != "online":
        return refused("policy", number=number, kind=kind)
    temporary = kind == "temporary"
    lost = replace(
        card,
        state="temporary_loss" if temporary else "formal_loss",
        kind=kind,
        until=(today + timedelta(days=policy.temporary_days)).isoformat() if temporary else "",
        receipt=number,
        e_card="needs_authorisation" if card.e_card == "issued" else card.e_card,
    )
    return Change("done", h.having(lost), _loss_values(lost))


def cancel_loss(h: Holding, card: Card, policy: Policy) -> Change:
    if card.state == "normal":
        return Change("already")
    if card.state not in LOST:
        return refused("state")
    if h.open is not None:
        return refused("in_review")
    if card.state == "formal_loss" and policy.cancel_formal != "online":
        return refused("policy")
    return Change("done", h.having(_found_again(card)))


def enable(h: Holding, card: Card) -> Change:
    if card.state == "normal":
        return Change("already")
    if card.state != "sealed":
        return refused("state")
    # the e-card that stopped with the old card recovers by itself with the new one
    recovered = "issued" if card.e_card == "stopped" else card.e_card
    return Change("done", h.having(replace(card, state="normal", e_card=recovered)))


def issue_e_card(h: Holding, card: Card) -> Change:
    """Issues the e-card, also while the card is lost; this gives the holder's authorisation too."""
    if card.e_card == "issued":
        return Change("already")
    if card.e_card == "stopped" or card.state not in ("sealed", "normal", *LOST):
        return refused("state")
    return Change("done", h.having(replace(card, e_card="issued")))


def apply(h: Holding, card: Card, application: Application) -> Change:
    """`application`: as it would be recorded; its state tells whether a fee is due."""
    if h.open is not None:
        return Change("already", values=applied_values(h.open))
    lost = application.reason in ("lost", "stolen")
    if card.state != "formal_loss" and (lost or card.state != "normal"):
        return refused("state", number=application.number, state=application.state)
    return Change("done", h.having(application), applied_values(application))


def withdraw(h: Holding, application: Application) -> Change:
    if application.state == "withdrawn":
        return Change("already")
    if application.state not in ("unpaid", "reviewing"):
        return refused("state")
    return Change("done", h.having(replace(application, state="withdrawn")))


def way(state: str, to: str) -> tuple[str, ...]:
    """Returns the fewest moves of the bureau's own from one state of an application to another.

    Raises:
        ValueError: there are none.
    """
    ways: list[tuple[str, ...]] = [(state,)]
    for made in ways:
        if made[-1] == to and made[1:]:
            return made[1:]
        ways += [(*made, move) for move in _MOVES.get(made[-1], ()) if move not in made]
    raise ValueError(f"an application cannot go from {state} to {to}")


def advance(h: Holding, application: Application, to: str, reject_reason: str, tracking: str) -> Holding:
    """Makes a move of the bureau's own. On approval the old card is cancelled and a new one is made.

    Raises:
        ValueError: the table does not hold this move.
    """
    if to not in _MOVES.get(application.state, ()):
        raise ValueError(f"an application cannot go from {application.state} to {to}")
    h = h.having(replace(application, state=to, reject_reason=reject_reason, tracking=tracking))
    if to == "approved":
        old = next(c for c in h.cards if c.n == application.card)
        stopped = "none" if old.e_card == "none" else "stopped"
        h = h.having(replace(old, state="cancelled", e_card=stopped))
        number = f"{(int(old.number) + 1111) % 10000:04d}"
        h = h.having(Card(old.n + 1, "making", number, old.bank, stopped, outlet=application.outlet))
    elif to in ("ready", "posted", "collected") and h.current is not None:
        h = h.having(replace(h.current, state="sealed" if to == "collected" else "ready"))
    return h


def applied_values(a: Application) -> dict[str, str]:
    unpaid = {"fee": a.fee, "pay_before": a.pay_before} if a.state == "unpaid" else {}
    return {"number": a.number, "state": a.state, **unpaid}


def _loss_values(card: Card) -> dict[str, str]:
    until = {"until": card.until} if card.until else {}
    return {"number": card.receipt, "kind": card.kind, **until}


def _found_again(card: Card) -> Card:
    e_card = "issued" if card.e_card == "needs_authorisation" else card.e_card
    return replace(card, state="normal", until="", e_card=e_card)


def _put(rows: tuple[_Row, ...], changed: _Row) -> tuple[_Row, ...]:
    by_n = {row.n: row for row in rows}
    by_n[changed.n] = changed
    return tuple(by_n.values())  # a dict keeps a changed row's place, and puts a new one last
