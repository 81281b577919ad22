"""Chooses a text's variant, puts the values in, masks personal ones.

This is in the engine because what a resident types is compared with what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.engine.flow import FlowWords, Language, Place, Slot, Text, Value
from bot.engine.hours import Hours, opening, read
from bot.engine.scope import TODAY, Scope, china_time
from bot.engine.session import Frame, Listed

if TYPE_CHECKING:
    from bot.engine.turn import Turn

CHECKED = frozenset({"mobile", "address"})
"""Types of one's own answers that stand whole in a summary: nobody can check what is masked."""
LIST_BYTES = 1000
"""Bytes of a list's entries in one text; a bubble holds twice that."""
LIST_BYTES_BESIDE = 600
"""Bytes where an open question comes again below the list, with all its answers."""


class Missing(Exception):
    """A text needs a value that is not given. The check finds these; the caller says a fallback."""


def language(of: Scope | Turn) -> Language:
    languages = of.content.languages
    return languages.get(of.session.language) or languages[of.content.default_language]


def render(text: Text, scope: Scope) -> str:
    """Returns the first variant that holds, with its values.

    Raises:
        Missing.
    """
    for variant in text.variants:
        if scope.holds(variant.when):
            return "".join(p if isinstance(p, str) else shown(p, scope) for p in variant.parts).strip()
    raise Missing("no variant of the text holds")


def shown(place: Place, scope: Scope) -> str:
    """Returns a `{path}` in words: choices and codes by their words, dates with weekday, personal values
    masked."""
    value = scope.value(place.path)
    if value is None:
        raise Missing(place.path)
    if place.path in scope.extra:
        return str(value)
    words = language(scope)
    head, _, rest = place.path.partition(".")
    if head == "hours":
        return opening_words(scope.content.hours.get(rest, ()), scope)
    flows, frame = scope.content.flows, scope.frame
    if frame is not None and head in flows[frame.flow].slots:
        slot_here = flows[frame.flow].slots[head]
        whole = scope.checks and slot_here.type in CHECKED
        return _slot_words(slot_here, rest, value, scope, words.flows.get(frame.flow), whole)
    if head in flows:
        slot, _, rest = rest.partition(".")
        if slot in flows[head].slots:
            if isinstance(value, dict):  # its line names the slots of its own flow
                scope = replace(scope, frame=Frame(head, 0, ""))
            return _slot_words(flows[head].slots[slot], rest, value, scope, words.flows.get(head))
    return dated(str(value), words) if place.path == TODAY else str(value)


def _slot_words(
    slot: Slot, part: str, value: Value, scope: Scope, words: FlowWords | None, whole: bool = False
) -> str:
    lang = language(scope)
    own = words.slots.get(slot.name) if words else None
    if part:
        spec = slot.fields.get(part)
        text = str(value)
        if spec is None:
            return text
        if spec.pii:
            return mask(spec.pii, text)
        if spec.kind == "date":
            return dated(text, lang)
        if spec.kind == "hours":
            return opening_words(read(text), scope)
        if spec.kind in ("code", "codes"):
            codes = lang.codes.get(f"{slot.name}.{part}") or lang.codes.get(part) or {}
            return in_one_line([codes.get(code, code) for code in text.split(",")], lang)
        return text
    if isinstance(value, list):
        open_question = any(frame.asked_at for frame in scope.session.frames)
        return _entries(
            [f"• {entry_words(slot, entry, scope, own.line if own else None)}" for entry in value],
            scope,
            room=LIST_BYTES_BESIDE if open_question else LIST_BYTES,
        )
    if isinstance(value, dict):
        if slot.type == "place":
            return value.get("text", "")
        return entry_words(slot, value, scope, own.line if own else None)
    if own and value in own.values:
        return render(own.values[value], scope)
    if slot.type in MASKS and not whole:
        return mask(slot.type, value)
    return dated(value, lang) if slot.type == "date" else value


def entry_words(slot: Slot, entry: dict[str, str], scope: Scope, line: Text | None) -> str:
    """Returns a list entry by its slot's `line`, in which the slot's name stands for the entry."""
    if line is None:
        return entry.get("name") or entry.get("title") or entry.get("id", "")
    if scope.frame is None:
        raise Missing(slot.name)
    return render(line, replace(scope, frame=scope.frame.having(slot.name, entry)))


def _entries(lines: Sequence[str], scope: Scope, beyond: int = 0, room: int = LIST_BYTES) -> str:
    """Shows as many as leave room in the bubble for what is asked and offered under them, and how many more
    there are. Numbers are for what can be answered. `beyond`: how many more there are besides `lines`."""
    shown: list[str] = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0 and shown:
            break
        shown.append(line)
    rest, common = lines[len(shown) :], language(scope).common
    if rest or beyond:
        pages = bool(rest) and scope.rest is not None and "list_next" in common
        if pages and scope.rest is not None:
            scope.rest.extend(rest)
        more = common["list_next" if pages else "list_more"]
        shown.append(render(more, replace(scope, extra={**scope.extra, "more": str(len(rest) + beyond)})))
    return "\n".join(shown)


def next_page(listed: Listed, scope: Scope) -> str:
    """Returns what comes next of a list, as in its first bubble."""
    return _entries(listed.lines, scope, listed.beyond)


def in_one_line(words: list[str], lang: Language) -> str:
    """Joins several words in one line, as the language does."""
    return ("、" if lang.code.startswith("zh") else ", ").join(words)


def dated(iso: str, lang: Language) -> str:
    """Formats 2026-03-12 by the language's date format, with weekday; returns anything else as it is."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return lang.dates.format(y=day.year, m=day.month, d=day.day, w=lang.weekdays[day.weekday()])


def opening_words(hours: Sequence[Hours], scope: Scope) -> str:
    """Says whether it is open at this moment and until when, or when next: a sentence without its full
    stop."""
    now, lang = china_time(scope.at), language(scope)
    found = opening(hours, scope.content.calendar, now)
    ahead = (found.day - now.date()).days
    state, time = found.state, found.time
    if state == "closed":
        state = {0: "today", 1: "tomorrow"}.get(ahead, "day")
    elif state == "usual":
        time = in_one_line(time.split(", "), lang)
    elif state == "open" and ahead:
        time = f"{dated(found.day.isoformat(), lang)} {time}"
    extra = {"time": time, "day": dated(found.day.isoformat(), lang)}
    return render(lang.common[f"hours_{state}"], replace(scope, extra=extra))


def on_page(text: str, lang: Language) -> str:
    """Returns a text as the resident's page says it, where nobody replies by a message."""
    if not lang.on_page:
        return text
    longest_first = sorted(lang.on_page, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda said: lang.on_page[said[0]], text)


# --- masking (DOMAIN: name 张*, ID 110***********1234, phone 138****5678) ------------------------------
def _mask_name(name: str) -> str:
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3)


def _mask_number(number: str, head: int) -> str:
    return number[:head] + "*" * max(len(number) - head - 4, 4) + number[-4:] if len(number) > 7 else "****"


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": _mask_name,
    "id_number": lambda v: _mask_number(v, 3),
    "mobile": lambda v: _mask_number(v, 3),
    "address": lambda v: v[:6] + "****" + (v[-3:] if len(v) > 12 else ""),
    "image": lambda v: "***",
}


def mask(pii: str, value: str) -> str:
    return MASKS[pii](value)


def digits_apart(code: str) -> str:
    """Adds spaces, so that a phone does not take it for a number to dial."""
    return " ".join(code)
