"""Whatever the server makes of it: a body is whole and in order, or it is 400; a path is what was asked."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask, request

from bot.wechat.incoming import as_sent


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


def posted(stream: Given, length: str | None = None) -> tuple[int, bytes]:
    app = Flask("made-up")
    app.wsgi_app = as_sent(app.wsgi_app)  # type: ignore[method-assign]

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


@pytest.mark.parametrize(("script", "path"), [("", "/x/y"), ("/x", "/y"), ("/x/y", ""), ("/x/", "y")])
def test_the_application_is_where_it_is_whatever_a_header_says(script: str, path: str) -> None:
    seen: list[tuple[str, str]] = []

    def app(environ: dict[str, Any], _: object) -> list[bytes]:
        seen.append((environ["SCRIPT_NAME"], environ["PATH_INFO"]))
        return []

    as_sent(app)({"SCRIPT_NAME": script, "PATH_INFO": path, "wsgi.input": io.BytesIO()}, lambda *_: None)
    assert seen == [("", "/x/y")]
