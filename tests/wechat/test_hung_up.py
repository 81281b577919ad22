"""A delivery that waited until WeChat gave up on it: a server that starts again finds such in its queue."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.serving import make_server

from bot.wechat.webhook import webhook

from .kit import Turn, config, message, signed


@contextmanager
def delivered(body: bytes, then: str) -> Iterator[Turn]:
    """A server that comes to the delivery only after WeChat did this: waits, closes, resets."""
    turn = Turn()
    app = Flask("hung-up")
    app.register_blueprint(webhook(config(freshness=0), turn, lambda: 0))
    server = make_server("127.0.0.1", 0, app)  # listens; nobody accepts yet
    server.timeout = 5
    head = f"POST /wechat?{urlencode(signed())} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    wechat = socket.create_connection(("127.0.0.1", server.server_port))
    wechat.sendall(head.encode() + body)
    if then == "resets":
        wechat.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if then != "waits":
        wechat.close()
        time.sleep(0.05)
    serving = threading.Thread(target=server.handle_request)
    serving.start()
    serving.join()
    yield turn
    wechat.close()
    server.server_close()


def test_who_still_waits_is_served() -> None:
    with delivered(message("text", Content="挂失"), "waits") as turn:
        assert len(turn.seen) == 1


@pytest.mark.parametrize("then", ["closes", "resets"])
def test_nothing_is_begun_for_who_has_given_up(then: str) -> None:
    with delivered(message("text", Content="挂失"), then) as turn:
        assert turn.seen == []


def test_a_duty_is_done_all_the_same() -> None:
    with delivered(message("event", Event="unsubscribe"), "closes") as turn:
        assert len(turn.seen) == 1
