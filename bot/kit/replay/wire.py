"""A resident's phone on the wire: signed and encrypted as WeChat does it.

The only module of this room that signs and builds WeChat's XML.
"""

from __future__ import annotations

import base64
import secrets
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

import requests

from bot.content.read.source import Loc
from bot.engine import events as e
from bot.engine.flow import Content
from bot.kit.replay.bubble import Bubble, from_words
from bot.kit.replay.judge import Facts
from bot.kit.replay.services import Answers
from bot.kit.replay.stage import CannotPlay
from bot.wechat import xml
from bot.wechat.crypto import MessageKey, Refused, Signer

ACCOUNT = "gh_replay"
SECONDS = 6.0
"""WeChat itself hangs up after 5 s."""
PLENTY = 60.0
"""Seconds for an answer of a server of our own: no machine is too busy to tell what it would be."""


@dataclass(frozen=True)
class Account:
    """What both ends know."""

    token: str
    app_id: str
    aes_key: str

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Account:
        names = ("SHEBAO_WECHAT_TOKEN", "SHEBAO_WECHAT_APP_ID", "SHEBAO_WECHAT_AES_KEYS")
        missing = [n for n in names if not env.get(n)]
        if missing:
            raise CannotPlay(f"--target needs {', '.join(missing)} in the environment")
        return cls(env[names[0]], env[names[1]], env[names[2]].split(",")[0])


class Own(Protocol):
    """A server of our own. `answers`: its services. `settle`: wait until it has done with every answer."""

    answers: Answers

    def settle(self) -> None: ...


class Wire:
    """The phone's end: one resident of an account. Raises CannotPlay for an account that is none."""

    def __init__(self, url: str, account: Account, openid: str, own: Own | None = None) -> None:
        self.url, self.openid, self.own = url.rstrip("/") + "/wechat", openid, own
        self.within = PLENTY if own else SECONDS
        try:
            self.signer, self.key = Signer(account.token), MessageKey(account.aes_key, account.app_id)
        except ValueError as e:
            raise CannotPlay(str(e)) from e
        self.session = requests.Session()
        self.nonce = secrets.token_hex(4)

    def deliver(self, key: str, event: e.Event) -> Bubble:
        if self.own:
            self.own.settle()
        return self._deliver(key, event)

    def _deliver(self, key: str, event: e.Event) -> Bubble:
        return self.post(body(event, self.openid, zlib.crc32(f"{self.nonce}{key}".encode())))

    def post(self, message: bytes) -> Bubble:
        """Raises CannotPlay where the server does not answer as one of ours."""
        stamp = str(int(time.time()))  # wall clock: a running service refuses what is old
        encrypted = self.key.encrypt(message)
        nonce = f"n{secrets.token_hex(4)}"  # a number could be nearer to the replay's time than the stamp is
        query = {
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "signature": self.signer.sign(stamp, nonce),
            "msg_signature": self.signer.sign(stamp, nonce, encrypted),
        }
        data = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        try:
            got = self.session.post(self.url, params=query, data=data.encode(), timeout=self.within)
        except requests.RequestException as error:
            raise CannotPlay(f"{self.url} does not answer: {type(error).__name__}") from None
        if got.status_code != 200:
            raise CannotPlay(f"{self.url} answered {got.status_code}: are token, app id and AES key its own?")
        return self._read(got.content)

    def _read(self, answer: bytes) -> Bubble:
        if answer in (b"success", b""):
            return Bubble("nothing")
        try:
            outer = xml.fields(answer)
            sealed = outer.get("encrypt", "")
            self.signer.check(
                outer.get("msgsignature", ""), outer.get("timestamp", ""), outer.get("nonce", ""), sealed
            )
            opened = self.key.decrypt(base64.b64decode(sealed))
            inner = xml.fields(opened or b"")
        except (Refused, ValueError) as error:
            raise CannotPlay(f"the answer is not WeChat's: {error}") from None
        if inner.get("msgtype") == "transfer_customer_service":
            return Bubble("person")
        return from_words(inner.get("content", ""))

    def opening(self) -> Bubble:
        return Bubble("nothing")

    def wait(self, until: int) -> list[Bubble]:
        return []

    def together(self, given: list[tuple[str, e.Event]]) -> Iterator[tuple[tuple[Bubble, ...], Facts | None]]:
        """Really at once, in one order that chance makes."""
        if self.own:
            self.own.settle()
        with ThreadPoolExecutor(len(given)) as pool:
            yield tuple(pool.map(lambda one: self._deliver(*one), given)), None

    def deploy(self, directory: Path) -> Content:
        raise CannotPlay("content cannot be deployed over HTTP")

    def restart(self) -> None:
        self.session = requests.Session()

    def facts(self) -> Facts | None:
        return None

    def services(self) -> Own | None:
        return self.own

    def unused(self) -> list[tuple[Loc, str]]:
        return [(p.loc, p.action) for p in self.own.answers.unused()] if self.own else []


def body(event: e.Event, openid: str, number: int) -> bytes:
    """WeChat's plain XML of an event."""
    kind, fields = "event", ""
    if isinstance(event, e.TextReceived):
        menu = f"<bizmsgmenuid>{escape(event.tap)}</bizmsgmenuid>" if event.tap else ""
        kind, fields = "text", f"<Content>{escape(event.text)}</Content>{menu}"
    elif isinstance(event, e.VoiceReceived):
        kind, fields = "voice", f"<MediaId>v</MediaId><Recognition>{escape(event.text)}</Recognition>"
    elif isinstance(event, e.ImageReceived):
        kind, fields = "image", f"<PicUrl>http://p</PicUrl><MediaId>{escape(event.media_id)}</MediaId>"
    elif isinstance(event, e.LocationReceived):
        place = f"<Location_X>{event.lat}</Location_X><Location_Y>{event.lon}</Location_Y>"
        kind, fields = "location", f"{place}<Label>{escape(event.label)}</Label>"
    elif isinstance(event, e.OtherReceived):
        kind = event.kind
    elif isinstance(event, e.MenuClicked):
        fields = f"<Event>CLICK</Event><EventKey>{escape(event.key)}</EventKey>"
    elif isinstance(event, e.Subscribed):
        scene = f"qrscene_{event.scene}" if event.scene else ""
        fields = f"<Event>subscribe</Event><EventKey>{escape(scene)}</EventKey>"
    elif isinstance(event, e.Scanned):
        fields = f"<Event>SCAN</Event><EventKey>{escape(event.scene)}</EventKey>"
    else:
        names = {"Unsubscribed": "unsubscribe", "PersonLeft": "kf_close_session"}
        name = names.get(type(event).__name__, "") or (
            event.name if isinstance(event, e.Ignored) else "user_authorization_revoke"
        )
        fields = f"<Event>{escape(name)}</Event><OpenID>{openid}</OpenID>"
    message = f"<MsgId>{number}</MsgId>" if kind != "event" else ""
    return (
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{event.at}</CreateTime><MsgType>{kind}</MsgType>{fields}{message}</xml>"
    ).encode()
