"""Invented values in place of a resident's own: the same for the same, with right checksums."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from bot.engine.flow import Content, Field, Slot, Value
from bot.engine.session import Frame, Session, from_plain, to_plain
from bot.engine.slots import id_checksum

_ID = re.compile(r"(?<![0-9A-Za-z])([0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9]{9})(?![0-9])")
_ABROAD = re.compile(r"\+(852|853|886)[0-9]{8,9}")
_LONG = re.compile(r"(?<![0-9A-Za-z])([0-9]{8,14}|[0-9]{16,30})(?![0-9A-Za-z])")
SURNAMES = "甲乙丙丁戊己庚辛壬癸"
DIVISION = "669901"
"""A division that does not exist: no number made here is anyone's."""


class Fakes:
    """`seed`: of one recording. Nothing of what was replaced leaves this object."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._known: dict[str, str] = {}

    # --- one value ---
    def value(self, kind: str, real: str) -> str:
        """`kind`: a slot's type or a field's pii. The same fake for the same value."""
        if not real:
            return real
        if real not in self._known:
            made = _MAKE.get(kind, _words)(self._dice, real)
            while made == real or made in self._known.values():
                made = _MAKE.get(kind, _words)(self._dice, real)
            self._known[real] = made
            if kind == "id_number":
                self._known.setdefault(real.lower(), made)
        return self._known[real]

    def text(self, words: str) -> str:
        """Free words: what was replaced before, and whatever looks like a number of somebody's."""
        for real in sorted(self._known, key=len, reverse=True):
            if len(real) > 1:
                words = words.replace(real, self._known[real])
        made = set(self._known.values())
        for pattern, kind in (
            (_ID, "id_number"),
            (_MOBILE, "mobile"),
            (_ABROAD, "abroad"),
            (_LONG, "number"),
        ):
            words = self._numbers(words, pattern, kind, made)
            made = set(self._known.values())
        return words

    def _numbers(self, words: str, pattern: re.Pattern[str], kind: str, made: set[str]) -> str:
        return pattern.sub(lambda m: m[0] if m[0] in made else self.value(kind, m[0]), words)

    # --- bigger things ---
    def answer(self, fields: Mapping[str, Field], value: Value) -> Value:
        """What a service brought; ids and numbers too, since they may lead to somebody."""
        if isinstance(value, list):
            return [self._row(fields, row) for row in value]
        return self._row(fields, value) if isinstance(value, dict) else self.text(value)

    def _row(self, fields: Mapping[str, Field], row: Mapping[str, str]) -> dict[str, str]:
        made = {}
        for name, value in row.items():
            spec = fields.get(name, Field())
            if spec.pii:
                made[name] = self.value(spec.pii, value)
            elif name in ("id", "number", "tracking", "application"):
                made[name] = self.value("number", value)
            elif spec.kind == "text":
                made[name] = self.text(value)
            else:
                made[name] = value
        return made

    def session(self, content: Content, session: Session) -> str:
        """The serial form with nothing of the resident's in it."""
        for frame in (*session.frames, *(session.parked.frames if session.parked else ())):
            self._learn(content, frame)
        for name, kept in session.kept.items():
            flow = content.flows.get(name)
            for slot, value in kept.slots.items():
                if flow is not None and slot in flow.slots:
                    self._learn_value(flow.slots[slot], value)
        return json.dumps(to_plain(from_plain(self._inside(to_plain(session)))), ensure_ascii=False)

    def _learn(self, content: Content, frame: Frame) -> None:
        flow = content.flows.get(frame.flow)
        for name, value in frame.log:
            if flow is not None and name in flow.slots:
                self._learn_value(flow.slots[name], value)

    def _learn_value(self, slot: Slot, value: Value) -> None:
        if isinstance(value, str):
            if slot.type in ("id_number", "name", "mobile", "address", "image", "text"):
                self.value(slot.type, value)
        else:
            self.answer(slot.fields, value)

    def _inside(self, part: Any, key: str = "") -> Any:
        if isinstance(
            part, dict
        ):  # a fingerprint of real values tells nothing here: the engine takes another
            return {k: self._inside(v, k) for k, v in part.items() if k != "rests_on"}
        if isinstance(part, list):
            return [self._inside(v) for v in part]
        if isinstance(part, str) and key not in (
            "flow",
            "step",
            "mark",
            "language",
            "born",
            "offered_tag",
            "code",
        ):
            return self.text(part)
        return part


def _id_number(dice: random.Random, real: str) -> str:
    if len(real) == 15:
        return f"{DIVISION}{dice.randint(500101, 991228):06d}{dice.randint(1, 999):03d}"
    body = (
        f"{DIVISION}{real[6:10]}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(1, 999):03d}"
    )
    return body + id_checksum(body)


def _name(dice: random.Random, real: str) -> str:
    if real.isascii():
        return (
            dice.choice(("SAMPLE", "EXAMPLE", "SPECIMEN")) + " " + dice.choice("ABCDEFGHKLMNPRSTUVWXYZ") * 3
        )
    return dice.choice(SURNAMES) + "".join(dice.choice("一二三四五六七八九十") for _ in real[1:])


def _digits(dice: random.Random, real: str) -> str:
    return (
        "".join(str(dice.randint(0, 9)) if c.isdigit() else c for c in real)
        if any(map(str.isdigit, real))
        else ("x" + "".join(dice.choice("abcdefghkmnp") for _ in real))
    )


def _mobile(dice: random.Random, real: str) -> str:
    if real.startswith("+"):
        return real[:5] + "".join(str(dice.randint(0, 9)) for _ in real[5:])
    return "139" + f"{dice.randint(0, 99_999_999):08d}"


def _address(dice: random.Random, real: str) -> str:
    return f"示例区无名路{dice.randint(1, 999)}号{dice.randint(1, 9)}单元{dice.randint(101, 999)}"


def _media(dice: random.Random, real: str) -> str:
    return f"media-{dice.randint(0, 10**9)}"


def _words(dice: random.Random, real: str) -> str:
    return "某" * min(len(real), 6) + str(dice.randint(0, 99))


_MAKE = {
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "abroad": _mobile,
    "number": _digits,
    "address": _address,
    "image": _media,
}
