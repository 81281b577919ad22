"""Invents values of the same shape as real ones, with valid checksums."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from bot.reading.clean import Said
from bot.reading.names import name
from bot.reading.numbers import id_checksum

_NUMERALS = "零一二三四五六七八九〇幺两"
_BEGINNINGS = ("丁戈辛巫白石方安", "甲乙丙壬癸己庚戊", ("欧阳", "司马", "上官"))
DIVISION = "669901"
"""A division that does not exist, so that no number made here belongs to a real resident."""


def _id_number(dice: random.Random, real: str) -> str:
    if len(real) == 15:
        return f"{DIVISION}{dice.randint(500101, 991228):06d}{dice.randint(1, 999):03d}"
    body = (
        f"{DIVISION}{real[6:10]}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(1, 999):03d}"
    )
    check, number = id_checksum(body), real.upper()
    if id_checksum(number[:17]) == number[17]:
        return body + check
    return body + ("0" if check != "0" else "1")  # the real one was no number, and this is none


def _name(dice: random.Random, real: str) -> str:
    if real.isascii():
        return (
            dice.choice(("SAMPLE", "EXAMPLE", "SPECIMEN")) + " " + dice.choice("ABCDEFGHKLMNPRSTUVWXYZ") * 3
        )
    rest = ["·" if c == "·" else dice.choice("一二三四五六七八九十") for c in real]
    made = [begin + "".join(rest[len(begin) :]) for begin in map(dice.choice, _BEGINNINGS)]
    kind = type(name(Said(real)))  # as doubtful as the real one, which the bot may ask to confirm
    return next((one for one in made if type(name(Said(one))) is kind), made[0])


def _digits(dice: random.Random, real: str) -> str:
    if any(map(str.isdigit, real)):
        return "".join(str(dice.randint(0, 9)) if c.isdigit() else c for c in real)
    if any(c in _NUMERALS for c in real):
        return "".join(dice.choice(_NUMERALS) if c in _NUMERALS else c for c in real)
    return "x" + "".join(dice.choice("abcdefghkmnp") for _ in real)


def _mobile(dice: random.Random, real: str) -> str:
    if real.startswith("+"):
        return real[:5] + "".join(str(dice.randint(0, 9)) for _ in real[5:])
    return "139" + f"{dice.randint(0, 99_999_999):08d}"


def blurred(dice: random.Random, run: str) -> str:
    if run[0].isdigit():
        return "".join(str(dice.randint(0, 9)) for _ in run)
    return ("x" if run.isascii() else "某") * len(run)


_MAKE: Mapping[str, Callable[[random.Random, str], str]] = {
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "abroad": _mobile,
    "number": _digits,
    "pattern": _digits,
    "address": lambda dice, _: (
        f"示例区无名路{dice.randint(1, 999)}号{dice.randint(1, 9)}单元{dice.randint(101, 999)}"
    ),
    "image": lambda dice, _: f"media-{dice.randint(0, 10**9)}",
    "mail": lambda dice, _: f"somebody{dice.randint(0, 9999)}@example.com",
    "openid": lambda dice, _: "o" + "".join(dice.choices("abcdefghijkmnpqrstuvwxyz0123456789", k=27)),
    "link": lambda dice, _: f"https://example.com/{dice.randint(0, 9999)}",
    "text": lambda dice, real: "某" * min(len(real), 6) + str(dice.randint(0, 99)),
}


def made(dice: random.Random, kind: str, real: str) -> str:
    """Returns an invented value in place of `real`. `kind`: a slot's type or a field's pii."""
    return _MAKE.get(kind, _MAKE["text"])(dice, real)
