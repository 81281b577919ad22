"""A resident's browser without scripts: forms of the page, sent again without an answer, sometimes twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from page.browser import Page, photo

from bot.page.submits import ADDRESS as PARTS
from drill.wechat import GIVES_UP, WeChat

TRIES = 6
"""Reloads until a resident goes back to the chat."""
WORDS = ("帮助", "继续", "再说一遍", "天气不错")
"""What the page has a button for, or is seen by looking at it."""


class Gone(Exception):
    """The page leads nowhere any more: back to the chat."""


@dataclass(frozen=True)
class _Answer:
    status_code: int
    text: str


def _encoded(data: Mapping[str, Any]) -> tuple[bytes, str]:
    """As a form with files, or one without."""
    if any(isinstance(value, tuple) for value in data.values()):
        return urllib3.encode_multipart_formdata(data)
    return urlencode(data).encode(), "application/x-www-form-urlencoded"


class _Client:
    """As Flask's test client, over a socket, to any of the web processes."""

    def __init__(self, wechat: WeChat) -> None:
        self._wechat, self._cookie = wechat, ""
        self._pool = urllib3.PoolManager(maxsize=4, retries=False)

    def get(self, path: str) -> _Answer:
        return self._send("GET", path)

    def post(self, path: str, data: Mapping[str, Any], **_: Any) -> _Answer:
        """A double tap sends it twice, the second time beside what is done next."""
        if self._wechat.chance(0.1):
            self._wechat.later(0.0, lambda: self._once("POST", path, data))
        return self._send("POST", path, data)

    def _send(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> _Answer:
        """Reloaded until there is an answer: the same form is the same delivery."""
        for n in range(TRIES):
            came = self._once(method, path, data)
            if came is not None and came.status == 303:
                return self._send("GET", urlsplit(came.headers["Location"]).path)
            if came is not None and came.status < 500:
                return _Answer(came.status, came.data.decode())
            time.sleep(0.3 + n / 2)
        raise Gone

    def _once(
        self, method: str, path: str, data: Mapping[str, Any] | None
    ) -> urllib3.BaseHTTPResponse | None:
        body, kind = _encoded(data or {})
        headers = {"Cookie": self._cookie, "Content-Type": kind}
        url = f"http://127.0.0.1:{self._wechat.dice.choice(self._wechat.web).port}{path}"
        try:
            timeout = urllib3.Timeout(connect=1.0, read=2 * GIVES_UP)
            came = self._pool.request(
                *(method, url), body=body, headers=headers, redirect=False, timeout=timeout
            )
        except urllib3.exceptions.HTTPError:
            return None
        for line in came.headers.getlist("Set-Cookie"):
            self._cookie = line.partition(";")[0]
        return came


class Browser(Page):
    """`own`: what its resident fills in, by slot. Everything raises Gone."""

    def __init__(self, wechat: WeChat, own: Mapping[str, str], overhear: Callable[[str], None]) -> None:
        self.client: Any = _Client(wechat)
        self.html, self.status, self.taps = "", 0, 0
        parts = {f"address.{part}": own["address"] if part == PARTS[0] else "" for part in PARTS}
        self._wechat, self._own, self._overhear = wechat, {**own, **parts}, overhear

    def shown(self, response: Any) -> Browser:
        super().shown(response)
        self._overhear(self.text)
        if self.status != 200 or not self.asks:
            raise Gone
        return self

    @property
    def asks(self) -> list[str]:
        """Labels that lead on, and not away."""
        return [label for label in self.labels if label != "退出这个页面"]

    def act(self, label: str) -> str:
        """A button, or a word that has one; else another look. What it comes to."""
        buttons = (label, "看看好了没有", "继续")
        wanted = next((known for known in buttons if known in self.labels), "")
        if not wanted:
            self.get()
        else:
            self._wechat.turned()
            self.press(wanted)
        return self.text

    def numbered(self, number: int) -> str:
        """Of several answers that the chat numbers."""
        options = [form for form in self.forms if any(name == "tap" for name, _ in form.buttons.values())]
        labels = list(options[0].buttons) if options else []
        if len(labels) < number:
            raise Gone
        return self.act(labels[number - 1])

    def fill_in(self, said: str) -> str:
        """All fields of the form, with `said` where there is only one, or the answer of that number.
        Whoever gets no further goes back to the chat."""
        if "提交" not in self.labels:
            return self.numbered(int(said) if said.isdecimal() else 99)
        form, before = self.form("提交"), self.text
        data: dict[str, Any] = dict(form.fields)
        for name in form.fields:
            if name == "text":
                data[name] = said
            elif name == "f.code":
                data[name] = self.code
            elif name.startswith("f."):
                data[name] = self._own.get(name.removeprefix("f."), said)
        for name, value in self._parsed().ticks:
            if name not in form.fields and f"f.{name.removeprefix('o.')}" not in form.fields:
                data.setdefault(name, value)
        files = {name: ("photo.jpg", photo(size=(64, 48)), "image/jpeg") for name in form.files}
        self._wechat.turned()
        self.shown(self.client.post(form.action, {**data, **files}))
        if self.text == before:
            raise Gone
        return self.text
