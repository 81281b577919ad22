"""The table of card states, every row and every row that is not there."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from bot.actions import APPLICATION_STATES, CARD_STATES, E_CARD_STATES
from bot.engine.hours import EVERY_WEEK
from bot.kit.stubs import cards
from bot.kit.stubs.cards import Application, Card, Change, Holding
from bot.kit.stubs.policy import Policy, working_days_after, yuan

TODAY = date(2026, 3, 12)
POLICY = Policy()
FORMAL_BACK = Policy(cancel_formal="online")


def a_card(state: str, e_card: str = "none") -> Card:
    until = (TODAY + timedelta(days=2)).isoformat() if state == "temporary_loss" else ""
    kind = state.split("_")[0] if state.endswith("_loss") else ""
    return Card(1, state, "1234", "清风银行", e_card, until, kind, "r0" if kind else "")


def an_application(state: str, reason: str = "lost") -> Application:
    return Application(1, 1, state, reason, "a1", TODAY.isoformat())


def after(change: Change) -> Card:
    assert change.holding is not None
    assert change.holding.current is not None
    return change.holding.current


def report(card: Card, kind: str, policy: Policy = POLICY) -> Change:
    return cards.report_loss(Holding((card,)), card, kind, "r1", TODAY, policy)


@pytest.mark.parametrize(
    ("state", "kind", "outcome", "then"),
    [
        ("normal", "temporary", "done", "temporary_loss"),
        ("normal", "formal", "done", "formal_loss"),
        ("temporary_loss", "formal", "done", "formal_loss"),
        ("temporary_loss", "temporary", "already", None),
        ("formal_loss", "temporary", "already", None),
        ("formal_loss", "formal", "already", None),
        *[
            (s, k, "refused", None)
            for s in ("making", "ready", "sealed", "cancelled")
            for k in ("temporary", "formal")
        ],
    ],
)
def test_loss_report(state, kind, outcome, then):
    change = report(a_card(state), kind)
    assert change.outcome == outcome
    assert (change.holding is None) == (then is None)
    if then:
        assert after(change).state == then
        assert change.values["number"] == "r1"
        assert ("until" in change.values) == (kind == "temporary")
    if outcome == "already":
        assert change.values["number"] == "r0", "the receipt of the report that stands"
    if outcome == "refused":
        assert change.values["refusal"] == "state"


def test_a_formal_report_only_where_the_city_takes_it_online():
    change = report(a_card("normal"), "formal", Policy(formal_loss="outlet"))
    assert (change.outcome, change.values["refusal"]) == ("refused", "policy")
    assert report(a_card("normal"), "temporary", Policy(formal_loss="outlet")).outcome == "done"


def test_a_temporary_loss_lapses_on_its_day():
    lost = after(report(a_card("normal", "issued"), "temporary"))
    assert (lost.until, lost.e_card) == ("2026-03-19", "needs_authorisation")
    holding = Holding((lost,))
    assert cards.settle(holding, date(2026, 3, 18)) == holding
    back = cards.settle(holding, date(2026, 3, 19)).current
    assert (back.state, back.until, back.e_card) == ("normal", "", "issued")


@pytest.mark.parametrize(
    ("state", "policy", "outcome", "why"),
    [
        ("temporary_loss", POLICY, "done", ""),
        ("formal_loss", FORMAL_BACK, "done", ""),
        ("formal_loss", POLICY, "refused", "policy"),
        ("formal_loss", Policy(cancel_formal="outlet"), "refused", "policy"),
        ("normal", POLICY, "already", ""),
        *[(s, POLICY, "refused", "state") for s in ("making", "ready", "sealed", "cancelled")],
    ],
)
def test_cancelling_a_loss_report(state, policy, outcome, why):
    card = a_card(state, "needs_authorisation")
    change = cards.cancel_loss(Holding((card,)), card, policy)
    assert (change.outcome, change.values.get("refusal", "")) == (outcome, why)
    if outcome == "done":
        assert (after(change).state, after(change).e_card) == ("normal", "issued")


def test_no_loss_report_is_cancelled_while_a_new_card_is_applied_for():
    card = a_card("formal_loss")
    change = cards.cancel_loss(Holding((card,), (an_application("reviewing"),)), card, FORMAL_BACK)
    assert (change.outcome, change.values["refusal"]) == ("refused", "in_review")


@pytest.mark.parametrize("state", CARD_STATES)
def test_enabling(state):
    card = a_card(state, "stopped")
    change = cards.enable(Holding((card,)), card)
    assert change.outcome == {"sealed": "done", "normal": "already"}.get(state, "refused")
    if change.outcome == "done":
        assert (after(change).state, after(change).e_card) == ("normal", "issued")


@pytest.mark.parametrize("state", CARD_STATES)
@pytest.mark.parametrize("e_card", E_CARD_STATES)
def test_issuing_an_e_card(state, e_card):
    """The physical card must have been collected and not cancelled."""
    card = a_card(state, e_card)
    change = cards.issue_e_card(Holding((card,)), card)
    if e_card == "issued":
        assert change.outcome == "already"
    elif e_card == "stopped" or state in ("making", "ready", "cancelled"):
        assert change.outcome == "refused"
    else:
        assert after(change).e_card == "issued"


@pytest.mark.parametrize("state", CARD_STATES)
@pytest.mark.parametrize("reason", ["lost", "stolen", "damaged", "name"])
def test_applying(state, reason):
    """A reissue needs a formal loss report; a replacement a card in use."""
    card = a_card(state)
    change = cards.apply(Holding((card,)), card, an_application("unpaid", reason))
    allowed = state == "formal_loss" or (state == "normal" and reason in ("damaged", "name"))
    assert change.outcome == ("done" if allowed else "refused")


@pytest.mark.parametrize("state", APPLICATION_STATES)
def test_one_application_at_a_time(state):
    card = a_card("formal_loss")
    second = replace(an_application("unpaid"), n=2, number="a2")
    change = cards.apply(Holding((card,), (an_application(state),)), card, second)
    closed = state in ("rejected", "collected", "withdrawn")
    assert (change.outcome, change.values["number"]) == (("done", "a2") if closed else ("already", "a1"))


@pytest.mark.parametrize("state", APPLICATION_STATES)
def test_withdrawing_only_before_approval(state):
    application = an_application(state)
    change = cards.withdraw(Holding((a_card("formal_loss"),), (application,)), application)
    expected = {"unpaid": "done", "reviewing": "done", "withdrawn": "already"}
    assert change.outcome == expected.get(state, "refused")
    if change.holding:
        assert change.holding.applications[0].state == "withdrawn"


@pytest.mark.parametrize(("last", "then"), [("ready", "ready"), ("posted", "ready")])
def test_an_approved_application_cancels_the_old_card_and_makes_a_new_one(last, then):
    h = Holding((a_card("formal_loss", "issued"),), (an_application("unpaid"),))
    for state, card, cancelled in [
        ("reviewing", "formal_loss", False),
        ("approved", "making", True),
        ("making", "making", True),
        (last, then, True),
        ("collected", "sealed", True),
    ]:
        h = cards.advance(h, h.applications[0], state, "", "QF1" if state == "posted" else "")
        assert h.current.state == card
        assert (h.cards[0].state == "cancelled") == cancelled
        assert h.cards[0].e_card == ("stopped" if cancelled else "issued")
    assert h.open is None
    enabled = cards.enable(h, h.current)
    assert (after(enabled).state, after(enabled).e_card) == ("normal", "issued")


@pytest.mark.parametrize(
    ("state", "to"), [("unpaid", "approved"), ("approved", "rejected"), ("collected", "making")]
)
def test_no_other_move(state, to):
    application = an_application(state)
    with pytest.raises(ValueError, match=f"from {state} to {to}"):
        cards.advance(Holding((a_card("formal_loss"),), (application,)), application, to, "", "")


@given(
    st.lists(
        st.sampled_from(["temporary", "formal", "cancel", "enable", "e_card", "apply", "withdraw", "day"])
    )
)
def test_whatever_is_done_in_whatever_order_the_holding_stays_sound(deeds):
    """No order of operations leaves the table, loses a card, or opens a second application."""
    h, today = Holding((a_card("sealed"),)), TODAY
    for deed in deeds:
        card, change = h.current, None
        if deed in ("temporary", "formal"):
            change = cards.report_loss(h, card, deed, "r", today, POLICY)
        elif deed == "apply":
            change = cards.apply(h, card, replace(an_application("unpaid"), n=len(h.applications) + 1))
        elif deed == "withdraw" and h.applications:
            change = cards.withdraw(h, h.applications[-1])
        elif deed == "day":
            today += timedelta(days=4)
        elif deed == "cancel":
            change = cards.cancel_loss(h, card, FORMAL_BACK)
        elif deed == "enable":
            change = cards.enable(h, card)
        elif deed == "e_card":
            change = cards.issue_e_card(h, card)
        if change is not None:
            assert (change.outcome == "done") == (change.holding is not None)
            assert change.holding != h, "what is done has changed something"
            h = change.holding or h
        h = cards.settle(h, today)
        assert convert(json.loads(json.dumps(asdict(h))), Holding) == h
        assert [c.state for c in h.cards] == [h.current.state]
        assert (h.current.state == "temporary_loss") == bool(h.current.until)
        assert h.current.state in CARD_STATES
        assert sum(a.state not in cards.CLOSED for a in h.applications) <= 1


def test_money_and_days():
    assert (yuan("免费"), yuan("0元"), yuan("20元")) == (0, 0, 20)
    with pytest.raises(ValueError, match="20元"):
        Policy(fee_reissue="二十元")
    assert working_days_after(date(2026, 3, 13), 1, EVERY_WEEK) == date(2026, 3, 16)  # Friday to Monday
    written = {"temporary_days": "5", "bureau": "清风市人社局", "making_days": "soon", "fee_reissue": "免费"}
    read = Policy.of({name: {"value": value} for name, value in written.items()}, EVERY_WEEK)
    assert (read.temporary_days, read.fee_reissue) == (5, "免费")
    assert read.making_days == POLICY.making_days  # nothing to count with: the stub keeps its own
    assert (POLICY.making_longest, Policy(making_days="10").making_longest) == (10, 10)


@pytest.mark.parametrize(
    ("state", "to", "moves"),
    [
        ("unpaid", "posted", ("reviewing", "approved", "making", "posted")),
        ("reviewing", "rejected", ("rejected",)),
        ("making", "ready", ("ready",)),
    ],
)
def test_the_way_to_a_state_is_the_shortest(state: str, to: str, moves: tuple[str, ...]) -> None:
    assert cards.way(state, to) == moves


@pytest.mark.parametrize(("state", "to"), [("ready", "posted"), ("withdrawn", "ready"), ("ready", "ready")])
def test_there_is_no_way_back_to_a_state(state: str, to: str) -> None:
    with pytest.raises(ValueError, match="cannot go"):
        cards.way(state, to)
