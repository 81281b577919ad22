"""Lets the bureau report, in a conversation, what became of an application that was made in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.actions import ACTIONS, EVENTS, reported_by_bureau, slot_of
from bot.content.messages import both
from bot.engine.events import Reported
from bot.kit.replay.fakes import Fakes
from bot.services.wire import Garbage
from bot.store.sign_ins import KEPT, RECEIPT, receipt_of
from bot.turn.bureau_events import BureauEvent, record_of

if TYPE_CHECKING:
    from bot.kit.replay.process import Process

EVENT = "event"
"""The key of a turn's values that names the event; left out: the first of all."""
_USUAL = {"card.application": {"id": "application-1", "reason": "lost"}}


class Unreported(ValueError):
    """The bureau reports no such thing. `code`: of its sentence, with the values `about`."""

    def __init__(self, code: str, name: str, **about: Any) -> None:
        super().__init__(both("replays", code, name=name, **about))
        self.code, self.name, self.about = code, name, about


def event_of(given: Mapping[str, str], number: str, at: int) -> BureauEvent:
    """Returns the event with what `given` leaves out.

    Raises:
        Unreported: there is no such event, or a value is missing or wrong.
    """
    name = given.get(EVENT, next(iter(EVENTS)))
    if name not in EVENTS:
        raise Unreported("unknown-report", name, among=", ".join(EVENTS))
    fields = ACTIONS[EVENTS[name].record].fields
    values = {part: text for part, text in given.items() if part != EVENT}
    if odd := [part for part in values if part not in fields]:
        raise Unreported("unknown-report-field", odd[0], event=name, among=", ".join(fields))
    usual = {**_USUAL.get(name, {}), "number": number}
    try:
        return BureauEvent(f"replay:{at}:{values}", name, at, record_of(name, {**usual, **values}))
    except Garbage as e:
        wrong = next((part for part in fields if f": {part} is" in str(e)), "")
        among = f" ({', '.join(fields[wrong].of)})" if wrong and fields[wrong].of else ""
        raise Unreported(
            "report-value", wrong, event=name, value=values.get(wrong, ""), among=among
        ) from None


def turn_of(event: Reported, fakes: Fakes) -> dict[str, str]:
    """Returns the turn of a recorded event, with invented values."""
    name = reported_by_bureau(event.given)
    faked = fakes.answer(EVENTS[name].record, event.given[slot_of(name)])
    return {EVENT: name, **faked} if isinstance(faked, dict) else {EVENT: name}


def applied(process: Process, number: str) -> None:
    """Lets the resident have made an application of this number."""
    store, receipt = process.store, receipt_of(process.store.tag, number)
    held = store.of(process.owner)
    facts = {"answered_at": process.clock, "recorded_at": process.clock}
    held.evidence[number] = (facts, process.clock + KEPT)
    held.remembered[RECEIPT + receipt] = (process.clock + KEPT, "0")
    store.join(receipt, process.owner)


def reportable(process: Process) -> list[str]:
    """Returns the numbers of this conversation of which the bureau can report something, oldest first."""
    held = process.store.of(process.owner)
    return [n for n in held.evidence if RECEIPT + receipt_of(process.store.tag, n) in held.remembered]


def report(process: Process, given: Mapping[str, str]) -> bool:
    """Reports it. Returns False if nobody here has this number.

    Raises:
        ValueError.
    """
    made = reportable(process)
    if "number" not in given and not made:
        raise ValueError("Nothing was applied for here that the bureau could report of: write `number`.")
    event = event_of(given, made[-1] if made else "", process.clock)
    return process.turns.background.bureau_events.take(event, process.clock)
