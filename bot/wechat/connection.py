"""Checks whether the other side of a request's connection still sends and reads.

Known only if the server shows its socket (WSGI allows servers variables of their own name); otherwise the
webhook relies on WSGI's promise about writing an answer, and on the time that WeChat waits.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Mapping
from typing import Any

_RESET_WITHIN = 50  # milliseconds in which a fully closed peer resets the connection after a write


def closed(environ: Mapping[str, Any]) -> bool:
    """Checks whether the other side has stopped sending, once the body was read. It may still read."""
    used = _socket(environ)
    if used is None:
        return False
    try:
        # past TLS, which allows no flags; the body has been read, so only the end or nothing is left
        return socket.socket.recv(used, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def reset(environ: Mapping[str, Any]) -> bool:
    """Checks whether the other side has stopped reading, once something was written to it."""
    used = _socket(environ)
    if used is None:
        return False
    try:
        poll = select.poll()
        poll.register(used, 0)  # POLLHUP and POLLERR are always reported
        return bool(poll.poll(_RESET_WITHIN))
    except (OSError, ValueError):
        return True


def _socket(environ: Mapping[str, Any]) -> socket.socket | None:
    """Returns None if the server does not show it."""
    used: socket.socket | None = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return used
