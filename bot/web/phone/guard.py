"""Who may use the phone: this machine's own browser, from the phone's own page."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from flask import Request, Response, abort

COOKIE = "shebao_phone"
HEADER = "X-Phone-Token"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """`secret`: stays the same across restarts, so that an open page goes on working."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(b"phone:" + secret.encode()).digest()

    def check(self, request: Request) -> None:
        """Aborts with 403: another host's name (DNS rebinding), or a change without the page's token."""
        if _host(request) not in _LOOPBACK:
            abort(403, "The phone answers on localhost only; from elsewhere use an SSH tunnel.")
        if request.method == "POST":
            cookie = request.cookies.get(COOKIE, "")
            given = request.headers.get(HEADER, "")
            if not cookie or not hmac.compare_digest(given.encode(), self.token(cookie).encode()):
                abort(403, "The page is from another session: reload it.")

    def token(self, cookie: str) -> str:
        """What the page sends back with every change."""
        return hmac.new(self._key, cookie.encode(), sha256).hexdigest()

    def cookie(self, request: Request) -> str:
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(18)

    def keep(self, response: Response, cookie: str) -> Response:
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/phone")
        return response


def protect(response: Response) -> Response:
    """Nothing inline, nothing from elsewhere, never in a frame."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _host(request: Request) -> str:
    host, _, port = request.host.rpartition(":")
    return host if host and port.isdigit() else request.host
