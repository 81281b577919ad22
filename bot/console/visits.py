"""A visit: from signing in to signing out, as a signed cookie; and the token of its forms."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import redis
from flask import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from bot.console.accounts import Account, Accounts
from bot.web.hosts import is_loopback

IDLE, LONGEST = 30 * 60, 12 * 3600
"""Seconds without a page, and in all."""
COOKIE, FORM = "shebao_console", "shebao_console_form"
"""The visit; and what ties the sign-in form to the browser that asked for it."""


@dataclass(frozen=True)
class Visit:
    """`id`: drawn at sign-in. `began`: epoch seconds."""

    account: Account
    id: str
    began: int


class Visits:
    """`key`: a secret. A changed password or role ends an account's visits.

    A visit that was ended is remembered in Redis until its cookie could not live any longer.
    """

    def __init__(self, accounts: Accounts, key: str, client: redis.Redis, now: Callable[[], float]) -> None:
        self._key = hmac.new(key.encode(), b"console", sha256).digest()
        self._cookies = URLSafeSerializer(
            self._key, "visit", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
        )
        self._accounts, self._client, self._now = accounts, client, now

    def of(self, request: Request) -> Visit | None:
        """Raises redis.RedisError."""
        try:
            name, mark, id_, began, seen = self._cookies.loads(request.cookies.get(COOKIE, ""))
        except (BadSignature, ValueError):
            return None
        account, now = self._accounts.get(name), self._now()
        if account is None or not hmac.compare_digest(mark, self._mark(account)):
            return None
        if now > seen + IDLE or now > began + LONGEST or self._client.exists(f"console:ended:{id_}"):
            return None
        return Visit(account, id_, began)

    def begin(self, account: Account) -> Visit:
        return Visit(account, secrets.token_urlsafe(18), int(self._now()))

    def end(self, visit: Visit) -> None:
        """Raises redis.RedisError."""
        self._client.set(f"console:ended:{visit.id}", 1, ex=LONGEST)

    def keep(self, request: Request, response: Response, visit: Visit) -> None:
        """The visit was active just now."""
        mark = self._mark(visit.account)
        value = self._cookies.dumps([visit.account.name, mark, visit.id, visit.began, int(self._now())])
        set_cookie(request, response, COOKIE, str(value))

    def token(self, about: str) -> str:
        """What a form must send back. `about`: a visit's id, or the sign-in form's cookie."""
        return hmac.new(self._key, b"form:" + about.encode(), sha256).hexdigest()

    def fits(self, about: str, token: str) -> bool:
        return bool(about) and hmac.compare_digest(token.encode(), self.token(about).encode())

    def _mark(self, account: Account) -> str:
        said = f"account:{account.name}:{account.role}:{account.hash}"
        return hmac.new(self._key, said.encode(), sha256).hexdigest()[:16]


def set_cookie(request: Request, response: Response, name: str, value: str, lasts: int | None = None) -> None:
    """Not for scripts, not for other sites; only over https, but for this machine's own browser."""
    response.set_cookie(
        name, value, max_age=lasts, path="/console", httponly=True, samesite="Strict",
        secure=not is_loopback(request),
    )  # fmt: skip
