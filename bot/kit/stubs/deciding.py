"""Lets the invented bureau decide on an application, and report it as a real one does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from bot.kit.stubs.people import Person
from bot.kit.stubs.stub_card import CardStub
from bot.ports import Service
from bot.turn.bureau_events import BureauEvent
from bot.turn.turns import Turns

DECISIONS: Mapping[str, Mapping[str, str]] = {
    "rejected": {"reject_reason": "照片背景不是白色。"},
    "ready": {},
    "posted": {"tracking": "QF0000012345678"},
}
"""State -> what the bureau says with it."""


def decide(service: Service, turns: Turns, person: Person, state: str, now: int) -> bool:
    """Returns False if nobody here has made the application. `state`: of DECISIONS.

    Raises:
        ValueError: they have no application that can come to it.
        StoreAway, SealError: it is decided and nobody is told.
    """
    if not isinstance(service, CardStub):
        raise ValueError("the bureau is a real one")
    record = service.decide(person, state, **DECISIONS[state])
    event = BureauEvent(f"stub-{secrets.token_hex(8)}", "card.application", now, record)
    return turns.background.bureau_events.take(event, now)
