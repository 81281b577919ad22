"""Finds the answer to an open question: a slot's value in a message, one reader per type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Protocol

from bot.reading import dates, names, nearby, numbers, patterns, places, times
from bot.reading.choices import Choice, in_full, named, pick
from bot.reading.clean import EMOJI, EMOTICON, Said
from bot.reading.numerals import joined, spelled
from bot.reading.rejected import INSTEAD, Place, gone, kept, rejects
from bot.reading.results import Doubtful, Invalid, Value
from bot.reading.signals import asks


class Asked(Protocol):
    """The part of a slot that a reader needs: its type and its limits."""

    @property
    def type(self) -> str: ...
    @property
    def min(self) -> int | None: ...
    @property
    def max(self) -> int | None: ...
    @property
    def pattern(self) -> str: ...
    @property
    def not_before(self) -> str: ...
    @property
    def not_after(self) -> str: ...


Found = Value | Doubtful | Invalid
OPEN_TYPES = frozenset({"text", "name", "address", "place"})
"""Types that nearly any words fit: a trigger phrase has precedence over an answer to these."""
WHICH = Invalid("which_one")


def find(slot: Asked, said: Said, choices: tuple[Choice, ...], today: str) -> Found:
    """Returns the slot's value in a message. `choices`: its values and further answers as shown. `today`:
    China's date, ISO 8601."""
    if not said.text and slot.type != "text":
        return Invalid()
    if slot.type == "choice":
        return _one([c.value for c in pick(said, choices)])
    further = in_full(said.normal, choices)
    if not further and slot.type == "place":
        further = named(said, choices)
    if not further:
        found = read(slot, said, today)
        further = [] if found != Invalid() or slot.type in OPEN_TYPES else named(said, choices)
        if further and slot.type == "mobile" and gone(said.folded):
            return INSTEAD
        if not further:
            return found
    return _one([c.value for c in further])


def attempted(type_: str, said: Said) -> bool:
    """Returns whether a message tries to answer a question of this type, well or badly: for a number it has
    digits; free text is tried by any words; for all else it is short and asks nothing, and a place is not
    only known to the resident. Other messages cost no try."""
    numbered = _DIGIT.search(spelled(said.folded)) is not None
    if type_ in _NUMBERED:
        return numbered and not rejects(said.folded)
    if type_ == "place" and nearby.is_unknown(said):
        return False
    words = len(said.folded.split()) if said.folded.isascii() else (len(said.normal) + 1) // 2
    return numbered or type_ == "text" or (words <= _FEW and not asks(said.folded))


_NUMBERED = frozenset({"id_number", "mobile", "date", "number", "code", "pattern"})
_DIGIT = re.compile("[0-9]")
_FEW = 2
"""Words of an answer that is none; two Han are counted as one."""


def read(slot: Asked, said: Said, today: str) -> Found:
    """Returns the result of the type's own reader."""
    reader = READERS.get(slot.type)
    return reader(said, slot, today) if reader else Invalid()


def pieces(said: Said) -> list[str]:
    """Splits a message at commas, full stops and blanks, where several answers may follow each other."""
    return [piece for piece in _BETWEEN.split(said.text) if piece]


_BETWEEN = re.compile(r"[\s,，、;；。]+")


def _one(values: list[Value]) -> Value | Invalid:
    """Returns the one value meant; two different ones are asked about."""
    return values[0] if values and all(v == values[0] for v in values) else WHICH if values else Invalid()


def _text(said: Said, slot: Asked, today: str) -> Found:
    told = said.text or "".join(EMOJI.findall(said.raw) + EMOTICON.findall(said.raw))  # 👍 is an opinion
    kept = "".join(c for c in told if unicodedata.category(c) != "Cc" or c == "\n").strip()
    return kept if len(kept) > 0 and (slot.max is None or len(kept) <= slot.max) else Invalid()


def _id_number(said: Said, slot: Asked, today: str) -> Found:
    """Reads 18 characters with a real birth date and the right check character; spoken if none is typed, in
    pieces if it is not spoken at once."""
    bad, last = Invalid(), ""
    for write in _WRITTEN:
        text = write(said.folded) if write else said.folded
        if text == last:
            continue
        last = text
        good, wrong, short = numbers.id_numbers(text, today)
        if good:
            return _meant(kept(text, good))
        if wrong:
            return Invalid("id_wrong")
        if short:
            bad = Invalid("id_15")
    return bad


_WRITTEN = (None, spelled, joined)
"""How a number may be told: typed, spoken, spoken in pieces."""


def _meant(places: list[Place]) -> Value | Invalid:
    return _one([value for value, _, _ in places]) if places else INSTEAD


def _mobile(said: Said, slot: Asked, today: str) -> Found:
    """Reads a mainland mobile number, or one of Hong Kong, Macau or Taiwan with its country code."""
    for write in _WRITTEN:
        text = write(said.folded) if write else said.folded
        if found := numbers.mobiles(text, today):
            return _meant(kept(text, found, phone=True))
    return Invalid()


def _name(said: Said, slot: Asked, today: str) -> Found:
    return names.name(said)


def _date(said: Said, slot: Asked, today: str) -> Found:
    """Reads a day within the slot's limits. Of a printed range it takes the later day if the slot is an
    expiry (`from`). A day without its year is confirmed if another year is possible: an ID card lasts for
    years."""
    first = today if slot.not_before == "today" else slot.not_before
    last = today if slot.not_after == "today" else slot.not_after
    days, ranged = dates.written(said.folded)
    if days is None:
        return INSTEAD
    if days:
        good = dates.within(days, first, last)
        return good[-1] if good and ranged and first else _one(list(good))
    if day := dates.relative(said.folded, today):
        return _one(list(dates.within([day], first, last)))
    near = dates.yearless(said.folded, today)
    good = dates.within(near, first or ("" if last else today), last)
    if not good:
        return Invalid()
    return good[0] if last else Doubtful(good[0])


def _time(said: Said, slot: Asked, today: str) -> Found:
    """Reads a time of day within the slot's limits, HH:MM."""
    found: list[Place] = []
    for either, start, end in times.times(said):
        fitting = [t for t in either if (slot.not_before or t) <= t <= (slot.not_after or t)]
        found += [(value, start, end) for value in fitting[:1]]
    return _meant(kept(said.folded, found)) if found else Invalid()


def _number(said: Said, slot: Asked, today: str) -> Found:
    """Reads an amount or a count within `min` and `max`, as plain digits."""
    found = numbers.amounts(said)
    good = [
        format(n.normalize(), "f")
        for n in found or ()
        if (slot.min is None or n >= slot.min) and (slot.max is None or n <= slot.max)
    ]
    return _one(list(good))


def _pattern(said: Said, slot: Asked, today: str) -> Found:
    """Reads what fits the slot's pattern, typed or spoken digit by digit, in capitals."""
    for write in _WRITTEN:
        text = write(said.folded) if write else said.folded
        if found := patterns.fitting(slot.pattern, text):
            return _meant(kept(text, found))
    return Invalid()


def _address(said: Said, slot: Asked, today: str) -> Found:
    return places.address(said, today)


def _place(said: Said, slot: Asked, today: str) -> Found:
    return nearby.place(said)


READERS: Mapping[str, Callable[[Said, Asked, str], Found]] = {
    "text": _text,
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "date": _date,
    "time": _time,
    "number": _number,
    "pattern": _pattern,
    "address": _address,
    "place": _place,
}
