"""A resident's phone: sends signed and encrypted WeChat XML to the webhook, shows what came back."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html import escape
from typing import Any
from xml.etree import ElementTree

from moment import Clock

from bot.app import Bot
from bot.kit.stubs.people import Person
from bot.kit.stubs.people_file import load_people
from bot.wechat.crypto import MessageKey, Signer

ACCOUNT = "gh_000000000001"
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')


@dataclass
class Bubble:
    """What the resident sees. `text`: with the links as plain words. `answers`: label -> tap id."""

    kind: str
    text: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    xml: str = ""

    def __contains__(self, words: str) -> bool:
        return words in self.text


class Phone:
    """`client`: Flask's test client, or anything with post(path, query_string=, data=).

    Every message is sent in a later second than the one before: WeChat's CreateTime has seconds. Where the
    bot has a test's clock, it is as late for the services as for the phone.
    """

    def __init__(self, client: Any, bot: Bot, person: str = "张三", name: str = "") -> None:
        from conftest import ROOT

        self.client, self.bot = client, bot
        people = load_people(ROOT / "config" / "stub.yaml").everyone
        self.person: Person = next(p for p in people if p.name == person)
        self.openid = f"oTest{name or self.person.id_number:0>23}"[:28]
        self.at = bot.now()
        self.count = 0
        self.sent = 0
        self.bubble = Bubble("none")
        self.last: bytes = b""

    # --- what a resident does ---
    def say(self, text: str, tap: str = "") -> Bubble:
        menu = f"<bizmsgmenuid>{tap}</bizmsgmenuid>" if tap else ""
        return self._message("text", f"<Content>{escape(text)}</Content>{menu}")

    def tap(self, label: str) -> Bubble:
        """A menu button of that name, or an answer that the last bubble offered; anything else fails."""
        for top in self.bot.loaded.menu:
            for button in (top, *top.sub):
                if button.name == label and button.key and label not in self.bubble.answers:
                    return self.event("CLICK", f"<EventKey>{button.key}</EventKey>")
        assert label in self.bubble.answers, f"“{label}” was not offered: {list(self.bubble.answers)}"
        return self.say(label, self.bubble.answers[label])

    def choose(self, words: str) -> Bubble:
        """Tap the one offered answer that holds these words."""
        labels = [label for label in self.bubble.answers if words in label]
        assert len(labels) == 1, f"“{words}” is in {labels} of {list(self.bubble.answers)}"
        return self.say(labels[0], self.bubble.answers[labels[0]])

    def image(self, media_id: str = "made-up-media") -> Bubble:
        return self._message("image", f"<PicUrl>http://p</PicUrl><MediaId>{media_id}{self.count}</MediaId>")

    def voice(self, recognition: str) -> Bubble:
        return self._message("voice", f"<MediaId>v</MediaId><Recognition>{escape(recognition)}</Recognition>")

    def location(self, lat: float, lon: float) -> Bubble:
        return self._message("location", f"<Location_X>{lat}</Location_X><Location_Y>{lon}</Location_Y>")

    def event(self, name: str, fields: str = "") -> Bubble:
        self.at += 1
        return self.post(self._body("event", f"<Event>{name}</Event>{fields}"))

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def again(self) -> Bubble:
        """WeChat delivers the last message once more."""
        return self.post(self.last)

    # --- whole passages ---
    def sign_in(self) -> Bubble:
        """From the consent to the end of the real-name check."""
        if "同意，继续" in self.bubble.answers:
            self.say("同意")
        self.say(self.person.id_number)
        self.say(self.person.name)
        return self.code()

    def code(self) -> Bubble:
        match = re.search(r"(\d) (\d) (\d) (\d)", self.bubble.text)
        assert match, f"no code in: {self.bubble.text}"
        return self.say("".join(match.groups()))

    # --- the wire ---
    def _message(self, kind: str, fields: str) -> Bubble:
        self.at += 1
        self.count += 1
        self.sent += 1
        return self.post(self._body(kind, f"{fields}<MsgId>{self.at * 1000 + self.count}</MsgId>"))

    def _body(self, kind: str, fields: str) -> bytes:
        return (
            f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{self.openid}</FromUserName>"
            f"<CreateTime>{self.at}</CreateTime><MsgType>{kind}</MsgType>{fields}</xml>"
        ).encode()

    def post(self, body: bytes) -> Bubble:
        """Sign and encrypt as WeChat does in safe mode; decrypt and check what comes back."""
        self.last = body
        if isinstance(self.bot.now, Clock):
            self.bot.now.reach(self.at)
        settings = self.bot.settings
        key = MessageKey(settings.wechat_aes_keys[0], settings.wechat_app_id)
        signer = Signer(settings.wechat_token)
        encrypted, stamp, nonce = key.encrypt(body), str(self.bot.now()), "n0nce"
        query = {
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "signature": signer.sign(stamp, nonce),
            "msg_signature": signer.sign(stamp, nonce, encrypted),
        }
        data = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        response = self.client.post("/wechat", query_string=query, data=data.encode())
        assert response.status_code == 200, response.status_code
        if response.data == b"success":
            self.bubble = Bubble("none")
            return self.bubble
        outer = ElementTree.fromstring(response.data)  # noqa: S314 - our own answer
        sealed = outer.findtext("Encrypt") or ""
        signer.check(
            outer.findtext("MsgSignature") or "",
            outer.findtext("TimeStamp") or "",
            outer.findtext("Nonce") or "",
            sealed,
        )
        plain = key.decrypt(base64.b64decode(sealed))
        assert plain is not None
        self.bubble = self._read(plain)
        return self.bubble

    def _read(self, plain: bytes) -> Bubble:
        found = ElementTree.fromstring(plain)  # noqa: S314 - our own answer
        assert found.findtext("ToUserName") == self.openid
        assert found.findtext("FromUserName") == ACCOUNT
        kind = found.findtext("MsgType") or ""
        words = found.findtext("Content") or ""
        assert len(words.encode()) <= 2048
        answers = {label: tap for _, tap, label in _LINK.findall(words)}
        return Bubble(kind, _LINK.sub(r"\3", words), answers, plain.decode())
