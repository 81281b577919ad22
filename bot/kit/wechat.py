"""WeChat's side of the webhook: signs and encrypts what residents send, reads what they would be shown.

Replays, phone, tests and drill all use this module to play WeChat.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine import events as e
from bot.engine.effects import Reply
from bot.wechat import xml
from bot.wechat.crypto import Keyring, MessageKey, Refused, Signer
from bot.wechat.outbound import LIMIT, text_body

ACCOUNT = "gh_000000000001"
TAP = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')
"""An answer that can be tapped: the words it sends, its tap id and its label."""
LINK = re.compile(r'<a href="(https?://[^"]*)">([^<]*)</a>')
"""A link to an address: the address and its label."""
_TO = f"<ToUserName>{xml.cdata(ACCOUNT)}</ToUserName>"
_CODE = re.compile(r"(?<!\d)(\d) (\d) (\d) (\d)(?!\d)")
_PICTURE = re.compile(r"<MediaId><!\[CDATA\[([\w-]+)\]\]></MediaId>")
_BARE = frozenset({"CreateTime", "MsgId", "Location_X", "Location_Y", "Scale"})  # numbers, as WeChat writes


@dataclass(frozen=True)
class Bubble:
    """The reply that a resident sees. `kind`: text, image, person or nothing.

    `answers`: label -> tap id of the answers that can be tapped. `links`: label -> address.
    `says`: ids of its texts, `language` their language; empty if not known. `picture`: its media id.
    `words`: the text as it is sent, with its links. `xml`: the plain answer, if there was one.
    """

    kind: str
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    language: str = ""
    picture: str = ""
    words: str = field(default="", compare=False, repr=False)
    xml: str = field(default="", compare=False, repr=False)

    @property
    def code(self) -> str:
        """Returns the random digits it shows, "" if there are none."""
        found = _CODE.search(self.text)
        return "".join(found.groups()) if found else ""

    def shown(self) -> str:
        """Returns it in the form of a replay's expectation."""
        return self.text if self.kind == "text" else self.kind

    def __contains__(self, words: str) -> bool:
        return words in self.text


class Account:
    """WeChat's side of an official account. Without `aes_key` it knows plain mode only.

    Raises:
        ValueError: what is no token, key or app id.
    """

    def __init__(self, token: str, app_id: str = "", aes_key: str = "") -> None:
        self._signer = Signer(token)
        self._key = MessageKey(aes_key, app_id) if aes_key else None
        self._keys = Keyring([aes_key] if aes_key else [], app_id)

    def push(self, body: bytes, at: int, mode: str = "safe", nonce: str = "") -> tuple[dict[str, str], bytes]:
        """Returns query and body of one delivery. `mode`: plain, compatible or safe. `at`: its timestamp."""
        # a numeric nonce could be nearer to the message's time than the timestamp
        stamp, nonce = str(at), nonce or f"n{secrets.token_hex(4)}"
        query = {"signature": self._signer.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce}
        if mode == "plain" or self._key is None:
            return query, body
        encrypted = self._key.encrypt(body)
        query |= {"encrypt_type": "aes", "msg_signature": self._signer.sign(stamp, nonce, encrypted)}
        head = body.removesuffix(b"</xml>").decode() if mode == "compatible" else f"<xml>\n{_TO}\n"
        return query, f"{head}<Encrypt>{xml.cdata(encrypted)}</Encrypt>\n</xml>".encode()

    def opened(self, answer: bytes, mode: str = "safe") -> bytes:
        """Returns the plain answer to a delivery in that mode.

        Raises:
            Refused: it is not signed and encrypted as WeChat wants it.
        """
        if mode == "plain" or answer in (b"success", b""):
            return answer
        found = dict.fromkeys(("encrypt", "msgsignature", "timestamp", "nonce"), "") | xml.fields(answer)
        sealed = found["encrypt"]
        self._signer.check(found["msgsignature"], found["timestamp"], found["nonce"], sealed)
        return self._keys.decrypt(sealed)[0]


def message(kind: str, openid: str, at: int, fields: Mapping[str, str], number: int = 0) -> bytes:
    """Returns the plain body that WeChat would push.

    `kind`: MsgType. `at`: CreateTime, epoch seconds. `number`: MsgId, which events lack; 0: a new one.
    """
    every = {"FromUserName": openid, "CreateTime": str(at), "MsgType": kind, **fields}
    if kind != "event":
        every["MsgId"] = str(number or secrets.randbits(63))
    lines = "".join(
        f"<{name}>{text if name in _BARE else xml.cdata(text)}</{name}>\n" for name, text in every.items()
    )
    return f"<xml>\n{_TO}\n{lines}</xml>".encode()


def message_of(event: e.Event, openid: str, number: int = 0) -> bytes:
    """Returns the plain body of an event."""
    kind, fields = fields_of(event, openid)
    return message(kind, openid, event.at, fields, number)


def fields_of(event: e.Event, openid: str) -> tuple[str, dict[str, str]]:
    """Returns the MsgType and the fields of an event."""
    match event:
        case e.TextReceived():
            return "text", {"Content": event.text} | ({"bizmsgmenuid": event.tap} if event.tap else {})
        case e.VoiceReceived():
            return "voice", {"MediaId": "made-up-voice", "Format": "amr", "Recognition": event.text}
        case e.ImageReceived():
            picture = f"http://mmbiz.qpic.cn/{event.media_id}"
            return "image", {"PicUrl": picture, "MediaId": event.media_id}
        case e.LocationReceived():
            place = {"Location_X": f"{event.lat:.6f}", "Location_Y": f"{event.lon:.6f}", "Scale": "15"}
            return "location", {**place, "Label": event.label}
        case e.OtherReceived():
            return event.kind, {}
        case e.MenuClicked():
            return "event", {"Event": "CLICK", "EventKey": event.key}
        case e.Subscribed():
            scene = f"qrscene_{event.scene}" if event.scene else ""
            return "event", {"Event": "subscribe", "EventKey": scene}
        case e.Scanned():
            return "event", {"Event": "SCAN", "EventKey": event.scene}
        case e.Unsubscribed():
            return "event", {"Event": "unsubscribe", "EventKey": ""}
        case e.PersonLeft():
            return "event", {"Event": "kf_close_session"}
        case e.AuthorizationRevoked():
            return "event", {"Event": "user_authorization_revoke", "OpenID": openid}
        case e.Ignored():
            return "event", {"Event": event.name}
    raise ValueError(f"WeChat sends no {type(event).__name__}")


def read(answer: bytes, openid: str = "") -> Bubble:
    """Returns what a plain answer shows.

    Raises:
        Refused: the resident would see an outage instead.
    """
    if answer in (b"success", b""):
        return Bubble("nothing")
    found, plain = xml.fields(answer), answer.decode("utf-8", "replace")
    kind, words = found.get("msgtype", ""), found.get("content", "")
    if openid and (found.get("tousername"), found.get("fromusername")) != (openid, ACCOUNT):
        raise Refused(400, "the answer is for somebody else")
    if kind == "transfer_customer_service":
        return Bubble("person", xml=plain)
    if kind == "image":
        picture = _PICTURE.search(plain)
        return Bubble("image", picture=picture[1] if picture else "", xml=plain)
    if kind != "text" or not words or len(words.encode()) > LIMIT:
        raise Refused(400, "the answer is none that WeChat shows")
    return from_words(words, plain)


def from_words(words: str, plain: str = "") -> Bubble:
    """Returns the bubble of a text as it is sent to WeChat, with its links."""
    answers = {label: tap for _, tap, label in TAP.findall(words)}
    links = {label: url for url, label in LINK.findall(words)}
    text = LINK.sub(r"\2", TAP.sub(r"\3", words))
    return Bubble("text", text, answers, links, words=words, xml=plain) if words else Bubble("nothing")


def of(reply: Reply) -> Bubble:
    if reply.kind == "transfer":
        return Bubble("person")
    return from_words(text_body(reply)) if reply.kind == "text" else Bubble("nothing")
