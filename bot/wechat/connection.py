"""What the other side of a request's connection still does: sends, reads, or neither.

Known where a server shows its socket (WSGI lets it add variables of its own name); elsewhere the webhook
goes by what WSGI promises of an answer's writing, and by the time for which WeChat waits.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Mapping
from typing import Any

_RESET_WITHIN = 50  # milliseconds in which who has closed altogether answers what is written with a reset


def closed(environ: Mapping[str, Any]) -> bool:
    """Whether the other side sends no more, once the body was read. It may still read."""
    used = _socket(environ)
    if used is None:
        return False
    try:
        # past TLS, which allows no flags; the body has been read, so what is left is the end or nothing
        return socket.socket.recv(used, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def reset(environ: Mapping[str, Any]) -> bool:
    """Whether the other side reads no more, known once something was written to it."""
    used = _socket(environ)
    if used is None:
        return False
    try:
        poll = select.poll()
        poll.register(used, 0)  # POLLHUP and POLLERR are always told
        return bool(poll.poll(_RESET_WITHIN))
    except (OSError, ValueError):
        return True


def _socket(environ: Mapping[str, Any]) -> socket.socket | None:
    """None where the server does not show it."""
    used: socket.socket | None = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return used
