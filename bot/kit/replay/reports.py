"""Lets the bureau report, in a conversation, what became of an application that was made in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.actions import ACTIONS, EVENTS
from bot.services.wire import Garbage
from bot.store.sign_ins import RECEIPT, receipt_of
from bot.turn.bureau_events import BureauEvent, record_of

if TYPE_CHECKING:
    from bot.kit.replay.process import Process

EVENT = "event"
"""The key of a turn's values that names the event; left out: the first of all."""
_USUAL = {"id": "application-1", "reason": "lost"}


def event_of(given: Mapping[str, str], number: str, at: int) -> BureauEvent:
    """Returns the event with what `given` leaves out. Raises ValueError: there is no such event, or a value
    is missing or wrong."""
    name = given.get(EVENT, next(iter(EVENTS)))
    if name not in EVENTS:
        raise ValueError(f"There is no event “{name}”, but {', '.join(EVENTS)}.")
    fields = ACTIONS[EVENTS[name].record].fields
    values = {part: text for part, text in given.items() if part != EVENT}
    if odd := [part for part in values if part not in fields]:
        raise ValueError(f"{name} has no “{odd[0]}”, but {', '.join(fields)}.")
    usual = {part: text for part, text in {**_USUAL, "number": number}.items() if part in fields}
    try:
        return BureauEvent(f"replay:{at}:{values}", name, at, record_of(name, {**usual, **values}))
    except Garbage as e:
        raise ValueError(str(e)) from None


def report(process: Process, given: Mapping[str, str]) -> bool:
    """Reports it. Returns False if nobody here has this number. Raises ValueError."""
    held = process.store.of(process.owner)
    made = [n for n in held.evidence if RECEIPT + receipt_of(process.store.tag, n) in held.remembered]
    if "number" not in given and not made:
        raise ValueError("Nothing was applied for here that the bureau could report of: write `number`.")
    event = event_of(given, made[-1] if made else "", process.clock)
    return process.turns.background.bureau_events.take(event, process.clock)
