"""Invented values in place of a resident's own: the same for the same, with right checksums."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.engine.effects import Reply
from bot.engine.flow import Content, Field, Slot, Value
from bot.engine.session import Frame, Offered, Session, from_plain, to_plain
from bot.engine.slots import id_checksum
from bot.ports import ACTIONS

_ID = re.compile(r"(?<![0-9A-Za-z])([0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9]{9})(?![0-9])")
_ABROAD = re.compile(r"\+(852|853|886)[0-9]{8,9}")
_LONG = re.compile(r"(?<![0-9A-Za-z])([0-9]{7,14}|[0-9]{16,30})(?![0-9A-Za-z])")
_APART = re.compile(  # in groups or in full width, but no date
    r"(?<!\d)(?!(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?!\d))(\d(?:[ \-.]?\d){6,24}[xX]?)(?![\dA-Za-z])"
)
_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,}|[A-Za-z]{2,}|\d{3,}")
_LETTERS = r"[^\W\d_]|\d+"
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_OPENID = re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])", re.ASCII)
_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_NAMED = re.compile(
    rf"(?:我叫|我是|姓名[是:：]?|名字[是叫:：]?|本人)\s*([{_FAMILY}][\u3400-\u9fff]{{1,2}}?)"
    r"(?=[\s，。,.、；;！!]|[的要想卡丢电身住在已，]|$)"
)
_CALLED = re.compile(r"(?i:my name is|i am|i'm|this is)\s+([A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){1,3})")
_HOUSE = re.compile(
    r"[\u3400-\u9fff]{1,12}?(?:路|街|道|巷|弄|村|小区|花园|社区)[\u3400-\u9fff]{0,4}?[0-9０-９一二三四五六七八九十百]{1,5}"
    r"(?:号|栋|幢|弄|单元|室|楼|组)(?:[0-9０-９A-Za-z一二三四五六七八九十-]{1,6}(?:号|栋|幢|单元|室|楼|层)?)*"
)
SHORT = 6
"""Characters: free words below that are replaced where they were said, and not wherever they stand."""
PUBLIC = frozenset({"outlets.near"})
_PRIVATE_USE = 0xE000
SURNAMES = "甲乙丙丁戊己庚辛壬癸"
DIVISION = "669901"
"""A division that does not exist: no number made here is anyone's."""


class Fakes:
    """`seed`: for tests. Nothing of what was replaced leaves this object."""

    def __init__(self, seed: int | None = None) -> None:
        self._dice = random.Random(seed)
        self._known: dict[str, str] = {}
        self._here: set[str] = set()  # replaced only where they were said
        self._public: dict[str, str] = {}  # what anybody may read, and what stands for it meanwhile

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
            if kind == "text" and len(real) < SHORT:
                self._here.add(real)
            if kind == "id_number":
                self._known.setdefault(real.lower(), made)
        return self._known[real]

    def text(self, words: str) -> str:
        """Free words: what was replaced before, and whatever looks like a number of somebody's."""
        kept = {
            real: mark for real, mark in self._public.items() if real in words and real not in self._known
        }
        for real in sorted(kept, key=len, reverse=True):
            words = words.replace(real, kept[real])
        for real in sorted(self._known, key=len, reverse=True):
            if len(real) > 1 and real not in self._here:
                words = words.replace(real, self._known[real])
        for pattern, kind in _SHAPES:
            words = pattern.sub(lambda found, kind=kind: self._shaped(found, kind), words)  # type: ignore[misc]
        for real, mark in kept.items():
            words = words.replace(mark, real)
        return words

    def _shaped(self, found: re.Match[str], kind: str) -> str:
        """What looks like somebody's, replaced, but for what was made here."""
        group = found.lastindex or 0
        if any(made in found[group] for made in self._known.values() if len(made) > 1):
            return found[0]
        start, end = (at - found.start() for at in found.span(group))
        return found[0][:start] + self.value(kind, found[group]) + found[0][end:]

    def scrubbed(self, words: str) -> str:
        """Words that were no answer where one of somebody's own was asked for: only their shape is kept."""
        return _RUN.sub(lambda run: _blurred(self._dice, run[0]), words)

    # --- bigger things ---
    def answer(self, action: str, value: Value) -> Value:
        """What a service brought; ids and numbers too, since they may lead to somebody."""
        if action in PUBLIC:
            return [self._outlet(row) for row in value] if isinstance(value, list) else value
        fields = ACTIONS[action].fields
        if isinstance(value, list):
            return [self._row(fields, row) for row in value]
        return self._row(fields, value) if isinstance(value, dict) else self.text(value)

    def _outlet(self, row: Mapping[str, str]) -> dict[str, str]:
        """Stands on every door; but a few distances together tell where somebody lives."""
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
            self._learn_slots(content, name, kept.slots)
        for offered in (*session.offered, session.leaving_for or Offered()):
            self._learn_slots(content, offered.flow, offered.given)
        return json.dumps(to_plain(from_plain(self._inside(to_plain(session)))), ensure_ascii=False)

    def replies(self, known: Iterable[str], replies: Sequence[Reply], label: Callable[[str], str]) -> str:
        """The serial form of texts that were not told yet: of what is not `known` only the shape is kept.

        `label`: an answer's, as it stands where it was tapped.
        """
        own = re.compile(
            "|".join(map(re.escape, sorted(known, key=len, reverse=True))) + "|(" + _LETTERS + ")"
        )

        def told(words: str) -> str:
            return own.sub(lambda run: _blurred(self._dice, run[1]) if run[1] else run[0], words)

        made = [
            asdict(
                replace(
                    reply,
                    text=told(reply.text),
                    options=tuple(replace(o, label=label(o.label), lead=told(o.lead)) for o in reply.options),
                    lead=told(reply.lead),
                    notice=told(reply.notice),
                    picture="",
                    media_id="",
                )
            )
            for reply in replies
        ]
        return json.dumps(made, ensure_ascii=False)

    def _learn(self, content: Content, frame: Frame) -> None:
        self._learn_slots(content, frame.flow, frame.slots | dict(frame.held))
        for name, value in frame.log:
            self._learn_slots(content, frame.flow, {name: value})
        for action, settled in frame.settled.items():
            if action in ACTIONS:
                self.answer(action, settled.value)

    def _learn_slots(self, content: Content, name: str, slots: Mapping[str, Value]) -> None:
        flow = content.flows.get(name)
        for slot, value in slots.items():
            if flow is not None and slot in flow.slots:
                self._learn_value(flow.slots[slot], value)

    def _learn_value(self, slot: Slot, value: Value) -> None:
        if isinstance(value, str):
            if slot.type in ("id_number", "name", "mobile", "address", "image", "text"):
                self.value(slot.type, value)
        elif isinstance(value, list):
            for row in value:
                self._row(slot.fields, row)
        else:
            self._row(slot.fields, value)

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
    check, number = id_checksum(body), real.upper()
    if id_checksum(number[:17]) == number[17]:
        return body + check
    return body + ("0" if check != "0" else "1")  # it was no number, and this is none


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


def _blurred(dice: random.Random, run: str) -> str:
    if run[0].isdigit():
        return "".join(str(dice.randint(0, 9)) for _ in run)
    return ("x" if run.isascii() else "某") * len(run)


def _mail(dice: random.Random, real: str) -> str:
    return f"somebody{dice.randint(0, 9999)}@example.com"


def _openid(dice: random.Random, real: str) -> str:
    return "o" + "".join(dice.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(27))


_SHAPES = (
    (_MAIL, "mail"),
    (_OPENID, "openid"),
    (_ID, "id_number"),
    (_MOBILE, "mobile"),
    (_ABROAD, "abroad"),
    (_APART, "number"),
    (_LONG, "number"),
    (_HOUSE, "address"),
    (_NAMED, "name"),
    (_CALLED, "name"),
)
"""What is somebody's by its looks, and its kind; the group, if there is one, is what is replaced."""


_MAKE = {
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "abroad": _mobile,
    "number": _digits,
    "address": _address,
    "image": _media,
    "mail": _mail,
    "openid": _openid,
}
