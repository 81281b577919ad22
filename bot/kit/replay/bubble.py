"""What a resident sees of a reply: its words, and the answers to tap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.effects import Reply
from bot.wechat.outbound import text_body

_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=[^"&]*&msgmenuid=([^"]*)">([^<]*)</a>')
_CODE = re.compile(r"(?<!\d)(\d) (\d) (\d) (\d)(?!\d)")


@dataclass(frozen=True)
class Bubble:
    """`kind`: text, person or nothing. `answers`: label -> tap id, of those that can be tapped.

    `says`: ids of its texts, `language` theirs; empty where that is not known.
    """

    kind: str
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    language: str = ""

    @property
    def code(self) -> str:
        """The random digits it shows, "" if there are none."""
        found = _CODE.search(self.text)
        return "".join(found.groups()) if found else ""

    def shown(self) -> str:
        """As an expectation is written."""
        return self.text if self.kind == "text" else self.kind


def from_words(words: str) -> Bubble:
    """Of a text as WeChat gets it, links and all."""
    answers = {label: tap for tap, label in _LINK.findall(words)}
    return Bubble("text", _LINK.sub(r"\2", words), answers) if words else Bubble("nothing")


def of(reply: Reply) -> Bubble:
    if reply.kind == "transfer":
        return Bubble("person")
    return from_words(text_body(reply)) if reply.kind == "text" else Bubble("nothing")
