"""Reads an event as the answer to a slot, and checks whether an old answer still fits."""

from __future__ import annotations

from bot.engine.events import Event, ImageReceived, LocationReceived
from bot.engine.flow import Slot, Value
from bot.engine.scope import Scope, today
from bot.reading.choices import Choice
from bot.reading.clean import Said
from bot.reading.find import READERS, Found, find, read
from bot.reading.results import Doubtful, Invalid


def answer(slot: Slot, event: Event, said: Said, choices: tuple[Choice, ...]) -> Found:
    """Returns the slot's value from an event. `said`: its words. `choices`: the answers as shown."""
    if isinstance(event, ImageReceived):
        return event.media_id if slot.type == "image" and event.media_id else Invalid()
    if isinstance(event, LocationReceived):
        if slot.type != "place":
            return Invalid()
        return {"lat": f"{event.lat:.6f}", "lon": f"{event.lon:.6f}", "text": event.label[:60]}
    return find(slot, said, choices, today(event.at))


def still_fits(slot: Slot, value: Value, scope: Scope) -> bool:
    """Checks whether a value passed in, held, or kept from another revision fits this slot now."""
    if isinstance(value, str) and value in slot.or_:
        return True
    if slot.entries_of:
        entries = scope.value(slot.entries_of)
        return isinstance(entries, list) and value in entries
    if slot.type == "record":
        return isinstance(value, dict) and (not slot.fields or value.keys() <= {"id", *slot.fields})
    if slot.type == "place":
        return isinstance(value, dict) and value.keys() <= {"text", "lat", "lon"}
    if slot.type == "list":
        return isinstance(value, list)
    if not isinstance(value, str):
        return False
    if slot.type == "choice":
        return value in slot.values and scope.holds(slot.only.get(value, ()))
    if slot.type not in READERS:
        return True
    found = read(slot, Said(value), today(scope.at))
    return value == (found.value if isinstance(found, Doubtful) else found)
