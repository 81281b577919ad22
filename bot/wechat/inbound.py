"""Parses WeChat's body: bytes -> (Delivery, Event)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from bot.engine import events as e
from bot.wechat import xml
from bot.wechat.crypto import Refused

_NAME_LIMIT = 128  # characters of a key, a scene, a tap
_NO_CALENDAR = 10**10  # epoch seconds, in the year 2286
_OPENID_LIMIT = 64  # real ones have 28
_SCENE = "qrscene_"
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_KIND = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
_BLANK = re.compile(r"\s")
_REVOKED = ("user_authorization_revoke", "user_authorization_cancellation")


class Delivery(Struct, frozen=True):
    """The identity of a push. A repeated delivery of the same message has the same `key`.

    `openid`: the resident, "" if the body names none. `account`: our gh_ id. `at`: CreateTime, epoch seconds.
    `kind`: for logs, "text" or "event:click". `is_message`: sent by the resident, so it may be handed to
    staff. `waited`: seconds in the queue of the server in front, as far as known.
    """

    openid: str
    account: str
    key: str
    at: int
    kind: str
    is_message: bool
    waited: float = 0.0


def parse(body: bytes, seed: int, now: int) -> tuple[Delivery, e.Event]:
    """Parses a plain (already decrypted) body. `seed`: for the event. `now`: its time if it has no
    CreateTime.

    Unknown kinds become OtherReceived (messages) or Ignored (all else).

    Raises:
        Refused: 400, only for what no WeChat server sends: not XML, a CreateTime or MsgId that is no
            number, an impossible OpenID.
    """
    if not body.strip():
        raise Refused(400, "body is empty")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        # The console offers JSON push; answering it in XML would show residents an outage.
        return Delivery("", "", "", now, "json", False), e.Ignored(now, seed, name="json")
    found = xml.fields(body)
    at = _seconds(_number(found, "createtime", 14)) or now
    kind = found.get("msgtype", "").lower()
    if kind == "event":
        return _event(found, at, seed)
    openid = _openid(found.get("fromusername", ""))
    account = found.get("tousername", "")
    if not openid or not kind:
        name = _loggable(kind or "untyped")
        return Delivery(openid, account, "", at, name, False), e.Ignored(at, seed, name=name)
    key = f"{openid}:{_number(found, 'msgid', 20) or _digest(found)}"
    return Delivery(openid, account, key, at, _loggable(kind), True), _message(kind, found, at, seed)


def _message(kind: str, found: Mapping[str, str], at: int, seed: int) -> e.Event:
    if kind == "text":
        tap = found.get("bizmsgmenuid", "")[:_NAME_LIMIT]
        return e.TextReceived(at, seed, text=found.get("content", "")[: e.MOST_READ], tap=tap)
    if kind == "voice":
        return e.VoiceReceived(at, seed, text=found.get("recognition", "")[: e.MOST_READ])
    if kind == "image" and found.get("mediaid"):
        return e.ImageReceived(at, seed, media_id=found["mediaid"])
    if kind == "location":
        lat, lon = _degrees(found.get("location_x", ""), 90), _degrees(found.get("location_y", ""), 180)
        if lat is not None and lon is not None:
            return e.LocationReceived(at, seed, lat, lon, found.get("label", "")[: e.MOST_READ])
    return e.OtherReceived(at, seed, kind=_loggable(kind))


_EVENTS: Mapping[str, Callable[[int, int, str], e.Event]] = {
    "click": lambda at, seed, key: e.MenuClicked(at, seed, key=key),
    # EventKey may also hold other things, such as last_trade_no_… after a payment
    "subscribe": lambda at, seed, key: e.Subscribed(
        at, seed, scene=key[len(_SCENE) :] if key.startswith(_SCENE) else ""
    ),
    "scan": lambda at, seed, key: e.Scanned(at, seed, scene=key.removeprefix(_SCENE)),
    "unsubscribe": lambda at, seed, _: e.Unsubscribed(at, seed),
    "user_authorization_revoke": lambda at, seed, _: e.AuthorizationRevoked(at, seed),
    "user_authorization_cancellation": lambda at, seed, _: e.AuthorizationRevoked(at, seed),
    "kf_close_session": lambda at, seed, _: e.PersonLeft(at, seed),
    # LOCATION must not be answered with a text; location_select and pic_* are followed by their own message
}


def _event(found: Mapping[str, str], at: int, seed: int) -> tuple[Delivery, e.Event]:
    name = found.get("event", "").lower()
    # The authorization events name the resident in OpenID; FromUserName may be another account's.
    person = found.get("openid") if name in _REVOKED else None
    openid = _openid(person or found.get("fromusername", ""))
    event_key = found.get("eventkey", "")[:_NAME_LIMIT]
    # Events have no MsgId.
    key = f"{openid}:{at}:{name[:_NAME_LIMIT]}:{event_key}" if openid else ""
    delivery = Delivery(openid, found.get("tousername", ""), key, at, f"event:{_loggable(name)}", False)
    make = _EVENTS.get(name)
    if not openid or make is None:
        return delivery, e.Ignored(at, seed, name=_loggable(name))
    return delivery, make(at, seed, event_key)


def _openid(text: str) -> str:
    if len(text) > _OPENID_LIMIT or _BLANK.search(text):
        raise Refused(400, "OpenID is too long or has blanks in it")
    return text


def _seconds(stamp: int) -> int:
    """Reads milliseconds too, as some platforms send them; returns 0 for an impossible time."""
    seconds = stamp if stamp < _NO_CALENDAR else stamp // 1000
    return seconds if seconds < _NO_CALENDAR else 0


def _number(found: Mapping[str, str], name: str, digits: int) -> int:
    """Returns 0 if the field is missing or empty.

    Raises:
        Refused (400): it is no number.
    """
    text = found.get(name, "")
    if not text:
        return 0
    if len(text) > digits or not _NUMBER.fullmatch(text):
        raise Refused(400, f"{name} is not a number")
    return int(text)


def _degrees(text: str, limit: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= limit else None  # neither nan nor inf is


def _loggable(name: str) -> str:
    """Returns a type's name as WeChat spells it; any other text could carry a resident's words into a log."""
    return name if _KIND.fullmatch(name) else "odd"


def _digest(found: Mapping[str, str]) -> str:
    """Replaces a missing MsgId: the same for the same fields."""
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:32]
