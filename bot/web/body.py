"""The body of a request as HTTP promises it: in order, whole and soon; else it is 400 for whoever reads it.

Without this a malformed chunk is a bug of ours, as each server has exceptions of its own, and a body that
ends before its Content-Length is taken for a whole one.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import IO, Any

from werkzeug.exceptions import BadRequest

WITHIN = 10.0
"""Seconds for a whole body; WeChat gives up after 5."""


def whole_bodies(app: Callable[..., Any], clock: Callable[[], float] = time.monotonic) -> Callable[..., Any]:
    """The WSGI application, its requests' bodies checked as they are read."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        length = environ.get("CONTENT_LENGTH", "")
        promised = int(length) if length.isdecimal() else None
        environ["wsgi.input"] = _Body(environ["wsgi.input"], promised, clock)
        return app(environ, start_response)

    return checked


class _Body(io.RawIOBase):
    """Raises BadRequest while it is read. `promised`: bytes; None: until it ends."""

    def __init__(self, given: IO[bytes], promised: int | None, clock: Callable[[], float]) -> None:
        self._given, self._left, self._clock = given, promised, clock
        self._until = clock() + WITHIN

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills it, but at the end."""
        size = 0
        while size < len(buffer) and self._left != 0:
            piece = self._piece(len(buffer) - size)
            if not piece:
                break
            buffer[size : size + len(piece)] = piece
            size += len(piece)
        return size

    def _piece(self, size: int) -> bytes:
        try:
            piece = self._given.read(size if self._left is None else min(size, self._left))
        except Exception as e:
            raise BadRequest(f"body: {type(e).__name__}") from e
        if self._clock() > self._until or (self._left and not piece):
            raise BadRequest("body broke off")
        if self._left is not None:
            self._left -= len(piece)
        return piece
