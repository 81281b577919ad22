"""The answer to an open question: a slot's value in what was said, one reader for each type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.reading.choices import Choice, Value, chosen
from bot.reading.clean import Said, normal


class Asked(Protocol):
    """What a reader is told of a slot: its type and its limits."""

    @property
    def type(self) -> str: ...
    @property
    def max(self) -> int: ...
    @property
    def not_before(self) -> str: ...
    @property
    def not_after(self) -> str: ...


@dataclass(frozen=True)
class Invalid:
    """Not an answer; `text`: the common text that says why, if one fits better than `again`."""

    text: str = ""


OPEN_TYPES = frozenset({"text", "name", "address", "place"})
"""Types that nearly any words fit: a trigger phrase goes before an answer to these."""


def find(slot: Asked, said: Said, choices: tuple[Choice, ...], today: str) -> Value | Invalid:
    """The slot's value in a message. `choices`: its values and further answers as they were shown. `today`:
    China's date, ISO 8601."""
    if not said.text:
        return Invalid()
    if slot.type in OPEN_TYPES:  # their answers are free words: only a whole label means a further answer
        further = [c for c in choices if normal(c.label) == said.normal or c.value == said.text]
        found = further[0] if further else None
    else:
        found = chosen(said, choices)
    if found is not None:
        return found.value
    return read(slot, said, today)


def read(slot: Asked, said: Said, today: str) -> Value | Invalid:
    """What the type's own reader finds."""
    reader = READERS.get(slot.type)
    return reader(said, slot, today) if reader else Invalid()


# --- the types -----------------------------------------------------------------------------------
def _text(said: Said, slot: Asked, today: str) -> Value | Invalid:
    clean = "".join(c for c in said.text if unicodedata.category(c) != "Cc" or c == "\n").strip()
    return clean if 0 < len(clean) <= slot.max else Invalid()


_ID = re.compile(r"(?<![0-9A-Z])([0-9]{17}[0-9X])(?![0-9A-Z])")
_BETWEEN = re.compile(r"(?<=[0-9])[\s\-_.·‐-―−]+(?=[0-9Xx])")  # within a number, not before it
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_checksum(first17: str) -> str:
    """The check character of a resident ID number (GB 11643, MOD 11-2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def _id_number(said: Said, slot: Asked, today: str) -> Value | Invalid:
    """Shape, birth date and check character. The division code is not judged: residence permits (81, 82, 83),
    permanent-resident cards (9…) and newer divisions are all good (DOMAIN, identity input)."""
    folded = _BETWEEN.sub("", said.folded).upper()
    match = _ID.search(folded)
    if match is None:
        return Invalid("id_15" if re.fullmatch(r"[0-9]{15}", folded) else "")
    number = match[1]
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14])).isoformat()
    except ValueError:
        return Invalid()
    if not "1900-01-01" <= born <= today or id_checksum(number[:17]) != number[17]:
        return Invalid()
    return number


_DOTS = str.maketrans(dict.fromkeys("•・．･‧∙⋅․.", "·"))


_NAMED = re.compile(
    r"^(?:我姓[^\s叫名]{1,2}[,，]?\s*名?叫|我的?(?:姓名|名字)?(?:就?是|叫)|叫|姓名|名字"
    r"|(?:my )?name(?: is)?|i am|i['’]m)"
    r"(?:做|作)?(?:\s*[:：是]\s*|(?=[^a-z])\s*)",
    re.IGNORECASE,
)
"""What people put before their name."""


def _name(said: Said, slot: Asked, today: str) -> Value | Invalid:
    """Any Han character, ·, Latin letters with spaces. No NFKC: it would change rare characters."""
    words = _NAMED.sub("", said.text)
    has_han = any(_han(c) for c in words)
    name = re.sub(r"\s+", "" if has_han else " ", words.translate(_DOTS if has_han else {})).strip(
        "。，,！! ·"
    )
    good = all(_han(c) or c == "·" for c in name) if has_han else _latin(name)
    return name if good and 2 <= len(name) <= 50 else Invalid()


def _han(c: str) -> bool:
    if ord(c) >= 0x20000:  # planes 2 and 3 are all Han; Unicode grows faster than Python's table of names
        return ord(c) < 0x3FFFE
    return c == "〇" or unicodedata.name(c, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))


def _latin(name: str) -> bool:
    return bool(name) and all(
        c in " '-.·,’" or unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in name
    )


_MOBILE = re.compile(
    r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})"
    r"|((?:\+|00)852[4-9][0-9]{7}|(?:\+|00)8536[0-9]{7}|(?:\+|00)8860?9[0-9]{8})"
)


def _mobile(said: Said, slot: Asked, today: str) -> Value | Invalid:
    """A mainland mobile number, or one of Hong Kong, Macau or Taiwan with its country code."""
    folded = re.sub(r"[\s\-()]", "", said.folded)
    match = _MOBILE.fullmatch(folded)
    if match is None:
        return Invalid()
    return match[1] or "+" + match[2].lstrip("+0")


_DATE = re.compile(r"^([0-9]{4})(?:[年\-./]([0-9]{1,2})[月\-./]([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))$")


def _date(said: Said, slot: Asked, today: str) -> Value | Invalid:
    folded = re.sub(r"\s", "", said.folded)
    match = _DATE.match(folded)
    if match is None:
        return Invalid()
    try:
        day = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])).isoformat()
    except ValueError:
        return Invalid()
    first = today if slot.not_before == "today" else slot.not_before
    last = today if slot.not_after == "today" else slot.not_after
    return day if (not first or day >= first) and (not last or day <= last) else Invalid()


def _address(said: Said, slot: Asked, today: str) -> Value | Invalid:
    """Whole enough to be delivered to: eight characters and a number in it."""
    clean = re.sub(r"\s+", " ", said.text).strip()
    numbered = any(unicodedata.numeric(c, None) is not None for c in clean)
    return clean if 8 <= len(clean) <= 200 and numbered else Invalid()


def _place(said: Said, slot: Asked, today: str) -> Value | Invalid:
    clean = re.sub(r"\s+", " ", said.text).strip()
    return {"text": clean} if 2 <= len(clean) <= 30 and not clean.isdigit() else Invalid()


READERS: Mapping[str, Callable[[Said, Asked, str], Value | Invalid]] = {
    "text": _text,
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "date": _date,
    "address": _address,
    "place": _place,
}


def code_digits(said: Said) -> str:
    """The digits of a typed random code, whatever stands between them."""
    return "".join(c for c in said.folded if c.isdigit() and c.isascii())
