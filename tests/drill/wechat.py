"""WeChat between residents and us: deliveries repeated, reordered, in parallel; and its API, with faults."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from bot.kit.wechat import Account, read
from drill.chaos import STORE, Stopwatch, Troubles
from drill.stage import WECHAT_TOKEN, Part

ACCOUNT = Account(WECHAT_TOKEN)
GIVES_UP = 5.0  # seconds, as WeChat
LATE = 4.5
TRANSFERRED = "（转人工）"
NOTHING = "(nothing)"


@dataclass
class Message:
    """One message and what its deliveries were answered, "" for `success`. `sent`: its deliveries.

    `tell`: shows the first answer to the resident, whichever delivery brings it. `began`: when it was sent;
    `first`: when that was; `over`: when WeChat was through with it; `last`: when the last delivery of it
    was, repetitions that nobody needs among them; of time.monotonic().
    """

    body: bytes
    tell: Callable[[str], None]
    sent: int = 0
    answers: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    first: float = 0.0
    over: float = 0.0
    last: float = 0.0


class WeChat:
    """`everyone`: what a push does, by openid. `faults`: 0 to 1. `watch`: tells that this machine is too slow
    for anybody to be in time. Close it."""

    def __init__(self, seed: int, faults: float, troubles: Troubles, watch: Stopwatch | None = None) -> None:
        self._watch = watch
        self.dice, self.faults, self._troubles = random.Random(seed), faults, troubles
        self._pool = urllib3.PoolManager(maxsize=128, retries=False)
        self._repeats = ThreadPoolExecutor(48)
        self._lock = threading.Lock()
        self.everyone: dict[str, Callable[[str], None]] = {}
        self.unknown: list[str] = []  # openids that nobody has, pushed to
        self.web: list[Part] = []
        self.pushes = self.turns = self.deliveries = 0
        self.late: list[str] = []
        self.late_in_trouble: list[tuple[str, float]] = []
        self.measured, self.slowest = 0, 0.0
        self.set_back: Sequence[float] = ()  # when the store came back older
        self.api = _api(self)

    def chance(self, of: float) -> bool:
        with self._lock:
            return self.dice.random() < of * self.faults

    def deliver(self, message: Message) -> str:
        """WeChat's way: up to three tries; sometimes twice at once, sometimes again later. The answer."""
        self.turned()
        if self.chance(0.1):
            self._repeats.submit(self._again, message)
        answer = ""
        for n in range(3):
            answer = self._once(message)
            if answer:
                break
            time.sleep(0.3 + n)
        if self.chance(0.05):
            self.later(self.dice.uniform(0.1, 2), lambda: self._again(message))
        message.over = time.monotonic()
        return answer

    def turned(self) -> None:
        with self._lock:
            self.turns += 1

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        def run() -> None:
            time.sleep(seconds)
            act()

        self._repeats.submit(run)

    def _again(self, message: Message) -> None:
        """A repetition that nobody needs. What was shown before the store was set back is not sent after it:
        no store knows it any more, and what is answered then is shown to nobody."""
        if not any(message.answers) or all(at < message.began for at in self.set_back):
            self._once(message)

    def _once(self, message: Message) -> str:
        """ "" where nothing came back in time."""
        query, body = ACCOUNT.push(message.body, int(time.time()), "plain")  # wall clock: real processes
        with self._lock:
            web = self.dice.choice(self.web)
            self.deliveries += 1
            message.sent += 1
        url = f"http://127.0.0.1:{web.port}/wechat?{urlencode(query)}"
        started = message.last = time.monotonic()
        try:
            timeout = urllib3.Timeout(connect=1.0, read=GIVES_UP)
            came = self._pool.request("POST", url, body=body, timeout=timeout)
        except urllib3.exceptions.ReadTimeoutError:
            self._took(started, web, "no answer")
            return ""
        except urllib3.exceptions.HTTPError:  # killed before it answered: WeChat delivers again
            return ""
        finally:
            message.last = max(message.last, time.monotonic())
        if came.status != 200:
            return ""
        self._took(started, web, "answered")
        text = _content(came.data)
        with self._lock:
            tells = bool(text) and not any(message.answers)
            message.answers.append(text)
            message.first = message.first or time.monotonic()
        if tells:
            message.tell(text)
        return text or NOTHING

    def _took(self, started: float, web: Part, what: str) -> None:
        """An accepted delivery is late where nothing was wrong with the store, that web process or this
        machine."""
        ended = time.monotonic()
        excused = self._troubles.between(started, ended, STORE, f"wires of {web.name}", web.name)
        late = ended - started > LATE
        if late and not excused and self._watch and self._watch.was_slow(started, ended):
            excused = "this machine"
        with self._lock:
            if not excused:
                self.measured += 1
                self.slowest = max(self.slowest, ended - started)
            if late and excused:
                self.late_in_trouble.append((excused.rstrip("01"), ended - started))
            elif late:
                at = time.strftime("%X")  # wall clock: to be read beside the logs
                self.late.append(f"{what} after {ended - started:.2f} s by {web.name} at {at}")

    def close(self) -> None:
        self._repeats.shutdown()
        self.api.shutdown()
        self.api.server_close()


def photo(openid: str) -> bytes:
    """A picture that can be found again wherever it should not be, in base64 as well."""
    return b"\xff\xd8\xff" + b"photo-of-one-resident:" + openid.encode() + b"!" * 300


def traces_of_photo(openid: str) -> tuple[bytes, bytes]:
    return photo(openid)[:60], base64.b64encode(photo(openid))[:80]


def _content(body: bytes) -> str:
    """The words as they travel, links and all."""
    bubble = read(body)
    return TRANSFERRED if bubble.kind == "person" else bubble.words


class _Handler(BaseHTTPRequestHandler):
    """A token, photos, and messages that reach a resident, or not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        wechat: WeChat = self.server.wechat  # type: ignore[attr-defined]
        media_id = parse_qs(urlsplit(self.path).query).get("media_id", [""])[0]
        if wechat.chance(0.03):
            self._say(json.dumps({"errcode": -1, "errmsg": "system error"}).encode())
        else:
            self._say(photo(media_id.partition(".")[0]))

    def do_POST(self) -> None:
        wechat: WeChat = self.server.wechat  # type: ignore[attr-defined]
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        said: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
        if self.path.startswith("/cgi-bin/stable_token"):
            said = {"access_token": "made-up-access-token", "expires_in": 7200}
        elif wechat.chance(0.1):
            said = {"errcode": wechat.dice.choice([-1, 45015, 45047]), "errmsg": "no"}
        elif (hear := wechat.everyone.get(asked["touser"])) is None:
            wechat.unknown.append(f"pushed to {asked['touser']}, whom nobody knows")
            said = {"errcode": 40003, "errmsg": "invalid openid"}
        else:
            wechat.pushes += 1
            hear(asked["text"]["content"])
        self._say(json.dumps(said).encode())

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """The wire between us broke; that is what it is there for."""


def _api(wechat: WeChat) -> ThreadingHTTPServer:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.wechat = wechat  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
