"""The web server as both READMEs start it, asked over raw sockets: what no HTTP client would send."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from store.servers import PATIENCE, Server, ports, until
from werkzeug.security import generate_password_hash

from bot.engine.events import TextReceived
from bot.kit.wechat import Account, message_of
from bot.store.seal import new_key

pytestmark = pytest.mark.slow

TOKEN, OPENID = "made-up-token", "oMadeUpResident0000000000001"
CHUNKED = "Transfer-Encoding: chunked"
FORM = "Content-Type: application/x-www-form-urlencoded"


def command() -> list[str]:
    """As it stands in both READMEs, without its program."""
    found = {
        line
        for name in ("README.md", "README.zh-CN.md")
        for line in re.findall(r"^\.venv/bin/shebao (web .*)$", (ROOT / name).read_text("utf-8"), re.M)
    }
    (line,) = found
    return shlex.split(line)


@dataclass
class Answer:
    """`status`: 0 where the connection was closed without a word."""

    status: int
    body: bytes


@dataclass
class Web:
    port: int
    log: Path

    def raw(self, data: bytes, *, half_closes: bool = False) -> Answer:
        """What comes back until the server closes. Raises TimeoutError where it does not."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
            if (
                half_closes
            ):  # in one piece with the end of the data: the server must not see one before the other
                client.send(data, getattr(socket, "MSG_MORE", 0))
                client.shutdown(socket.SHUT_WR)
            else:
                client.sendall(data)
            head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).partition(b"\r\n\r\n")
        status = int(head.split()[1]) if head else 0
        return Answer(status, body)

    def ask(
        self, target: str, *headers: str, method: str = "GET", body: bytes = b"", half_closes: bool = False
    ) -> Answer:
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body, half_closes=half_closes)

    def post(
        self, *headers: str, body: bytes, age: int = 0, target: str = "", half_closes: bool = False
    ) -> Answer:
        target = target or f"/wechat?{urlencode(signed(age))}"
        return self.ask(target, *headers, method="POST", body=body, half_closes=half_closes)


def now() -> int:
    return int(time.time())  # wall clock: the service that is shipped has no other


def signed(age: int = 0) -> dict[str, str]:
    return Account(TOKEN).push(b"", now() - age, "plain", "486452656")[0] | {"openid": OPENID}


def message(number: int) -> bytes:
    return message_of(TextReceived(now(), text="帮助"), OPENID, number)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    port, redis_port = ports(2)
    store = Server(folder / "store", redis_port)
    env = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAO_")} | {
        "SHEBAO_SEAL_KEYS": new_key(),
        "SHEBAO_TAG_KEY": new_key(),
        "SHEBAO_WECHAT_TOKEN": TOKEN,
        "SHEBAO_WECHAT_MODE": "plain",
        "SHEBAO_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "SHEBAO_CALLBACK_KEY": "made-up-callback-key",
        "SHEBAO_CONSOLE_USERS": "anna:read:" + generate_password_hash("made-up").replace("$", "."),
        "SHEBAO_PROXIES": "1",
        "PYTHONPATH": str(ROOT),
        "GUNICORN_CMD_ARGS": "--access-logfile -",
        # what a machine may have set for other programs
        "FORWARDED_ALLOW_IPS": "*",
    }
    arguments = [a if a != "127.0.0.1:8000" else f"127.0.0.1:{port}" for a in command()]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=ROOT, env=env, stdout=log, stderr=log,
        )  # fmt: skip
    made = Web(port, folder / "log")
    try:
        assert until(lambda: _answers(made)), made.log.read_text()
        yield made
    finally:
        server.terminate()
        server.wait(PATIENCE)
        store.kill()


def _answers(web: Web) -> bool:
    try:
        return web.ask("/healthz").status == 200
    except OSError:
        return False


# --- bodies ---------------------------------------------------------------------------------------
def test_a_body_in_chunks_is_read(web: Web) -> None:
    one, two = message(1)[:100], message(1)[100:]
    body = b"%x\r\n%s\r\n%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(one), one, len(two), two)
    answer = web.post(CHUNKED, body=body)
    assert (answer.status, b"<Content>" in answer.body) == (200, True)


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcdef\r\n0\r\n\r\n",
        b"3;\x01=\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\nHost: x\r\n\r\n",
        b"3\nabc\n0\n\n" + b"x" * 10_000,
    ],
)
@pytest.mark.parametrize("target", ["", "/callbacks/card", "/console/sign-in"])
def test_a_malformed_chunk_is_400(web: Web, target: str, body: bytes) -> None:
    cookie = "Cookie: shebao_console_form=made-up"
    assert web.post(CHUNKED, FORM, cookie, body=body, target=target).status == 400


@pytest.mark.parametrize("target", ["", "/callbacks/card", "/console/sign-in"])
def test_a_body_that_ends_before_its_length_is_400(web: Web, target: str) -> None:
    """The XML in it may be whole all the same: what follows is not known."""
    sent = message(2)
    for header in (f"Content-Length: {len(sent) + 1}", CHUNKED):
        body = sent if header != CHUNKED else b"ffff\r\n" + sent
        answer = web.post(
            header, FORM, "Cookie: shebao_console_form=made-up", body=body, target=target, half_closes=True
        )
        assert answer.status == 400


def test_a_length_and_chunks_at_once_are_400(web: Web) -> None:
    assert web.post(CHUNKED, "Content-Length: 3", body=b"3\r\nabc\r\n0\r\n\r\n").status == 400


# --- clients that are slow or half gone -----------------------------------------------------------
def test_a_client_that_half_closed_is_answered_and_one_that_gave_up_is_not(web: Web) -> None:
    body = message(3)
    length = f"Content-Length: {len(body)}"
    answer = web.post(length, body=body, half_closes=True)
    assert (answer.status, b"<Content>" in answer.body) == (200, True)
    assert web.post(length, body=body, age=20, half_closes=True).status == 503
    assert web.post(length, body=message(4), age=20).status == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /wechat?signa", 0),
        (b"POST /wechat HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n<xml>", 400),
    ],
)
def test_who_stops_in_the_middle_holds_no_thread(web: Web, sent: bytes, status: int) -> None:
    assert web.raw(sent).status == status, "and closed by the server"


# --- what a header says ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header",
    ["SCRIPT_NAME: /x", "Script-Name: /x", "X-Script-Name: /x", "X-Forwarded-Prefix: /x", "SCRIPT-NAME: /x"],
)
def test_no_header_moves_the_application(web: Web, header: str) -> None:
    assert web.ask("/x/console/sign-in", header).status == 404
    answer = web.ask("/console/sign-in", header)
    assert answer.status == 200
    assert b"/x/" not in answer.body


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME: /console", "PATH_INFO: /console/sign-in", "X_Forwarded_For: 1"]
)
def test_a_header_with_an_underscore_is_none(web: Web, header: str) -> None:
    assert web.ask("/healthz", header).status == 200


def test_what_a_proxy_says_of_the_scheme_is_not_looked_at(web: Web) -> None:
    """Headers that contradict each other were a 400 before."""
    headers = ("X-Forwarded-Proto: https", "X-Forwarded-Ssl: off", "X-Forwarded-Host: evil.example")
    answer = web.ask("/console/", *headers)
    assert (answer.status, b"evil" in answer.body) == (303, False)


@pytest.mark.parametrize("name", ["nope.css", "..%2f..%2fapp.py", "%00", "%ff%fe", "a" * 3000, "templates/"])
def test_a_missing_file_is_404(web: Web, name: str) -> None:
    assert web.ask(f"/console/static/{name}").status == 404


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /wechat?nonce=" + b"n" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: a\r\n" * 100 + b"\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_what_is_too_long_or_no_http_is_refused(web: Web, head: bytes, status: int) -> None:
    assert web.raw(head).status == status


# --- what is written down -------------------------------------------------------------------------
def test_no_line_of_the_log_holds_the_query(web: Web) -> None:
    """Not where access is logged, and not where the server complains."""
    query = signed()
    body = message(5)
    web.post(f"Content-Length: {len(body)}", body=body, target=f"/wechat?{urlencode(query)}")
    web.ask(f"/wechat?{urlencode(query)}", "A B: c")
    web.ask(f"/wechat?{urlencode(query)} HTTP/9.9")
    assert until(lambda: " POST /wechat 200 " in web.log.read_text())
    log = web.log.read_text()
    assert not [value for value in (query["signature"], query["timestamp"], OPENID) if value in log]
