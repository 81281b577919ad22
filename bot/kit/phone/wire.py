"""Signs a resident's acts as WeChat XML to our own webhook, and reads the answers.

Token and AES keys stay here; the browser sees only what is sent.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort
from werkzeug.exceptions import BadRequest
from werkzeug.test import Client

from bot.engine import events as e
from bot.kit import wechat
from bot.kit.wechat import LINK, TAP, Account, message, message_of
from bot.settings import Settings
from bot.wechat.crypto import Refused

MODES = ("plain", "compatible", "safe")
Json = dict[str, Any]


def body_of(asked: Json, openid: str, at: int) -> bytes:
    """Returns the body that WeChat would push. Aborts with 400."""

    def text(name: str) -> str:
        value = asked.get(name, "")
        return value[: e.MOST_READ] if isinstance(value, str) else ""

    def degrees(name: str, limit: int) -> float:
        value: Any = asked.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
            abort(400, f"{name} is no place")
        return value

    event: e.Event
    match asked.get("kind"):
        case "text":
            event = e.TextReceived(at, text=text("text"), tap=text("tap"))
        case "image":
            event = e.ImageReceived(at, media_id=text("media"))
        case "voice":
            event = e.VoiceReceived(at, text=text("text"))
        case "location":
            event = e.LocationReceived(
                at, lat=degrees("lat", 90), lon=degrees("lon", 180), label=text("label")
            )
        case "CLICK" | "VIEW" | "subscribe" | "unsubscribe" as name:
            return message("event", openid, at, {"Event": name, "EventKey": text("key")})
        case _:
            raise BadRequest("no such message")
    return message_of(event, openid)


@dataclass(frozen=True)
class Exchange:
    """One delivery. `sent` and `body`: as sent; `plain` and `answer`: decrypted."""

    line: str
    plain: str
    sent: str
    status: int
    body: str
    answer: str
    ms: int

    @property
    def shown(self) -> Json:
        """Returns what the resident sees."""
        if self.status != 200:
            return {"kind": "refused", "status": self.status}
        return read(self.answer)


def read(answer: str) -> Json:
    """Returns `kind` nothing, person, broken, image (`media`) or text (`parts`: texts and taps)."""
    try:
        bubble = wechat.read(answer.encode())
    except Refused:
        return {"kind": "broken"}
    if bubble.kind == "text":
        return {"kind": "text", "parts": parts(bubble.words)}
    return {"kind": bubble.kind} | ({"media": bubble.picture} if bubble.picture else {})


def parts(text: str) -> list[Json]:
    """Returns a bubble's text cut at its taps and links, so that the page never writes markup."""
    cut: list[Json] = []
    end = 0
    for found in sorted([*TAP.finditer(text), *LINK.finditer(text)], key=lambda found: found.start()):
        cut += [{"text": text[end : found.start()]}] if found.start() > end else []
        names = ("said", "tap", "label") if found.re is TAP else ("url", "label")
        cut.append(dict(zip(names, found.groups(), strict=True)))
        end = found.end()
    return [*cut, {"text": text[end:]}] if end < len(text) else cut


class Wire:
    """Posts to the application's own `/wechat`, as WeChat's server would."""

    def __init__(self, settings: Settings, now: Callable[[], int]) -> None:
        self._now = now
        keys = settings.wechat_aes_keys
        self._account = Account(settings.wechat_token, settings.wechat_app_id, keys[0] if keys else "")
        self.modes = MODES if keys else ("plain",)
        self.default_mode = settings.wechat_mode if settings.wechat_mode in self.modes else "plain"
        if self.default_mode == "compatible":  # the mode an account should move to
            self.default_mode = "safe"

    def deliver(self, app: Any, body: bytes, mode: str, times: int = 1) -> list[Exchange]:
        """Delivers the same message once, or several times at the same moment."""
        if times == 1:
            return [self._post(app, body, mode)]
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(lambda _: self._post(app, body, mode), range(times)))

    def _post(self, app: Any, body: bytes, mode: str) -> Exchange:
        query, sent = self._account.push(body, self._now(), mode)
        line = f"/wechat?{urlencode(query)}"
        started = time.monotonic()
        response = Client(app).post(line, data=sent, content_type="text/xml")
        took = round((time.monotonic() - started) * 1000)
        back = response.get_data()
        return Exchange(
            f"POST {line}", body.decode(), "" if sent == body else sent.decode(), response.status_code,
            back.decode("utf-8", "replace"), self._opened(back, mode), took,
        )  # fmt: skip

    def _opened(self, back: bytes, mode: str) -> str:
        try:
            plain = self._account.opened(back, mode)
        except Refused:
            plain = b"<broken/>"
        return plain.decode("utf-8", "replace")
