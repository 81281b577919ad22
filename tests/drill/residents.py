"""Residents on their phones: WeChat delivers what they write, twice, late, in parallel; pushes reach them."""

from __future__ import annotations

import hashlib
import json
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode
from xml.etree import ElementTree

import urllib3

from drill.stage import WECHAT_TOKEN, Stage

ACCOUNT = "gh_000000000001"
DONE = "【已停用】"
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')
_RECEIPT = re.compile(r"20\d{10}")
GIVES_UP = 5.0  # seconds, as WeChat


@dataclass
class Message:
    """One message and what its deliveries were answered. `sent`: how often it was delivered."""

    body: bytes
    confirms: bool
    sent: int = 0
    answers: list[str] = field(default_factory=list)
    slowest: float = 0.0
    counted: bool = False


class Phones:
    """The network between WeChat and us, and WeChat's API for pushes; both with faults (0 to 1)."""

    def __init__(self, seed: int, faults: float) -> None:
        self.dice, self.faults = random.Random(seed), faults
        self._pool = urllib3.PoolManager(maxsize=64, retries=False)
        self._repeats = ThreadPoolExecutor(16)
        self._lock = threading.Lock()
        self.everyone: dict[str, Resident] = {}
        self.web: list[int] = []
        self.pushes = 0
        self.turns = 0
        self.deliveries = 0
        self.api = _wechat(self)

    def chance(self, of: float) -> bool:
        with self._lock:
            return self.dice.random() < of * self.faults

    def deliver(self, message: Message) -> str:
        """WeChat's way: up to three tries; sometimes twice at once, sometimes again later. The answer."""
        with self._lock:
            self.turns += 1
        if self.chance(0.1):
            self._repeats.submit(self._once, message)
        answer = ""
        for n in range(3):
            answer = self._once(message)
            if answer:
                break
            time.sleep(0.3 + n)
        if self.chance(0.05):
            self._repeats.submit(self._late, message)
        return answer

    def _late(self, message: Message) -> None:
        time.sleep(self.dice.uniform(0.1, 2))
        self._once(message)

    def _once(self, message: Message) -> str:
        """ "" where nothing came back in time."""
        stamp, nonce = str(int(time.time())), "n0nce"
        with self._lock:
            port = self.dice.choice(self.web)
            self.deliveries += 1
            message.sent += 1
        signature = hashlib.sha1("".join(sorted((WECHAT_TOKEN, stamp, nonce))).encode()).hexdigest()  # noqa: S324
        query = urlencode({"signature": signature, "timestamp": stamp, "nonce": nonce})
        started = time.monotonic()
        try:
            timeout = urllib3.Timeout(connect=1.0, read=GIVES_UP)
            came = self._pool.request(
                "POST", f"http://127.0.0.1:{port}/wechat?{query}", body=message.body, timeout=timeout
            )
        except urllib3.exceptions.HTTPError:
            return ""
        if came.status != 200:
            return ""
        took = time.monotonic() - started
        text = _content(came.data)
        with self._lock:
            message.answers.append(text)
            message.slowest = max(message.slowest, took)
        return text or "(nothing)"

    def close(self) -> None:
        self._repeats.shutdown()
        self.api.shutdown()
        self.api.server_close()


class Resident:
    """Wants their card reported lost, once. Never starts anew after having confirmed."""

    def __init__(self, phones: Phones, n: int, at: int) -> None:
        self.phones, self.dice = phones, random.Random(n)
        self.openid = f"oDrill{n:022d}"
        self.id_number = _id_number(n)
        self.name = "欧阳" + "".join(chr(0x4E8C + int(d)) for d in str(n))
        self.at, self.count = at + n, 0
        self.heard: list[str] = []
        self.messages: list[Message] = []
        self.bubble = ""
        self.confirmed = False

    @property
    def receipts(self) -> set[str]:
        return {r for text in self.heard if DONE in text for r in _RECEIPT.findall(text)}

    def go_on(self, most: int) -> bool:
        """Speak until the receipt is heard; False if it is not after so many messages."""
        for _ in range(most):
            if self.receipts:
                return True
            self._next()
        return bool(self.receipts)

    def _next(self) -> None:
        text = _LINK.sub(r"\3", self.bubble)
        taps = {label: tap for _, tap, label in _LINK.findall(self.bubble)}
        digits = re.search(r"(\d) (\d) (\d) (\d)", text)
        if "确认停用" in taps:
            if self.dice.random() < 0.1:
                self.say("帮助")
            self.confirmed = True
            self.say("确认停用", taps["确认停用"], confirms=True)
        elif "您同意吗" in text:
            self.say("同意")
        elif digits:
            self.say("".join(digits.groups()))
        elif "18位证件号码" in text:
            self.say(self.id_number)
        elif "您的姓名" in text:
            self.say(self.name)
        elif "卡怎么停用" in text or "正式挂失" in text:
            self.say("1")
        elif self.confirmed:
            time.sleep(self.dice.uniform(0.2, 0.6))
            self.say("好了吗")
        elif self.bubble and self.dice.random() < 0.4:
            self.say("重复")
        else:
            self.click("CARD_LOSS")

    def say(self, text: str, tap: str = "", confirms: bool = False) -> None:
        menu = f"<bizmsgmenuid>{tap}</bizmsgmenuid>" if tap else ""
        self.count += 1
        number = f"<MsgId>{int(self.openid[6:]) * 100_000 + self.count}</MsgId>"
        self._send("text", f"<Content>{escape(text)}</Content>{menu}{number}", confirms)

    def click(self, key: str) -> None:
        self._send("event", f"<Event>CLICK</Event><EventKey>{key}</EventKey>", False)

    def _send(self, kind: str, fields: str, confirms: bool) -> None:
        self.at += 3
        body = (
            f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{self.openid}</FromUserName>"
            f"<CreateTime>{self.at}</CreateTime><MsgType>{kind}</MsgType>{fields}</xml>"
        )
        message = Message(body.encode(), confirms)
        self.messages.append(message)
        answer = self.phones.deliver(message)
        if answer:
            self.hear(answer)
            self.bubble = answer

    def hear(self, text: str) -> None:
        self.heard.append(text)


def _content(body: bytes) -> str:
    if body == b"success":
        return ""
    return ElementTree.fromstring(body).findtext("Content") or ""  # noqa: S314 - our own answer


def _id_number(n: int) -> str:
    body = (
        f"660101{1950 + n // 100_000:04d}{1 + n // 10_000 % 12:02d}{1 + n // 999 % 28:02d}{n % 999 + 1:03d}"
    )
    total = sum(
        int(c) * w for c, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return body + "10X98765432"[total % 11]


class _Handler(BaseHTTPRequestHandler):
    """WeChat's API: a token, and messages that reach a resident, or not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        phones: Phones = self.server.phones  # type: ignore[attr-defined]
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        said: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
        if self.path.startswith("/cgi-bin/stable_token"):
            said = {"access_token": "made-up-access-token", "expires_in": 7200}
        elif phones.chance(0.1):
            said = {"errcode": phones.dice.choice([-1, 45015, 45047]), "errmsg": "no"}
        else:
            phones.pushes += 1
            phones.everyone[asked["touser"]].hear(asked["text"]["content"])
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _wechat(phones: Phones) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.phones = phones  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def crowd(phones: Phones, stage: Stage, count: int) -> list[Resident]:
    phones.web = [part.port for part in stage.web]
    made = [Resident(phones, n, int(time.time())) for n in range(1, count + 1)]
    phones.everyone = {r.openid: r for r in made}
    return made
