"""A body is whole, in order and soon, or whoever reads it answers 400: whatever the server raises."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from bot.web.body import WITHIN, whole_bodies


class Given(io.RawIOBase):
    """A server's stream: gives these pieces one by one, raises what is an exception."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        if isinstance(piece, Exception):
            raise piece
        assert len(piece) <= size
        return piece


def posted(
    stream: Given, length: str | None = None, clock: Callable[[], float] = lambda: 0.0
) -> tuple[int, bytes]:
    app = Flask("made-up")
    app.wsgi_app = whole_bodies(app.wsgi_app, clock)  # type: ignore[method-assign]

    @app.post("/")
    def read() -> bytes:
        request.max_content_length = 100
        return request.stream.read(101)

    environ: dict[str, Any] = {"wsgi.input": stream, "wsgi.input_terminated": True}
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    answer = app.test_client().post("/", environ_overrides=environ)
    return answer.status_code, answer.data if answer.status_code == 200 else b""


def test_it_is_read_to_its_end_in_however_many_pieces() -> None:
    assert posted(Given(b"a", b"bc", b"def")) == (200, b"abcdef")
    assert posted(Given(b"a", b"bc", b"def"), "6") == (200, b"abcdef")
    assert posted(Given(), "0") == (200, b"")


@pytest.mark.parametrize("bug", [OSError(), ValueError("chunk"), type("InvalidChunk", (Exception,), {})()])
def test_whatever_the_server_raises_is_400(bug: Exception) -> None:
    assert posted(Given(b"a", bug)) == (400, b"")


def test_one_that_ends_before_its_length_is_400() -> None:
    assert posted(Given(b"a", b"bc"), "4") == (400, b"")


def test_one_that_comes_drop_by_drop_is_400() -> None:
    seconds = iter(range(0, 1000, 4))
    assert posted(Given(*[b"a"] * 50), "50", lambda: float(next(seconds))) == (400, b"")
    assert WITHIN < 50 * 4
