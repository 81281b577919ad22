"""Whether a browser asked this machine itself."""

from __future__ import annotations

from flask import Request

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_loopback(request: Request) -> bool:
    """By the name it asked for, which a page from elsewhere cannot choose."""
    name, _, port = request.host.rpartition(":")
    return (name if name and port.isdigit() else request.host) in _LOOPBACK
