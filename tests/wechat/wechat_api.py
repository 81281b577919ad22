"""A small WeChat API on a local socket, with the behaviour the client has to live with."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20_000


SLOW = 60.0
"""Seconds that nobody waits for: whoever did would be seen to, on any machine."""


class Api:
    """`always`: an errcode for every call with a token. `odd`: how the next answers break.

    `no_token`: an errcode for every fetch of one. `busy`: how many calls are answered -1 first. `menu`: the
    buttons, None before any; `menus`: the bodies of menu/create; `keeps`: whether they are taken over.
    `quotas`: by interface.
    """

    def __init__(self) -> None:
        self.number = 1
        self.expires_in = 7200
        self.always = 0
        self.odd = ""
        self.no_token = 0
        self.busy = 0
        self.menu: list[dict[str, Any]] | None = None
        self.conditional: list[dict[str, Any]] = []
        self.menus: list[bytes] = []
        self.keeps = True
        self.seats = 0
        self.clock: Callable[[], float] = time.time  # wall clock: doctor compares this machine with it
        self.quotas: dict[str, object] = {}
        self.token_delay = 0.0
        self.fetches: list[bool] = []  # force_refresh of every stable_token
        self.calls: list[tuple[str, str]] = []  # path, access_token
        self.uploads: list[bytes] = []
        self.lock = threading.Lock()
        self.openids: dict[str, str] = {}  # by code of the page authorisation
        self.url = ""
        self.over = threading.Event()

    @property
    def token(self) -> str:
        return f"access-token-{self.number}"

    def answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if path == "/cgi-bin/stable_token":
            return self._stable_token(json.loads(body))
        if path == "/cgi-bin/token":
            return 200, b'{"errcode":41002,"errmsg":"appid missing"}'
        if path == "/sns/oauth2/access_token":
            if self.openids.get(query["code"]) is None or query["secret"] != "app-secret":
                return 200, b'{"errcode":40029,"errmsg":"invalid code"}'
            found = {
                "access_token": "of-the-page",
                "openid": self.openids[query["code"]],
                "scope": "snsapi_base",
            }
            return 200, json.dumps(found).encode()
        with self.lock:
            self.calls.append((path, query["access_token"]))
        if self.always or query["access_token"] != self.token:
            return 200, json.dumps(
                {"errcode": self.always or 40001, "errmsg": f"bad {query['access_token']}"}
            ).encode()
        if self.busy:
            self.busy -= 1
            return 200, b'{"errcode":-1,"errmsg":"system error"}'
        if path == "/cgi-bin/get_current_selfmenu_info":
            return 200, self._menu()
        if path == "/cgi-bin/menu/get":
            if self.menu is None:
                return 200, b'{"errcode":46003,"errmsg":"menu no exist"}'
            found = {"menu": {"button": self.menu, "menuid": 1}}
            return 200, json.dumps(
                found | ({"conditionalmenu": c} if (c := self.conditional) else {})
            ).encode()
        if path == "/cgi-bin/menu/create":
            self.menus.append(body)
            if self.keeps:
                self.menu = json.loads(body)["button"]
            return 200, b'{"errcode":0,"errmsg":"ok"}'
        if path == "/cgi-bin/customservice/getkflist":
            return 200, json.dumps({"kf_list": [{"kf_id": n} for n in range(self.seats)]}).encode()
        if path == "/cgi-bin/openapi/quota/get":
            return 200, json.dumps(
                {"errcode": 0, "errmsg": "ok", "quota": self.quotas[json.loads(body)["cgi_path"]]}
            ).encode()
        if path == "/cgi-bin/media/upload":
            self.uploads.append(body)
            return 200, json.dumps({"type": query["type"], "media_id": "m-1", "created_at": 1}).encode()
        if query["media_id"] == "m-video":
            return 200, b'{"video_url": "https://v.example/1"}'
        if query["media_id"] != "m-1":
            return 200, b'{"errcode":40007,"errmsg":"invalid media_id"}'
        return 200, PNG

    def _menu(self) -> bytes:
        """As WeChat shows it: lists wrapped, an account without a menu as an error."""
        if self.menu is None:
            return b'{"errcode":46003,"errmsg":"menu no exist"}'
        shown = [
            {"name": b["name"], "sub_button": {"list": b["sub_button"]}} if "sub_button" in b else b
            for b in self.menu
        ]
        found = {"is_menu_open": 1, "selfmenu_info": {"button": shown}}
        return json.dumps(found, ensure_ascii=False).encode()

    def _stable_token(self, asked: dict[str, object]) -> tuple[int, bytes]:
        self.over.wait(self.token_delay)
        with self.lock:
            self.fetches.append(bool(asked["force_refresh"]))
            if self.no_token:
                said = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3"
                return 200, json.dumps({"errcode": self.no_token, "errmsg": said}).encode()
            if asked["secret"] != "app-secret":
                return 200, f'{{"errcode":40125,"errmsg":"invalid {asked["secret"]}"}}'.encode()
            if asked["force_refresh"]:
                self.number += 1
            return 200, json.dumps({"access_token": self.token, "expires_in": self.expires_in}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        api: Api = self.server.api  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = api.answer(parts.path, query, body)
        odd = "" if parts.path == "/cgi-bin/stable_token" else api.odd
        if odd == "reset":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if odd == "slow":
            api.over.wait(SLOW)
        status = {"500": 500, "redirect": 302, "moved": 302}.get(odd, status)
        broken = {"500": b"<html>oops</html>", "garbage": b"\xff\x00{", "empty": b"", "list": b"[]"}
        answer = {**broken, "deep": b'{"a":' * 100_000}.get(odd, answer)
        with contextlib.suppress(OSError):
            self.send_response(status)
            if odd == "headers":
                self.flush_headers()
                self._drip(b"X-Drip: 1\r\n" for _ in range(60))
            if odd in ("redirect", "moved"):
                self.send_header("Location", f"{api.url}/elsewhere?{parts.query}")
            self.send_header("Content-Length", str(10**9 if odd == "endless" else len(answer)))
            self.end_headers()
            if odd in ("drip", "moved"):
                self._drip(answer[n : n + 1] for n in range(60))
            elif odd == "endless":
                while True:
                    self.wfile.write(b"x" * 1_000_000)
            else:
                self.wfile.write(answer)

    def _drip(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.1)

    do_POST = do_GET

    def date_time_string(self, timestamp: float | None = None) -> str:
        api: Api = self.server.api  # type: ignore[attr-defined]
        return super().date_time_string(int(api.clock()))

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Api]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    api = server.api = Api()  # type: ignore[attr-defined]
    api.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        server.server_close()
