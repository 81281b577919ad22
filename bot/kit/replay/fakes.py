"""Replaces a resident's values by invented ones: the same for the same value, with valid checksums."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import json
from msgspec.structs import replace

from bot.actions import ACTIONS
from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.engine.flow import Field, Slot, Value
from bot.engine.session import Frame, Offered, Session, read
from bot.kit.replay import invented
from bot.kit.replay.invented import blurred
from bot.reading import personal
from bot.reading.personal import Found

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,}|[A-Za-z]{2,}|\d{3,}")
_LETTERS = r"[^\W\d_]|\d+"
SHORT = 6
"""Characters: free words shorter than this are replaced only where they were said."""
TRIES = 200
"""Attempts: there are only ten numbers of one digit, and a hundred stand for words of one length."""
PUBLIC = frozenset({"outlets.near"})
_PRIVATE_USE = 0xE000
OUR_OWN = frozenset({"flow", "step", "mark", "language", "born", "offered_tag", "code"})
"""Parts of a session that are no resident's words."""


def _whole(real: str) -> re.Pattern[str]:
    """Matches a value by itself: a number or a Latin word not inside a longer one."""
    alone = real[0].isascii() and real[0].isalnum(), real[-1].isascii() and real[-1].isalnum()
    before, after = ("(?<![0-9A-Za-z])" if alone[0] else ""), ("(?![0-9A-Za-z])" if alone[1] else "")
    return re.compile(before + re.escape(real) + after)


def own_parts(known: Iterable[str]) -> re.Pattern[str]:
    """Matches in group 1 what the content does not say itself: letters one by one, digits in runs."""
    return re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))) + "|(" + _LETTERS + ")")


class Fakes:
    """Invented values for one recording. `seed`: for tests. The real values never leave this object."""

    def __init__(self, seed: int | None = None) -> None:
        self._dice = random.Random(seed)
        self._known: dict[str, str] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}  # those replaced wherever they stand
        self._public: dict[str, str] = {}  # public values, and their marks during a replacement

    # --- one value ---
    def value(self, kind: str, real: str) -> str:
        """Returns the same fake for the same value. `kind`: a slot's type or a field's pii."""
        if not real:
            return real
        if real not in self._known:
            taken = {real, *self._known.values()}
            tried = (invented.made(self._dice, kind, real) for _ in range(TRIES))
            fake = next((one for one in tried if one not in taken), f"某{len(taken)}号")
            self._known[real] = fake
            if len(real) > 1 and (kind != "text" or len(real) >= SHORT):
                self._patterns[real] = _whole(real)
            if kind == "id_number" and real.lower() not in self._known:
                self._known[real.lower()] = fake
                self._patterns[real.lower()] = _whole(real.lower())
        return self._known[real]

    def text(self, words: str) -> str:
        """Replaces known values, and what looks personal, in free words. Dates stay."""
        kept = {
            real: mark for real, mark in self._public.items() if real in words and real not in self._known
        }
        for real in sorted(kept, key=len, reverse=True):
            words = words.replace(real, kept[real])
        for found in reversed(self._own(words)):
            own = words[found.start : found.end]
            words = words[: found.start] + self.value(found.kind, own) + words[found.end :]
        for real, mark in kept.items():
            words = words.replace(mark, real)
        return words

    def _own(self, words: str) -> list[Found]:
        """Finds what to replace, once and whole: a known number inside a longer one is not replaced by
        itself."""
        dates = personal.dates(words)
        made = set(self._known.values())
        found = [f for f in personal.find(words) if words[f.start : f.end] not in made]
        for real, pattern in self._patterns.items():
            if real in words:
                found += [Found(*match.span(), "known") for match in pattern.finditer(words)]
        found = [f for f in found if not any(f.start < end and f.end > start for start, end in dates)]
        return personal.merged(found)

    def known(self, words: str) -> str:
        """Replaces every known value in a text that was shown by its invented form."""
        for real in sorted(self._known, key=len, reverse=True):
            words = words.replace(real, self._known[real])
        return words

    def scrubbed(self, words: str) -> str:
        """Keeps only the shape of words that did not answer a question about personal data."""
        return _RUN.sub(lambda run: blurred(self._dice, run[0]), words)

    # --- bigger things ---
    def answer(self, action: str, value: Value) -> Value:
        """Replaces what a service returned; ids and numbers too, since they may identify a resident."""
        if action in PUBLIC:
            return [self._outlet(row) for row in value] if isinstance(value, list) else value
        fields = ACTIONS[action].fields
        if isinstance(value, list):
            return [self._row(fields, row) for row in value]
        return self._row(fields, value) if isinstance(value, dict) else self.text(value)

    def _outlet(self, row: Mapping[str, str]) -> dict[str, str]:
        """Keeps an outlet's public data but invents its distance: a few distances show where a resident
        lives."""
        for value in row.values():
            if len(value) > 1:
                self._public.setdefault(value, chr(_PRIVATE_USE + len(self._public)))
        return {**row, "distance": row.get("distance", "") and f"{self._dice.uniform(0.5, 9):.1f}"}

    def _row(self, fields: Mapping[str, Field], row: Mapping[str, str]) -> dict[str, str]:
        made = {}
        for name, value in row.items():
            spec = fields.get(name, Field())
            if spec.pii:
                made[name] = self.value(spec.pii, value)
            elif spec.ref:
                made[name] = self.value("number", value)
            elif spec.kind == "text":
                made[name] = self.text(value)
            else:
                made[name] = value
        return made

    def session(self, content: Content, session: Session) -> str:
        """Returns the serial form without any of the resident's values."""
        for frame in (*session.frames, *(session.suspended.frames if session.suspended else ())):
            self._learn(content, frame)
        for name, kept in session.kept.items():
            self._learn_slots(content, name, kept.slots)
        for offered in (*session.offered, session.pending_target or Offered()):
            self._learn_slots(content, offered.flow, offered.given)
        return json.encode(read(self._inside(json.decode(json.encode(session))))).decode()

    def replies(self, known: Iterable[str], replies: Sequence[Reply], label: Callable[[str], str]) -> str:
        """Returns the serial form of replies not yet sent; keeps only the shape of words that are not
        `known`.

        `label`: maps an answer's label to the one where it was tapped.
        """
        own = own_parts(known)

        def told(words: str) -> str:
            return own.sub(lambda run: blurred(self._dice, run[1]) if run[1] else run[0], words)

        made = [
            replace(
                reply,
                text=told(reply.text),
                options=tuple(replace(o, label=label(o.label), lead=told(o.lead)) for o in reply.options),
                lead=told(reply.lead),
                notice=told(reply.notice),
                picture="",
                media_id="",
            )
            for reply in replies
        ]
        return json.encode(made).decode()

    def _learn(self, content: Content, frame: Frame) -> None:
        self._learn_slots(content, frame.flow, frame.slots | dict(frame.carried_answers))
        for name, value in frame.answers:
            self._learn_slots(content, frame.flow, {name: value})
        for action, settled in frame.completed_actions.items():
            if action in ACTIONS:
                self.answer(action, settled.value)

    def _learn_slots(self, content: Content, name: str, slots: Mapping[str, Value]) -> None:
        flow = content.flows.get(name)
        for slot, value in slots.items():
            if flow is not None and slot in flow.slots:
                self._learn_value(flow.slots[slot], value)

    def _learn_value(self, slot: Slot, value: Value) -> None:
        if isinstance(value, str):
            if slot.type in ("id_number", "name", "mobile", "address", "image", "text", "pattern"):
                self.value(slot.type, value)
        elif isinstance(value, list):
            for row in value:
                self._row(slot.fields, row)
        else:
            self._row(slot.fields, value)

    def _inside(self, part: Any, key: str = "") -> Any:
        # a fingerprint of real values tells nothing here: the engine takes another
        if isinstance(part, dict):
            return {k: self._inside(v, k) for k, v in part.items() if k != "rests_on"}
        if isinstance(part, list):
            return [self._inside(v) for v in part]
        return self.text(part) if isinstance(part, str) and key not in OUR_OWN else part
