"""What happened to a resident: past tense, with its own time and a random seed. Nothing here reads a
clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from bot.engine.flow import Value

WORD = "word"
MOST_READ = 2000
"""Characters of a message that are read: one of this length was, or may have been, cut."""


class Done(Struct, frozen=True):
    """A change that the bureau confirmed: its receipt, the flow that made it, when (epoch seconds)."""

    receipt: str
    flow: str
    at: int


class Held(Struct, frozen=True):
    """The data that stays when a resident is deleted. `receipts`: those with evidence and until when it is
    kept (epoch seconds), newest first; `done`: what they are for, as far as it can be read."""

    receipts: tuple[tuple[str, int], ...] = ()
    done: tuple[Done, ...] = ()


class Maintenance(Struct, frozen=True):
    """A service is switched off, now or later. `service`: as operators name it; `actions`: those that are
    not called. `since`, `until`: epoch seconds; until 0: nobody knows."""

    service: str
    actions: tuple[str, ...]
    since: int
    until: int = 0

    def covers(self, at: int) -> bool:
        return self.since <= at and not 0 < self.until <= at


class EventContext(Struct, frozen=True, kw_only=True):
    """What the shell has looked up for an event.

    `has_pending_replies`: an outcome will be sent with this event's answer; the resident has not seen it.
    `push_under_way`: another one is on its way as a message; the resident may not have seen it.
    `matched_until`: until when the match of the openid with a person is kept; 0: there is none.
    `held`: looked up if `bot.engine.recovery.asks_what_is_held`.
    `page`: how the account's page is opened, on which questions can be answered instead: account, or link,
    which may be anybody's who was sent it; "": there is none.
    `maintenance`: services that are off, or will be.
    `mark`: that of the question which the resident's page showed (`bot.engine.view`); "": from the chat.
    `linked`: the page was opened by a link.
    """

    has_pending_replies: bool = False
    push_under_way: bool = False
    matched_until: int = 0
    held: Held | None = None
    page: str = ""
    maintenance: tuple[Maintenance, ...] = ()
    mark: str = ""
    linked: bool = False


class Event(EventContext, frozen=True):
    """`at`: epoch seconds (WeChat's CreateTime, or Redis's time). `seed`: drawn by the shell."""

    at: int
    seed: int = 0

    def off_until(self, actions: Collection[str]) -> int | None:
        """Returns when those of the actions that are switched off shall work again, 0 if nobody knows; None
        if none is off."""
        ends = [
            m.until for m in self.maintenance if m.covers(self.at) and not {*m.actions}.isdisjoint(actions)
        ]
        return (max(ends) if all(ends) else 0) if ends else None


class TextReceived(Event, frozen=True):
    """`tap`: the bizmsgmenuid if the resident tapped an offered answer; WORD for a button of the page that
    sends one of the words that always work."""

    text: str = ""
    tap: str = ""


class VoiceReceived(Event, frozen=True):
    text: str = ""  # WeChat's recognition, often empty


class ImageReceived(Event, frozen=True):
    media_id: str = ""


class FormFilled(Event, frozen=True):
    """Several answers from the page: by slot, the words typed or shown, or a picture's media id."""

    values: Mapping[str, str] = field(default_factory=dict)


class LocationReceived(Event, frozen=True):
    """GCJ-02 degrees, as WeChat sends them."""

    lat: float = 0.0
    lon: float = 0.0
    label: str = ""


class OtherReceived(Event, frozen=True):
    """A message of a kind that no question asks for: video, link, file, sticker, …"""

    kind: str = ""


class MenuClicked(Event, frozen=True):
    key: str = ""


class Subscribed(Event, frozen=True):
    scene: str = ""


class Scanned(Event, frozen=True):
    scene: str = ""


class Unsubscribed(Event, frozen=True):
    pass


class AuthorizationRevoked(Event, frozen=True):
    """user_authorization_revoke or _cancellation: we must delete the resident's data."""


class PersonLeft(Event, frozen=True):
    """kf_close_session: the member of staff closed the conversation."""


class Ignored(Event, frozen=True):
    """Any other event of WeChat: answered `success`, with no step."""

    name: str = ""


class ActionFinished(Event, frozen=True):
    """A call's definite outcome with its result."""

    call: str = ""
    outcome: str = ""
    value: Value = ""


class ActionDelayed(Event, frozen=True):
    """A call ("": the one the top flow waits for) has no definite outcome yet and goes on in the background.

    `sent`: it may have been taken. `no_push`: the result can only be sent when the resident writes again.
    `put_off`: its service is switched off until later.
    """

    call: str = ""
    sent: bool = False
    no_push: bool = False
    put_off: bool = False


class NotSubmitted(Event, frozen=True):
    """The change that the resident has just agreed to could not be stored safely, so it was taken back."""


class TimePassed(Event, frozen=True):
    """The resident's timer is due."""


class Reported(Event, frozen=True):
    """Something happened without the resident: at the bureau, or by another WeChat. `flow`: the flow that
    tells it, with the slots it is passed."""

    flow: str = ""
    given: Mapping[str, Value] = field(default_factory=dict)
