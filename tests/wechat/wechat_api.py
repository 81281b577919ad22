"""A small WeChat API on a local socket, with the behaviour the client has to live with."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20_000


class Api:
    """`always`: an errcode for every call with a token. `odd`: how the next answers break."""

    def __init__(self) -> None:
        self.number = 1
        self.expires_in = 7200
        self.always = 0
        self.odd = ""
        self.token_delay = 0.0
        self.fetches: list[bool] = []  # force_refresh of every stable_token
        self.calls: list[tuple[str, str]] = []  # path, access_token
        self.uploads: list[bytes] = []
        self.lock = threading.Lock()
        self.url = ""

    @property
    def token(self) -> str:
        return f"access-token-{self.number}"

    def answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if path == "/cgi-bin/stable_token":
            return self._stable_token(json.loads(body))
        with self.lock:
            self.calls.append((path, query["access_token"]))
        if self.always or query["access_token"] != self.token:
            return 200, json.dumps(
                {"errcode": self.always or 40001, "errmsg": f"bad {query['access_token']}"}
            ).encode()
        if path == "/cgi-bin/media/upload":
            self.uploads.append(body)
            return 200, json.dumps({"type": query["type"], "media_id": "m-1", "created_at": 1}).encode()
        if query["media_id"] == "m-video":
            return 200, b'{"video_url": "https://v.example/1"}'
        if query["media_id"] != "m-1":
            return 200, b'{"errcode":40007,"errmsg":"invalid media_id"}'
        return 200, PNG

    def _stable_token(self, asked: dict[str, object]) -> tuple[int, bytes]:
        time.sleep(self.token_delay)
        with self.lock:
            self.fetches.append(bool(asked["force_refresh"]))
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
            time.sleep(1.5)
        status = {"500": 500, "redirect": 302}.get(odd, status)
        answer = {"500": b"<html>oops</html>", "garbage": b"\xff\x00{", "empty": b"", "list": b"[]"}.get(
            odd, answer
        )
        self.send_response(status)
        if odd == "redirect":
            self.send_header("Location", f"{api.url}/elsewhere?{parts.query}")
        self.send_header("Content-Length", str(10**9 if odd == "endless" else len(answer)))
        self.end_headers()
        with contextlib.suppress(OSError):
            if odd == "drip":
                for index in range(60):
                    self.wfile.write(answer[index : index + 1])
                    self.wfile.flush()
                    time.sleep(0.1)
            elif odd == "endless":
                while True:
                    self.wfile.write(b"x" * 1_000_000)
            else:
                self.wfile.write(answer)

    do_POST = do_GET

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
        server.shutdown()
        server.server_close()
