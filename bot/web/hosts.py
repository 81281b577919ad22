"""Checks whether a browser asked this machine by a local name."""

from __future__ import annotations

from flask import Request

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_loopback(request: Request) -> bool:
    """Checks the requested host name, which another site's page cannot choose."""
    name, _, port = request.host.rpartition(":")
    return (name if name and port.isdigit() else request.host) in _LOOPBACK
