"""A visit: from signing in to signing out, as a signed cookie; and the token of its forms."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import cast

import redis
from flask import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from bot.console.accounts import Account, Accounts
from bot.console.cookies import Cookies
from bot.store.seal import Seal

IDLE, LONGEST = 30 * 60, 12 * 3600
"""Seconds without a page, and in all."""
FRESH = 15 * 60
"""Seconds for which somebody who has just proved who they are may publish."""
COOKIE, FORM = "shebao_console", "shebao_console_form"
"""The visit; and what ties the sign-in form to the browser that asked for it."""
Clock = Callable[[], float]


@dataclass(frozen=True)
class Visit:
    """`id`: drawn at sign-in. `began`, `proved` (by password and code): epoch seconds. `round`: how often
    this account had been signed out everywhere before."""

    account: Account
    id: str
    began: int
    proved: int
    round: int


class Visits:
    """`key`: a secret. A changed line of the account (its password, role or second factor) ends its visits.

    What was ended is remembered in Redis: a visit until its cookie could not live any longer, a sign-out
    everywhere for good. Everything raises redis.RedisError.
    """

    def __init__(
        self, accounts: Accounts, key: str, client: redis.Redis, seal: Seal, cookies: Cookies, now: Clock
    ) -> None:
        self._key = hmac.new(key.encode(), b"console", sha256).digest()
        self.cookies, self.rounds = cookies, Rounds(client, seal)
        self._signed = URLSafeSerializer(
            self._key, "visit", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
        )
        self._accounts, self._client, self._now = accounts, client, now

    def of(self, request: Request) -> Visit | None:
        try:
            name, mark, id_, began, seen, proved, round_ = self._signed.loads(
                self.cookies.get(request, COOKIE)
            )
        except (BadSignature, ValueError):
            return None
        account, now = self._accounts.get(name), self._now()
        if account is None or not hmac.compare_digest(mark, self._mark(account)):
            return None
        if now > seen + IDLE or now > began + LONGEST or self._client.exists(f"console:ended:{id_}"):
            return None
        if round_ != self.rounds.of(name):
            return None
        return Visit(account, id_, began, proved, round_)

    def begin(self, account: Account) -> Visit:
        now = int(self._now())
        return Visit(account, secrets.token_urlsafe(18), now, now, self.rounds.of(account.name))

    def end(self, visit: Visit) -> None:
        self._client.set(f"console:ended:{visit.id}", 1, ex=LONGEST)

    def is_fresh(self, visit: Visit) -> bool:
        return self._now() <= visit.proved + FRESH

    def proved(self, visit: Visit) -> Visit:
        """Returns the visit, noting that its account was proved again just now."""
        return replace(visit, proved=int(self._now()))

    def keep(self, request: Request, response: Response, visit: Visit) -> None:
        """Renews the cookie: the visit was active just now."""
        mark = self._mark(visit.account)
        held = [visit.account.name, mark, visit.id, visit.began, int(self._now()), visit.proved, visit.round]
        self.cookies.set(request, response, COOKIE, str(self._signed.dumps(held)))

    def token(self, about: str) -> str:
        """Returns what a form must send back. `about`: a visit's id, or the sign-in form's cookie."""
        return hmac.new(self._key, b"form:" + about.encode(), sha256).hexdigest()

    def fits(self, about: str, token: str) -> bool:
        return bool(about) and hmac.compare_digest(token.encode(), self.token(about).encode())

    def _mark(self, account: Account) -> str:
        said = f"account:{account.name}:{account.role}:{account.hash}:{account.secret}"
        return hmac.new(self._key, said.encode(), sha256).hexdigest()[:16]


class Rounds:
    """How often each account was signed out everywhere: in every process, and after a restart."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def of(self, account: str) -> int:
        held = cast("bytes | None", self._client.get(self._key(account)))
        return int(held or 0)

    def end(self, account: str) -> None:
        """Every visit of the account is over."""
        self._client.incr(self._key(account))

    def _key(self, account: str) -> str:
        return f"console:round:{self._seal.tag(f'console round {account}')}"
