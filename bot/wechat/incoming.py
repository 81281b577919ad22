"""Makes a request independent of the server in front of the application.

Reading a body that is malformed or incomplete gives 400. Without this, a malformed chunk would look like our
bug, as each server has exceptions of its own, and a body shorter than its Content-Length would pass as whole.
The path is the requested one: gunicorn takes a SCRIPT_NAME header for the application's root.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any

from werkzeug.exceptions import BadRequest


def as_sent(app: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the WSGI application, always at the root, with bodies checked as they are read."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        length = environ.get("CONTENT_LENGTH", "")
        promised = int(length) if length.isdecimal() else None
        environ["wsgi.input"] = _Body(environ["wsgi.input"], promised)
        environ["PATH_INFO"] = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        environ["SCRIPT_NAME"] = ""
        return app(environ, start_response)

    return checked


class _Body(io.RawIOBase):
    """A body that raises BadRequest while it is read. `promised`: bytes; None: until it ends."""

    def __init__(self, given: IO[bytes], promised: int | None) -> None:
        self._given, self._left = given, promised

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer, except at the end."""
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
        if self._left and not piece:
            raise BadRequest("body broke off")
        if self._left is not None:
            self._left -= len(piece)
        return piece
