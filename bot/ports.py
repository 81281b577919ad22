"""What the bot needs from outside, as protocols: services, photos, senders, the archive.

An action's outcomes are a closed set. `unavailable` means *surely not taken*; when a call that changes
something may have been taken (time-out after sending, reset, 500, garbage), an adapter raises `Unknown`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.engine.effects import Reply
from bot.engine.flow import Value


@dataclass(frozen=True)
class Request:
    """One call of an action. `key`: Idempotency-Key, the same at every attempt. `within`: seconds in all."""

    action: str
    arguments: Mapping[str, Value]
    key: str
    resident: str  # an opaque tag, never the openid
    within: float
    shard: int = 0  # where the store keeps the resident's own keys


@dataclass(frozen=True)
class Result:
    """A definite outcome of the action's closed set, with the fields it saves."""

    outcome: str
    value: Value = field(default_factory=dict)


class Unknown(Exception):
    """The request may have been taken; its result is not known. The text contains no personal data."""


class Unsendable(Exception):
    """Nothing was sent, and perhaps nothing ever can be: a photo that the request needs is not available."""


class Later(Exception):
    """The service took the request and will answer by callback (HTTP 202)."""


class Service(Protocol):
    """The shape of RealNameChecker (`real_name.*`), CardService (`card.*`) and Outlets (`outlets.*`)."""

    def perform(self, request: Request) -> Result:
        """Run the action within `request.within` seconds.

        Never retries.

        Raises:
            Unknown: the result is not known.
            Later: it comes by callback.
            Unsendable: the request could not be made; it counts as `unavailable`.
        """
        ...

    def find(self, action: str, key: str) -> Result | None:
        """Returns the result recorded under an idempotency key; None if the service never took it.

        Raises:
            Unknown.
        """
        ...


# `card.recheck` finds a card again by its id, so that no ID number is kept for that.
# `card.application` of card.find is the number of an open application, absent if there is none.


class Media(Protocol):
    """WeChat's temporary media (kept 3 days)."""

    def fetch(self, media_id: str, within: float) -> bytes: ...

    def upload(self, image: bytes, within: float) -> str:
        """Uploads a PNG, returns its MediaId.

        Raises:
            Unknown.
        """
        ...


Pushed = Literal["sent", "held", "unreachable", "later", "spent", "broken"]
"""held: no more until the resident writes; unreachable: not even then, unless they follow again; later: try
again; spent: the day's quota, not before midnight in China; broken: our configuration or permission, which an
operator must check."""


@dataclass(frozen=True)
class Notice:
    """A message waits to be read: its subject, its first line (masked), its time (epoch seconds)."""

    matter: str
    line: str
    at: int


class ArchiveAway(Exception):
    """The archive does not answer now. The text contains no personal data."""


@dataclass(frozen=True)
class Archived:
    """Evidence of one receipt. `receipt`: `name` of it. `until`: epoch seconds. `sealed_with`: the id of the
    key that opens it."""

    receipt: str
    until: int
    sealed_with: str
    sealed: bytes

    @staticmethod
    def name(shard: int, receipt: str, tag: str = "") -> str:
        """Returns the name it is kept under; at most 32 characters. `receipt`: the HMAC of its number, which
        two residents may both have: a parent and a child. `tag`: the resident's, where the name without it
        is taken by another one in the same shard."""
        return f"{shard}.{receipt}.{tag[:6]}" if tag else f"{shard}.{receipt}"

    @property
    def number(self) -> str:
        """Returns the HMAC of the receipt's number."""
        return self.receipt.split(".")[1]


class Archive(Protocol):
    """Where evidence is kept for years. Everything raises ArchiveAway."""

    def put(self, items: Iterable[Archived]) -> None:
        """Keeps them all, on disk, or none. Replaces what it has under the same receipt."""
        ...

    def get(self, receipts: Collection[str]) -> dict[str, Archived]:
        """Returns those that it has, at once."""
        ...

    def everything(self) -> Iterator[Archived]: ...

    def keys(self) -> Mapping[str, int]:
        """Returns how many are sealed with which key."""
        ...

    def end(self, now: int) -> int:
        """Deletes those whose time is over; returns how many."""
        ...


class Sender(Protocol):
    """Sends to a resident without a request: a customer-service message, or a notice of one."""

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        """Sends it once. Never raises for WeChat's answers. `later` may have been sent."""
        ...

    def notify(self, openid: str, notice: Notice, within: float) -> Pushed:
        """Sends a notice outside the window by a template or subscription message, if one is configured.

        As `push`; `held`: the resident has not subscribed to it.
        """
        ...


class Codes(Protocol):
    """Draws a random code as a picture that includes its instruction."""

    def draw(self, code: str, language: str) -> bytes: ...
