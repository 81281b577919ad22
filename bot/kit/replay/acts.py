"""Turns what a resident does in a replay into an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.content.messages import both
from bot.content.read.words import is_yes
from bot.engine import events as e
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.stage import CannotPlay, Scenery, nowhere
from bot.kit.wechat import Bubble
from bot.wechat import xml
from bot.wechat.crypto import Keyring, Refused
from bot.wechat.inbound import parse


class NotOffered(Exception):
    """The conversation taps an answer that was not offered."""


class Resident:
    """A resident with a phone; the bubbles shown so far decide what a tap or {code} means."""

    def __init__(self, conversation: Conversation, scenery: Scenery) -> None:
        self.conversation, self.scenery = conversation, scenery
        self.clock = conversation.clock
        self.count = 0
        self.bubbles: list[Bubble] = []
        people = scenery.town.people.everyone
        self.person = next((p for p in people if p.name == conversation.person), None)
        if conversation.person and self.person is None:
            known = [p.name for p in people]
            what = nowhere("nobody", conversation.person, known, among="、".join(known))
            raise CannotPlay(what, ("resident", "person"))

    def does(self, act: str, value: Any) -> e.Event:
        """Returns the event of an act.

        Raises:
            NotOffered, Refused.
        """
        return _EVENTS[act](self, value)

    def _say(self, words: str) -> e.Event:
        return e.TextReceived(0, text=self.own(words)[: e.MOST_READ])

    def own(self, words: str) -> str:
        """Fills in the resident's values.

        Raises:
            NotOffered.
        """
        if "{code}" in words:
            code = next((b.code for b in reversed(self.bubbles) if b.code), "")
            if not code:
                raise NotOffered(both("replays", "no-code-shown"))
            words = words.replace("{code}", code)
        for name in ("id_number", "name"):
            if "{" + name + "}" in words:
                if self.person is None:
                    raise NotOffered(both("replays", "who-is-it", name=name))
                words = words.replace("{" + name + "}", getattr(self.person, name))
        return words

    def _tap(self, value: Any) -> e.Event:
        label, old = (value, False) if isinstance(value, str) else (value.label, is_yes(value.old))
        bubbles = [b for b in reversed(self.bubbles) if b.kind == "text"]
        shown = (bubbles[1:] if old else bubbles[:1]) or [Bubble("nothing")]
        for bubble in shown:
            if label in bubble.answers:
                return e.TextReceived(0, text=label, tap=bubble.answers[label])
        buttons = self.scenery.buttons
        if key := next((b.key for b in buttons if b.name == label), ""):
            return e.MenuClicked(0, key=key)
        offered = list(shown[0].answers)
        known = [*offered, *(b.name for b in buttons)]
        raise NotOffered(nowhere("not-offered", label, known, among="、".join(offered) or "—"))

    def _send(self, value: Any) -> e.Event:
        if isinstance(value, str):
            return (
                e.ImageReceived(0, media_id=f"media-{self.count}")
                if value == "image"
                else e.OtherReceived(0, kind=value)
            )
        if value.voice is not None:
            return e.VoiceReceived(0, text=value.voice[: e.MOST_READ])
        if value.location is not None:
            lat, lon = (float(v) for v in value.location)
            return e.LocationReceived(0, lat=lat, lon=lon, label=value.label)
        return e.ImageReceived(0, media_id=value.image or f"media-{self.count}")

    def _happened(self, value: Any) -> e.Event:
        named: dict[str, e.Event] = {
            "subscribe": e.Subscribed(0),
            "unsubscribe": e.Unsubscribed(0),
            "revoke": e.AuthorizationRevoked(0),
            "close_session": e.PersonLeft(0),
        }
        if isinstance(value, str):
            return named.get(value) or e.Ignored(0, name=value)
        if value.subscribe is not None:
            return e.Subscribed(0, scene=value.subscribe)
        if value.scan is not None:
            return e.Scanned(0, scene=value.scan)
        if value.click is not None:
            return e.MenuClicked(0, key=value.click)
        return e.Ignored(0, name=value.other or "")

    def _raw(self, value: Any) -> e.Event:
        file = value if isinstance(value, str) else value.file
        body = (self.conversation.path.parent / file).read_bytes()
        if not isinstance(value, str) and value.aes_key:
            body = opened(body, value.aes_key, value.app_id)
        return parse(body, 0, self.clock)[1]


def opened(body: bytes, aes_key: str, app_id: str) -> bytes:
    """Returns the plain body of a recorded encrypted one.

    Raises:
        Refused.
    """
    try:
        return Keyring([aes_key], app_id).decrypt(xml.fields(body).get("encrypt", ""))[0]
    except ValueError as error:
        raise Refused(400, f"this recorded body does not open: {error}") from None


_EVENTS: dict[str, Callable[[Resident, Any], e.Event]] = {
    "say": Resident._say,
    "tap": Resident._tap,
    "send": Resident._send,
    "event": Resident._happened,
    "raw": Resident._raw,
}
