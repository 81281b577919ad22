"""What the engine wants done: imperative, carried out by the shell after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.flow import Value


@dataclass(frozen=True)
class Option:
    """An answer that can be tapped. `tap`: what comes back as bizmsgmenuid. `number`: 0 if not numbered."""

    label: str
    tap: str
    number: int = 0


@dataclass(frozen=True)
class Say:
    """A text to the resident: `id` is flow.text or common.text; `text` its words, personal values masked."""

    id: str
    text: str


@dataclass(frozen=True)
class Offer:
    """The answers that can be tapped after the texts; `lead` introduces them."""

    options: tuple[Option, ...]
    lead: str = ""


@dataclass(frozen=True)
class Picture:
    """The question's random code may be shown as a picture in place of the texts."""

    code: str
    language: str


@dataclass(frozen=True)
class Call:
    """A call to make, durably. `key` is unique over a resident's whole life; `n` counts definite refusals."""

    id: str
    action: str
    arguments: Mapping[str, Value]
    once: bool
    key: str
    flow: str
    step: str
    run: int
    retry_times: int = 0
    retry_every: int = 0


@dataclass(frozen=True)
class HandOff:
    """Answer with transfer_customer_service."""


@dataclass(frozen=True)
class Forget:
    """Delete what is held on the resident; only open `once` calls stay."""


@dataclass(frozen=True)
class Count:
    name: str


Effect = Say | Offer | Picture | Call | HandOff | Forget | Count


@dataclass(frozen=True)
class Reply:
    """One answer as it is stored and sent. `kind`: text, transfer (to a person) or none (`success`)."""

    kind: str = "text"
    text: str = ""
    options: tuple[Option, ...] = ()
    lead: str = ""
    picture: str = ""  # a code to show as a picture in place of the text
    language: str = ""
    says: tuple[str, ...] = field(default=())  # ids of the texts, for traces and replays
