"""A visit: from opening the page until it has been left for 20 minutes. The browser holds its random name."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

import redis
from flask import Request, Response
from msgspec import Struct

from bot.engine.session import Session
from bot.engine.view import UNTYPED, Typed
from bot.page.sealed import Sealed
from bot.store.seal import Seal

IDLE = 1200
"""Seconds without a page."""
LINKED = 3600
"""Seconds that a link's visit lasts, however often it is looked at."""
ENTERED = 120
"""Seconds in which the browser that a link has opened for may enter again: the answer may have been lost."""
_NAME = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Visit(Struct, frozen=True):
    """`run`: the only one that may be seen; 0: WeChat has told who it is, and everything may.

    `flow`: whose run that is; `before`: the flows that have led to it. `born`, `pages_ended`: of the
    resident's session when it began, "" where there was none. `delivery`: the last submit, `at` its time
    (epoch seconds); `notice`: what it was answered if it came to nothing; `entered`: what was filled in last.
    `until`: epoch seconds; 0: no end but IDLE. `link`: the token it was opened by. `shown`: the run that was
    shown last, and since when (epoch seconds). `away`: where a face is compared, on the way there. `find`:
    what a long list is searched for, after the mark of its question.
    """

    openid: str
    account: str
    run: int = 0
    flow: str = ""
    born: str = ""
    pages_ended: int = 0
    delivery: str = ""
    at: int = 0
    notice: str = ""
    entered: Typed = UNTYPED
    until: int = 0
    link: str = ""
    shown: tuple[int, int] = (0, 0)
    before: tuple[str, ...] = ()
    away: str = ""
    find: tuple[str, str] = ("", "")

    def over(self, session: Session | None) -> bool:
        """Checks whether it was ended in the chat: signed out, or all data deleted."""
        if session is None:
            return bool(self.born)
        return session.pages_ended != self.pages_ended or bool(self.born and session.born != self.born)


class Visits:
    """`key`: a secret. `secure`: the page is reached over https; else only on this machine."""

    def __init__(
        self, client: redis.Redis, seal: Seal, key: str, secure: bool, now: Callable[[], float]
    ) -> None:
        self._kept, self._secure, self.now = Sealed(client, seal, "visit", Visit, IDLE), secure, now
        self._key = hmac.new(key.encode(), b"page", sha256).digest()
        self.cookie = "__Host-shebao" if secure else "shebao_page"

    def name(self, request: Request) -> str:
        """Returns the name of the browser's visit; "" if it has none."""
        name = request.cookies.get(self.cookie, "")
        return name if _NAME.fullmatch(name) else ""

    def of(self, name: str) -> Visit | None:
        """Raises StoreAway."""
        visit = self._kept.find(name, again=True) if name else None
        return None if visit and 0 < visit.until <= self.now() else visit

    def keep(self, name: str, visit: Visit, new: bool = False) -> None:
        """Stores the visit; does nothing if it has been ended meanwhile, unless it is new.

        Raises:
            StoreAway.
        """
        self._kept.keep(name, visit, new)

    def change(self, name: str, before: Visit, after: Visit) -> None:
        """Stores what a look at the page has noticed; nothing where a submit has changed the visit since.

        Raises:
            StoreAway.
        """
        if after != before:
            self._kept.change(name, before, after)

    def end(self, name: str) -> None:
        """Raises StoreAway."""
        self._kept.drop(name)

    def new_name(self) -> str:
        return secrets.token_urlsafe(32)

    def name_after(self, name: str, link: str) -> str:
        """Returns the browser's name once this link has opened for it: the same each time, as the answer may
        be lost."""
        made = hmac.new(self._key, f"after:{link}:{name}".encode(), sha256).digest()
        return urlsafe_b64encode(made).decode().rstrip("=")

    def set(self, response: Response, name: str) -> None:
        """Sets the cookie. It is Lax: whoever comes back from WeChat's authorisation comes from another
        site."""
        response.set_cookie(self.cookie, name, path="/", httponly=True, samesite="Lax", secure=self._secure)

    def token(self, name: str) -> str:
        """Returns what a form of this browser must send back."""
        return hmac.new(self._key, f"form:{name}".encode(), sha256).hexdigest()

    def fits(self, name: str, token: str) -> bool:
        return bool(name) and hmac.compare_digest(token.encode(), self.token(name).encode())
