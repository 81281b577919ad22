"""WeChat's side of the wire: what a resident does as signed XML to our own webhook, and what came back.

Token and AES keys stay here; the browser sees what travels.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client

from bot.settings import Settings
from bot.wechat import xml
from bot.wechat.crypto import MessageKey, Refused, Signer

ACCOUNT = "gh_phone00000001"
MODES = ("plain", "compatible", "safe")
_TAP = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')
_BARE = frozenset({"CreateTime", "MsgId", "Location_X", "Location_Y", "Scale"})  # numbers, as WeChat writes
Json = dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """One delivery. `sent` and `body` as they travelled, `plain` and `answer` as they read."""

    line: str
    plain: str
    sent: str
    status: int
    body: str
    answer: str
    ms: int

    @property
    def shown(self) -> Json:
        """What the resident sees of it."""
        if self.status != 200:
            return {"kind": "refused", "status": self.status}
        return read(self.answer)


def message(kind: str, openid: str, at: int, fields: Mapping[str, str]) -> bytes:
    """The plain body WeChat would push. Events carry no MsgId. `kind`: MsgType."""
    every = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": str(at), "MsgType": kind, **fields}
    if kind != "event":
        every["MsgId"] = str(secrets.randbits(63))
    lines = "".join(
        f"<{name}>{text if name in _BARE else _cdata(text)}</{name}>\n" for name, text in every.items()
    )
    return f"<xml>\n{lines}</xml>".encode()


def read(answer: str) -> Json:
    """`kind` none, text (with `parts`: texts and taps), image (`media`) or transfer."""
    if answer in ("", "success"):
        return {"kind": "none"}
    try:
        found = xml.fields(answer.encode())
    except Refused:
        return {"kind": "broken"}
    kind = found.get("msgtype", "")
    if kind == "text":
        return {"kind": "text", "parts": parts(found.get("content", ""))}
    if kind == "image":
        media = re.search(r"<MediaId><!\[CDATA\[([\w-]+)\]\]></MediaId>", answer)
        return {"kind": "image", "media": media[1] if media else ""}
    return {"kind": "transfer" if kind == "transfer_customer_service" else "broken"}


def parts(text: str) -> list[Json]:
    """A bubble's text cut at its taps, so that the page never writes markup."""
    cut: list[Json] = []
    end = 0
    for tap in _TAP.finditer(text):
        cut += [{"text": text[end : tap.start()]}] if tap.start() > end else []
        cut.append({"said": tap[1], "tap": tap[2], "label": tap[3]})
        end = tap.end()
    return [*cut, {"text": text[end:]}] if end < len(text) else cut


class Wire:
    """Posts to the application's own `/wechat`, as WeChat's server would."""

    def __init__(self, settings: Settings, now: Callable[[], int]) -> None:
        self._now = now
        self._signer = Signer(settings.wechat_token)
        keys = settings.wechat_aes_keys
        self._key = MessageKey(keys[0], settings.wechat_app_id) if keys else None
        self.modes = MODES if self._key else ("plain",)
        self.default_mode = settings.wechat_mode if settings.wechat_mode in self.modes else "plain"
        if self.default_mode == "compatible":  # what an account should come to
            self.default_mode = "safe"

    def deliver(self, app: Any, body: bytes, mode: str, times: int = 1) -> list[Exchange]:
        """The same message once, or several times at the same moment."""
        if times == 1:
            return [self._post(app, body, mode)]
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(lambda _: self._post(app, body, mode), range(times)))

    def _post(self, app: Any, body: bytes, mode: str) -> Exchange:
        stamp, nonce = str(self._now()), f"n{secrets.token_hex(4)}"
        query = {"signature": self._signer.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce}
        sent = body
        if mode != "plain" and self._key is not None:
            encrypted = self._key.encrypt(body)
            query |= {"encrypt_type": "aes", "msg_signature": self._signer.sign(stamp, nonce, encrypted)}
            sealed = f"<Encrypt>{_cdata(encrypted)}</Encrypt>\n</xml>".encode()
            plain = body.removesuffix(b"</xml>")
            sent = (plain if mode == "compatible" else _envelope()) + sealed
        line = f"/wechat?{urlencode(query)}"
        started = time.monotonic()
        response = Client(app).post(line, data=sent, content_type="text/xml")
        took = round((time.monotonic() - started) * 1000)
        back = response.get_data()
        return Exchange(
            f"POST {line}", body.decode(), "" if sent == body else sent.decode(), response.status_code,
            back.decode("utf-8", "replace"), self._opened(back), took,
        )  # fmt: skip

    def _opened(self, back: bytes) -> str:
        """The answer in plain; as it is where it was not encrypted."""
        if self._key is None or b"<Encrypt>" not in back:
            return back.decode("utf-8", "replace")
        found = xml.fields(back)
        try:
            sealed = found["encrypt"]
            self._signer.check(found["msgsignature"], found["timestamp"], found["nonce"], sealed)
            opened = self._key.decrypt(base64.b64decode(sealed))
        except (Refused, KeyError, ValueError):
            opened = None
        return (opened or b"<broken/>").decode("utf-8", "replace")


def _envelope() -> bytes:
    return f"<xml>\n<ToUserName>{_cdata(ACCOUNT)}</ToUserName>\n".encode()


def _cdata(text: str) -> str:
    return f"<![CDATA[{xml.without_illegal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
