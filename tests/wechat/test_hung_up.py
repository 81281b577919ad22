"""A delivery that waited until WeChat gave up on it, as a server that starts again finds in its queue; and
whether what was answered was heard."""

from __future__ import annotations

import runpy
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from bot.engine.effects import Reply
from bot.engine.events import Event
from bot.wechat.inbound import Delivery
from bot.wechat.webhook import Answer, webhook

from .kit import NOW, client, config, message, signed

TEXT, DUTY = message("text", Content="挂失"), message("event", Event="unsubscribe")


class Turn:
    """Stands in for the turn. `heard`: how often an answer counted as heard."""

    def __init__(self) -> None:
        self.turns = self.heard = 0
        self.read = b""

    def __call__(self, delivery: Delivery, event: Event) -> Answer:
        self.turns += 1
        return Answer(Reply(text="好的。"), NOW, on_sent=self.hear)

    def hear(self) -> None:
        self.heard += 1


@contextmanager
def delivered(body: bytes, then: str, age: float = 10.0) -> Iterator[Turn]:
    """A server that comes to the delivery `age` seconds after it was signed, and after WeChat did this:
    waits, half-closes (it sends no more, and reads), closes, resets. `read`: what WeChat got.
    """
    turn = Turn()
    app = Flask("hung-up")
    app.wsgi_app = webhook(app.wsgi_app, config(), turn, lambda: NOW + age)  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, app)  # listens; nobody accepts yet
    server.timeout = 5
    head = f"POST /wechat?{urlencode(signed())} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    wechat = socket.create_connection(("127.0.0.1", server.server_port), 10)
    wechat.sendall(head.encode() + body)
    if then == "half-closes":
        wechat.shutdown(socket.SHUT_WR)
    if then == "resets":
        wechat.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if then in ("closes", "resets"):
        wechat.close()
    if then != "waits":
        time.sleep(0.05)
    serving = threading.Thread(target=server.handle_request)
    serving.start()
    serving.join()
    if then in ("waits", "half-closes"):
        turn.read = b"".join(iter(lambda: wechat.recv(4096), b""))
    yield turn
    wechat.close()
    server.server_close()


@pytest.mark.parametrize("then", ["waits", "half-closes"])
def test_who_still_reads_is_served_and_hears_it(then: str) -> None:
    with delivered(TEXT, then, age=3.0) as turn:
        assert b" 200 " in turn.read.splitlines()[0]
        assert "好的。".encode() in turn.read
        assert (turn.turns, turn.heard) == (1, 1)


def test_who_waits_is_served_however_late_it_is() -> None:
    with delivered(TEXT, "waits", age=200.0) as turn:
        assert (turn.turns, turn.heard) == (1, 1)


@pytest.mark.parametrize("then", ["half-closes", "closes", "resets"])
def test_nothing_is_begun_for_who_has_given_up(then: str) -> None:
    with delivered(TEXT, then) as turn:
        assert turn.turns == 0
        assert then != "half-closes" or b" 503 " in turn.read.splitlines()[0]


@pytest.mark.parametrize("then", ["closes", "resets"])
def test_who_closed_before_it_could_have_given_up_is_served_but_hears_nothing(then: str) -> None:
    """From here it looks like one that closed its sending side only, until something was written to it."""
    with delivered(TEXT, then, age=3.0) as turn:
        assert (turn.turns, turn.heard) == (1, 0)


def test_a_duty_is_done_all_the_same() -> None:
    with delivered(DUTY, "closes") as turn:
        assert turn.turns == 1


def test_the_servers_configuration_tells_how_long_a_request_has_waited() -> None:
    """Whatever its sender says of it; the time counts from its last byte, wherever it has waited since."""
    tell = runpy.run_path("bot/gunicorn_conf.py")["pre_request"]
    with socket.create_server(("127.0.0.1", 0)) as listens:
        with socket.create_connection(listens.getsockname()) as wechat:
            wechat.sendall(b"POST /wechat HTTP/1.1")
            time.sleep(0.2)
            used, _ = listens.accept()
        with used:
            headers = [("HOST", "x"), ("X-QUEUE-TIME", "0.000")]
            tell(None, SimpleNamespace(headers=headers, unreader=SimpleNamespace(sock=used)))
    (host, (name, waited)) = headers
    assert (host, name) == (("HOST", "x"), "X-QUEUE-TIME")
    assert 0.15 < float(waited) < 60


@pytest.mark.parametrize(("body", "turns", "status"), [(TEXT, 0, 503), (DUTY, 1, 200)])
def test_nothing_but_a_duty_is_begun_for_what_has_waited_longer_than_wechat_does(
    body: bytes, turns: int, status: int
) -> None:
    turn = Turn()
    late = client(turn).post("/wechat", query_string=signed(), data=body, headers={"X-Queue-Time": "5.001"})
    assert (late.status_code, turn.turns) == (status, turns)


def test_an_answer_that_comes_later_than_wechat_waits_is_not_heard() -> None:
    """Whether the server shows its connection or not."""

    class Slow(Turn):
        def __call__(self, delivery: Delivery, event: Event) -> Answer:
            time.sleep(0.2)
            return super().__call__(delivery, event)

    for waited, heard in (("0.000", 1), ("4.900", 0)):
        turn = Slow()
        answer = client(turn).post(
            "/wechat", query_string=signed(), data=TEXT, headers={"X-Queue-Time": waited}, buffered=True
        )
        assert (answer.status_code, turn.turns, turn.heard) == (200, 1, heard)


@pytest.mark.parametrize("closes", [True, False])
def test_a_client_that_was_asked_to_close_is_waited_for_by_its_own_thread(closes: bool) -> None:
    """gunicorn would wait for it in the thread that takes all connections."""
    waits = runpy.run_path("bot/gunicorn_conf.py")["post_request"]
    waits.__globals__["_LINGERS"] = 0.1
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(10)
        far.sendall(b"kept")
        waits(None, None, {"gunicorn.socket": near}, SimpleNamespace(should_close=lambda: False))
        assert near.recv(4) == b"kept"
        far.sendall(b"nobody reads this")
        if closes:
            far.close()
        waits(None, None, {"gunicorn.socket": near}, SimpleNamespace(should_close=lambda: True))
        assert near.recv(1) == b"", "nothing is left to wait for"
        assert closes or far.recv(1) == b""


def test_where_nobody_knows_nothing_is_told() -> None:
    tell = runpy.run_path("bot/gunicorn_conf.py")["pre_request"]
    near, far = socket.socketpair()
    with near, far:
        for unreader in (SimpleNamespace(sock=near), None):
            headers = [("X-QUEUE-TIME", "9.000")]
            tell(None, SimpleNamespace(headers=headers, unreader=unreader))
            assert headers == []


# --- without a server -----------------------------------------------------------------------------
class Wire(Turn):
    """A connection as the web server holds it, which may be closed while the turn runs."""

    def __init__(self, hangs_up: bool = False) -> None:
        super().__init__()
        self._near, self._far = socket.socketpair()
        self._hangs_up = hangs_up

    def __call__(self, delivery: Delivery, event: Event) -> Answer:
        if self._hangs_up:
            self._far.close()
        return super().__call__(delivery, event)

    def post(self, buffered: bool = True) -> TestResponse:
        overrides = {"werkzeug.socket": self._near}
        return client(self).post(
            "/wechat", query_string=signed(), data=TEXT, environ_overrides=overrides, buffered=buffered
        )


def test_an_answer_counts_as_heard_only_when_it_was_written() -> None:
    wire = Wire()
    response = wire.post(buffered=False)
    pieces = response.iter_encoded()
    body = next(pieces)
    assert "好的。" in body.decode()
    assert response.content_length == len(body)
    assert wire.heard == 0
    assert list(pieces) == []
    assert wire.heard == 1


def test_an_answer_for_who_has_hung_up_meanwhile_is_not_heard() -> None:
    wire = Wire(hangs_up=True)
    assert wire.post().status_code == 200
    assert (wire.turns, wire.heard) == (1, 0)
