"""The stub bureau's answers to questions about cards and applications: pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.flow import Record
from bot.kit.stubs.cards import Application, Card, Holding
from bot.kit.stubs.people import Person
from bot.kit.stubs.policy import Policy, yuan
from bot.ports import Result

Ids = Callable[[Person, str, int], str]  # owner, "card" or "application", its n -> the id shown outside


def found(holding: Holding, person: Person, ids: Ids) -> Result:
    card = holding.current
    if card is None:
        return Result("not_found")
    return Result(
        "found",
        _given(
            id=ids(person, "card", card.n),
            holder=person.registered_as or person.name,
            number=card.number,
            state=card.state,
            e_card=card.e_card,
            until=card.until,
            pin_locked="yes" if card.pin_locked else "no",
            expired="yes" if card.expired else "no",
            application=holding.open.number if holding.open else "",
            outlet=card.outlet,
            bank=card.bank,
        ),
    )


def rechecked(card: Card | None) -> Result:
    if card is None:
        return Result("not_found")
    return Result("found", _given(number=card.number, state=card.state, until=card.until))


def applications(holding: Holding, person: Person, ids: Ids) -> Result:
    """Lists applications newest first, without withdrawn ones."""
    rows = [
        {
            "title": "补办社保卡" if a.reason in ("lost", "stolen") else "更换社保卡",
            "date": a.filed,
            "id": ids(person, "application", a.n),
        }
        for a in reversed(holding.applications)
        if a.state != "withdrawn"
    ]
    return Result("found" if rows else "none", rows)


def progress(application: Application | None, wanted: str, policy: Policy) -> Result:
    """`wanted`: the requested id. Dates and fees are given only while they still matter."""
    if application is None:
        return Result("none")
    a = application
    unpaid, made = a.state == "unpaid", a.state in ("approved", "making")
    return Result(
        "found",
        _given(
            id=wanted,
            state=a.state,
            number=a.number,
            reason=a.reason,
            reject_reason=a.reject_reason,
            fee=a.fee if unpaid else "",
            pay_before=a.pay_before if unpaid else "",
            pay_where=policy.pay_where if unpaid else "",
            review_until=a.review_until if a.state == "reviewing" else "",
            ready_by=a.ready_by if made else "",
            outlet=a.outlet,
            tracking=a.tracking,
        ),
    )


def quote(delivery: str, policy: Policy) -> Result:
    value = {
        "fee": policy.fee_reissue,
        "postage": _postage(delivery, policy),
        "total": total(delivery, policy),
        "days": policy.making_days,
    }
    return Result("known", value)


def total(delivery: str, policy: Policy) -> str:
    """Returns fee and postage together, as words: 32元 or 免费."""
    amount = yuan(policy.fee_reissue) + yuan(_postage(delivery, policy))
    return f"{amount}元" if amount else "免费"


def _postage(delivery: str, policy: Policy) -> str:
    return policy.postage if delivery == "express" else "0元"


def _given(**values: str) -> Record:
    return {name: value for name, value in values.items() if value}
