"""Reads WeChat's XML: a flat body of named fields, from an untrusted sender.

wechatpy's parser turns a repeated tag into a list, takes any depth, and stops at the control characters that
WeChat forwards raw (WeRoBot issue 420).
"""

from __future__ import annotations

import re
from xml.parsers import expat

from bot.wechat.crypto import Refused

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&#(?:0*([0-9]{1,7})|x0*([0-9a-f]{1,6}));", re.DOTALL | re.I
)
"""Matches a section that stays open, too, to the end: nothing is read again from the next one's beginning."""
_DEPTH = 10  # SendPicsInfo/PicList/item/PicMd5Sum is 5 deep
_ELEMENTS = 1000
_FIELD = re.compile(
    r"<([A-Za-z_]{1,40})>(?:<!\[CDATA\[([^\]]*(?:\](?!\]>)[^\]]*)*)\]\]>|([^<&\]]*))</\1>[ \t\n]*", re.ASCII
)
_FLAT = re.compile(rf"<xml>[ \t\n]*(?:{_FIELD.pattern})*</xml>", re.ASCII)
"""Matches a body of plain fields, as WeChat writes nearly every message."""


def without_illegal(text: str) -> str:
    """Removes what XML 1.0 forbids: C0 control characters, lone surrogates, U+FFFE and U+FFFF."""
    return _ILLEGAL.sub("", text)


def cdata(text: str) -> str:
    """Returns the text as a CDATA section."""
    return f"<![CDATA[{without_illegal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def fields(body: bytes) -> dict[str, str]:
    """Returns the fields directly under the root: lower-case name -> text without outer blanks.

    The first of repeated fields counts; deeper elements are ignored. Bytes that are not UTF-8 become U+FFFD,
    since a refusal would show the resident an outage.

    Raises:
        Refused: 400, it is no XML that WeChat sends.
    """
    text = without_illegal(body.decode("utf-8-sig", "replace")).strip()
    if "\r" not in text and _FLAT.fullmatch(text) and len(flat := _FIELD.findall(text, 5)) < _ELEMENTS:
        return {name.lower(): (marked or plain).strip() for name, marked, plain in reversed(flat)}
    return parsed(text)


def parsed(text: str) -> dict[str, str]:
    """Does what `fields` does, for any XML; a body of plain fields, as nearly every one is, costs half
    without it."""
    if "&#" in text:
        text = REFERENCE.sub(_legal, text)
    collector = _Collector()
    parser = expat.ParserCreate("utf-8")  # whatever the XML declaration says
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        raise Refused(400, "body is not XML") from None
    return {name: "".join(parts).strip() for name, parts in collector.found.items()}


class _Collector:
    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self._depth = 0
        self._elements = 0
        self._open: list[str] | None = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEPTH or self._elements > _ELEMENTS:
            raise Refused(400, "body is nested too deep or has too many elements")
        if self._depth == 2:
            name = tag.lower()
            self._open = None if name in self.found else self.found.setdefault(name, [])

    def end(self, _tag: str) -> None:
        self._depth -= 1
        if self._depth == 1:
            self._open = None

    def characters(self, text: str) -> None:
        if self._depth == 2 and self._open is not None:
            self._open.append(text)


def _refuse_doctype(*_: object) -> None:
    # Entities can only be declared in a DTD; WeChat never sends one.
    raise Refused(400, "body has a DTD")


def _legal(found: re.Match[str]) -> str:
    """Drops a reference to a character that XML forbids; a CDATA section stays as it is."""
    decimal, hexadecimal = found.groups()
    if decimal is None and hexadecimal is None:
        return found[0]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    legal = number <= 0x10FFFF and not _ILLEGAL.match(chr(number))
    return found[0] if legal else ""
