"""Allows only this machine's own browser, from the phone's own page, to use the phone."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from flask import Request, Response, abort

from bot.web.hosts import is_loopback

COOKIE = "shebao_phone"
HEADER = "X-Phone-Token"


class Guard:
    """`secret`: stays the same across restarts, so that an open page keeps working."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(b"phone:" + secret.encode()).digest()

    def check(self, request: Request) -> None:
        """Aborts with 403 for another host's name (DNS rebinding), or a change without the page's token."""
        if not is_loopback(request):
            abort(403, "The phone answers on localhost only; from elsewhere use an SSH tunnel.")
        if request.method == "POST":
            cookie = request.cookies.get(COOKIE, "")
            given = request.headers.get(HEADER, "")
            if not cookie or not hmac.compare_digest(given.encode(), self.token(cookie).encode()):
                abort(403, "The page is from another session: reload it.")

    def token(self, cookie: str) -> str:
        """Returns the token that the page sends with every change."""
        return hmac.new(self._key, cookie.encode(), sha256).hexdigest()

    def cookie(self, request: Request) -> str:
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(18)

    def keep(self, response: Response, cookie: str) -> Response:
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/phone")
        return response
