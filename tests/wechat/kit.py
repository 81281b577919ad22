"""A Flask app with a made-up account, requests signed as WeChat signs them, a turn that only remembers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient
from moment import NOW

from bot.engine.effects import Reply
from bot.engine.events import Event
from bot.wechat.crypto import MessageKey, Signer
from bot.wechat.inbound import Delivery
from bot.wechat.webhook import Answer, WebhookConfig, webhook

TOKEN = "made-up-token"
APP_ID = "wx0000000000000001"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
ACCOUNT = "gh_000000000001"
RESIDENT = "oMadeUpResident0000000000001"


class Turn:
    """Stands in for the turn: remembers what it was given and answers `reply`."""

    def __init__(self, reply: Reply | Exception | None = None, media_id: str = "") -> None:
        self.seen: list[tuple[Delivery, Event]] = []
        self._reply = Reply(text="好的。") if reply is None else reply
        self._media_id = media_id

    def __call__(self, delivery: Delivery, event: Event) -> Answer:
        self.seen.append((delivery, event))
        if isinstance(self._reply, Exception):
            raise self._reply
        return Answer(self._reply, NOW, self._media_id)


def config(**changed: Any) -> WebhookConfig:
    return WebhookConfig(**{"token": TOKEN, "app_id": APP_ID, "aes_keys": (KEY, OLD_KEY), **changed})


def client(
    turn: Callable[[Delivery, Event], Answer], clock: Callable[[], float] = lambda: NOW, **changed: Any
) -> FlaskClient:
    app = Flask("made-up")
    app.wsgi_app = webhook(app.wsgi_app, config(**changed), turn, clock)  # type: ignore[method-assign]
    return app.test_client()


def signed(
    token: str = TOKEN, timestamp: str = str(NOW), nonce: str = "n1", encrypted: str = ""
) -> dict[str, str]:
    """The query WeChat sends; with `encrypted` that of a compatible or safe account."""
    signer = Signer(token)
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signer.sign(timestamp, nonce)}
    if encrypted:
        query |= {"encrypt_type": "aes", "msg_signature": signer.sign(timestamp, nonce, encrypted)}
    return query


def sealed(body: bytes, key: str = KEY, app_id: str = APP_ID, **query: str) -> tuple[dict[str, str], bytes]:
    """The query and the body of a safe account. `query`: as for `signed`."""
    encrypted = MessageKey(key, app_id).encrypt(body)
    outer = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return signed(encrypted=encrypted, **query), outer.encode()


def message(kind: str = "text", **fields: object) -> bytes:
    """A body as WeChat writes it. A field given as None is left out."""
    all_fields: dict[str, object] = {
        "ToUserName": ACCOUNT,
        "FromUserName": RESIDENT,
        "CreateTime": NOW,
        "MsgType": kind,
        **({} if kind == "event" else {"MsgId": 7000000000000001}),
        **fields,
    }
    inner = "".join(
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in all_fields.items()
        if value is not None
    )
    return f"<xml>{inner}</xml>".encode()


def read(xml: bytes) -> dict[str, str]:
    """A reply's fields, read by a parser that is not ours."""
    return {element.tag: "".join(element.itertext()) for element in ElementTree.fromstring(xml)}  # noqa: S314
