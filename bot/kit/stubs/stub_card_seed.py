"""A person's first cards and applications, with dates counted from today.

Dates move with the calendar until the first change stores them, so that test data never gets old.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from bot.content.read.stub_file import ApplicationModel, StubCardModel
from bot.kit.stubs.cards import Application, Card, Holding
from bot.kit.stubs.people import Person
from bot.kit.stubs.policy import Policy, working_days_after


def seed(person: Person, today: date, policy: Policy, receipt: Callable[[str], str]) -> Holding:
    """`receipt`: returns a number for a text, always the same for the same text."""
    applied = tuple(
        _application(a, n, today, policy, receipt(f"application {n} {person.id_number}"))
        for n, a in enumerate(person.applications, 1)
    )
    card = (_card(person.card, today, receipt(f"loss {person.id_number}")),) if person.card else ()
    return Holding(card, applied)


def _card(given: StubCardModel, today: date, receipt: str) -> Card:
    kind = {"temporary_loss": "temporary", "formal_loss": "formal"}.get(given.state, "")
    return Card(
        n=1,
        state=given.state,
        number=given.number,
        bank=given.bank,
        e_card=given.e_card,
        until=(today + timedelta(days=int(given.until))).isoformat() if given.until is not None else "",
        kind=kind,
        receipt=receipt if kind else "",
        pin_locked=given.pin_locked == "yes",
        expired=given.expired == "yes",
        outlet=given.outlet,
    )


def _application(given: ApplicationModel, n: int, today: date, policy: Policy, number: str) -> Application:
    filed = today - timedelta(days=int(given.filed))
    reviewed = max(working_days_after(filed, policy.review_days, policy.calendar), today)
    return Application(
        n=n,
        card=1,
        state=given.state,
        reason=given.reason,
        number=number,
        filed=filed.isoformat(),
        fee=policy.fee_reissue,
        pay_before=max(filed + timedelta(days=policy.pay_days), today).isoformat(),
        review_until=reviewed.isoformat(),
        ready_by=working_days_after(reviewed, policy.making_longest, policy.calendar).isoformat(),
        outlet=given.outlet,
        reject_reason=given.reject_reason,
        tracking=given.tracking,
    )
