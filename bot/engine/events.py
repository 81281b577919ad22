"""What happened to a resident: past tense, with its own time and a random seed. Nothing here asks a clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.engine.flow import Value

MOST_READ = 2000
"""Characters of a message that are read: one of so many was cut, or may have been."""


@dataclass(frozen=True)
class Held:
    """What stays when a resident is deleted. `receipts`: those with evidence and until when it is kept (epoch
    seconds), newest first."""

    receipts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Event:
    """`at`: epoch seconds (WeChat's CreateTime, or Redis's time). `seed`: drawn by the shell.

    `untold`: an outcome waits to be told with this event's answer, so the resident has not seen it yet.
    `matched_until`: until when it is remembered with whom the openid was matched; 0: nothing is.
    `held`: looked up where `bot.engine.recovery.asks_what_is_held`.
    """

    at: int
    seed: int = 0
    untold: bool = field(default=False, kw_only=True)
    matched_until: int = field(default=0, kw_only=True)
    held: Held | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class TextReceived(Event):
    """`tap`: the bizmsgmenuid if the resident tapped an offered answer."""

    text: str = ""
    tap: str = ""


@dataclass(frozen=True)
class VoiceReceived(Event):
    text: str = ""  # WeChat's recognition, often empty


@dataclass(frozen=True)
class ImageReceived(Event):
    media_id: str = ""


@dataclass(frozen=True)
class LocationReceived(Event):
    """GCJ-02 degrees, as WeChat sends them."""

    lat: float = 0.0
    lon: float = 0.0
    label: str = ""


@dataclass(frozen=True)
class OtherReceived(Event):
    """A message of a kind that nothing asks for: video, link, file, sticker, …"""

    kind: str = ""


@dataclass(frozen=True)
class MenuClicked(Event):
    key: str = ""


@dataclass(frozen=True)
class Subscribed(Event):
    scene: str = ""


@dataclass(frozen=True)
class Scanned(Event):
    scene: str = ""


@dataclass(frozen=True)
class Unsubscribed(Event):
    pass


@dataclass(frozen=True)
class AuthorizationRevoked(Event):
    """user_authorization_revoke or _cancellation: a duty to delete what we hold."""


@dataclass(frozen=True)
class PersonLeft(Event):
    """kf_close_session: the member of staff closed the conversation."""


@dataclass(frozen=True)
class Ignored(Event):
    """Anything else WeChat sends: answered `success`, steps nothing."""

    name: str = ""


@dataclass(frozen=True)
class ActionFinished(Event):
    """A call's definite outcome with what it brought."""

    call: str = ""
    outcome: str = ""
    value: Value = ""


@dataclass(frozen=True)
class ActionDelayed(Event):
    """A call ("": the one the top flow waits for) has no definite outcome yet and goes on in the background.

    `sent`: it may have been taken. `no_push`: the result can only be told when the resident writes again.
    """

    call: str = ""
    sent: bool = False
    no_push: bool = False


@dataclass(frozen=True)
class NotSubmitted(Event):
    """The change that the resident has just agreed to could not be kept safely, so it was taken back."""


@dataclass(frozen=True)
class TimePassed(Event):
    """The resident's timer is due."""
