"""Reading an answer: what a resident typed, tapped or sent, as a slot's value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.engine.events import Event, ImageReceived, LocationReceived, TextReceived, VoiceReceived
from bot.engine.flow import Slot, Value
from bot.engine.scope import Scope, today

NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_CHOSEN = re.compile(r"^(?:我?选择?|答)?第?([0-9]{1,2}|[一二三四五六七八九])(?:个|项|号|条|、|)?$")


@dataclass(frozen=True)
class Choice:
    """A possible answer: its value, its words as shown, its number (0: never numbered)."""

    value: Value
    label: str
    number: int = 0
    tap: str = ""


@dataclass(frozen=True)
class Invalid:
    """Not an answer; `text`: the common text that says why, if one fits better than `again`."""

    text: str = ""


def normal(text: str) -> str:
    """A phrase as it is compared: NFKC, lower case, no punctuation, no spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():  # as most phrases are; nothing to leave out
        return folded
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM" or c == "+")


EMOJI = re.compile(r"\[[^\[\]\s]{1,12}\]")
"""How WeChat writes its own: [微笑]."""


def wordless(text: str) -> bool:
    """Whether somebody wrote, but no word: emoji, question marks."""
    return not normal(EMOJI.sub("", text))


def typed(event: Event) -> str | None:
    """What the resident said in words; voice counts where WeChat recognised it."""
    if isinstance(event, TextReceived | VoiceReceived):
        return event.text.strip()
    return None


def chosen(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice meant by a number, by its words, or by a part of the words that no other one has."""
    said = normal(text)
    if not said:
        return None
    if match := _CHOSEN.match(said):
        number = NUMERALS.get(match[1]) or int(match[1])
        return next((c for c in choices if c.number == number > 0), None)  # 0: those have no number
    found = _found(text, choices) or _found(_PARTICLES.sub("", text.strip()), choices)
    return found[0] if len(found) == 1 else None


_PARTICLES = re.compile(r"[了吧啊呀哦嘛呢啦哈的\s。，！!,.]+$")
"""What Chinese sentences end in: 不刷了, 先停用吧."""


def _found(text: str, choices: tuple[Choice, ...]) -> list[Choice]:
    return in_full(normal(text), choices) or [c for c in choices if _part_of(text, c.label)]


_HAN = "〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_ONE = re.compile(f"[{_HAN}]")
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+|\d+")


def _part_of(text: str, label: str) -> bool:
    """Whether what was said stands in the label: two Han characters at least, or whole words of three letters
    in a script that has words ("hi" is no part of "child")."""
    said, whole = (_WORD.findall(unicodedata.normalize("NFKC", t).casefold()) for t in (text, label))
    if sum(2 if _HAN_ONE.match(word) else len(word) for word in said) < 3:
        return False
    return any(whole[at : at + len(said)] == said for at in range(len(whole) - len(said) + 1))


def in_full(said: str, choices: tuple[Choice, ...]) -> list[Choice]:
    """The choices whose whole words are `said` (as `normal` gives it)."""
    return [c for c in choices if said in (normal(c.label), normal(_short(c.label)))]


def answer(slot: Slot, event: Event, choices: tuple[Choice, ...]) -> Value | Invalid:
    """The slot's value out of an event. `choices`: its values and further answers as they were shown."""
    if isinstance(event, ImageReceived):
        return event.media_id if slot.type == "image" and event.media_id else Invalid()
    if isinstance(event, LocationReceived):
        if slot.type != "place":
            return Invalid()
        return {"lat": f"{event.lat:.6f}", "lon": f"{event.lon:.6f}", "text": event.label[:60]}
    text = typed(event)
    if not text:
        return Invalid()
    if slot.type in OPEN_TYPES:  # their answers are free words: only a whole label means a further answer
        further = [c for c in choices if normal(c.label) == normal(text) or c.value == text]
        found = further[0] if further else None
    else:
        found = chosen(text, choices)
    if found is not None:
        return found.value
    read = READERS.get(slot.type)
    return read(text, slot, event.at) if read else Invalid()


OPEN_TYPES = frozenset({"text", "name", "address", "place"})
"""Types that nearly any words fit: a trigger phrase goes before an answer to these."""


def _short(label: str) -> str:
    return re.split(r"[（(，,]", label)[0]


# --- the types -----------------------------------------------------------------------------------
def _text(text: str, slot: Slot, at: int) -> Value | Invalid:
    clean = "".join(c for c in text if unicodedata.category(c) != "Cc" or c == "\n").strip()
    return clean if 0 < len(clean) <= slot.max else Invalid()


_ID = re.compile(r"(?<![0-9A-Z])([0-9]{17}[0-9X])(?![0-9A-Z])")
_BETWEEN = re.compile(r"(?<=[0-9])[\s\-_.·‐-―−]+(?=[0-9Xx])")  # within a number, not before it
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_checksum(first17: str) -> str:
    """The check character of a resident ID number (GB 11643, MOD 11-2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def _id_number(text: str, slot: Slot, at: int) -> Value | Invalid:
    """Shape, birth date and check character. The division code is not judged: residence permits (81, 82, 83),
    permanent-resident cards (9…) and newer divisions are all good (DOMAIN, identity input)."""
    folded = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).strip()).upper()
    match = _ID.search(folded)
    if match is None:
        return Invalid("id_15" if re.fullmatch(r"[0-9]{15}", folded) else "")
    number = match[1]
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14])).isoformat()
    except ValueError:
        return Invalid()
    if not "1900-01-01" <= born <= today(at) or id_checksum(number[:17]) != number[17]:
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


def _name(text: str, slot: Slot, at: int) -> Value | Invalid:
    """Any Han character, ·, Latin letters with spaces. No NFKC: it would change rare characters."""
    said = _NAMED.sub("", text.strip())
    has_han = any(_han(c) for c in said)
    name = re.sub(r"\s+", "" if has_han else " ", said.translate(_DOTS if has_han else {})).strip(
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


def _mobile(text: str, slot: Slot, at: int) -> Value | Invalid:
    """A mainland mobile number, or one of Hong Kong, Macau or Taiwan with its country code."""
    folded = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    match = _MOBILE.fullmatch(folded)
    if match is None:
        return Invalid()
    return match[1] or "+" + match[2].lstrip("+0")


_DATE = re.compile(r"^([0-9]{4})(?:[年\-./]([0-9]{1,2})[月\-./]([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))$")


def _date(text: str, slot: Slot, at: int) -> Value | Invalid:
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    match = _DATE.match(folded)
    if match is None:
        return Invalid()
    try:
        day = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])).isoformat()
    except ValueError:
        return Invalid()
    first = today(at) if slot.not_before == "today" else slot.not_before
    last = today(at) if slot.not_after == "today" else slot.not_after
    return day if (not first or day >= first) and (not last or day <= last) else Invalid()


def _address(text: str, slot: Slot, at: int) -> Value | Invalid:
    """Whole enough to be delivered to: eight characters and a number in it."""
    clean = re.sub(r"\s+", " ", text).strip()
    numbered = any(unicodedata.numeric(c, None) is not None for c in clean)
    return clean if 8 <= len(clean) <= 200 and numbered else Invalid()


def _place(text: str, slot: Slot, at: int) -> Value | Invalid:
    clean = re.sub(r"\s+", " ", text).strip()
    return {"text": clean} if 2 <= len(clean) <= 30 and not clean.isdigit() else Invalid()


READERS: Mapping[str, Callable[[str, Slot, int], Value | Invalid]] = {
    "text": _text,
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "date": _date,
    "address": _address,
    "place": _place,
}


def code_digits(text: str) -> str:
    """The digits of a typed random code, whatever stands between them."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdigit() and c.isascii())


def still_fits(slot: Slot, value: Value, scope: Scope) -> bool:
    """Whether a value handed in, held or kept from another revision is an answer to this slot now."""
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
    read = READERS.get(slot.type)
    return read is None or read(value, slot, scope.at) == value
