"""One-time links from the chat to the page."""

from __future__ import annotations

import re
import secrets
from typing import Literal

import redis
import structlog
from msgspec import Struct
from msgspec.structs import replace

from bot.engine.effects import PAGE, Reply
from bot.engine.session import Session
from bot.page.sealed import Sealed
from bot.store.records import ResidentKey, StoreAway
from bot.store.seal import Seal

log = structlog.get_logger()

LASTS = 600
"""Seconds a link can be opened."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
"""128 bits."""


class Link(Struct, frozen=True):
    """Whom it leads to, and the one run that it opens. `born`, `pages_ended`: of the session that made it."""

    openid: str
    account: str
    run: int
    born: str = ""
    pages_ended: int = 0


class Links:
    """`origin`: scheme and host of the page. `known`: WeChat tells who opens it, and no link need."""

    def __init__(self, client: redis.Redis, seal: Seal, origin: str, known: bool = False) -> None:
        self._kept, self.origin, self.known = Sealed(client, seal, "link", Link, LASTS), origin, known

    def make(self, link: Link) -> str:
        """Returns a new address of the page.

        Raises:
            StoreAway.
        """
        if self.known:
            return f"{self.origin}/card"
        token = secrets.token_urlsafe(16)
        self._kept.keep(token, link, new=True)
        return f"{self.origin}/card/in/{token}"

    def state(self, token: str) -> Literal["good", "used", "gone"]:
        """Returns whether a link can be opened, without opening it: link scanners look.

        Raises:
            StoreAway.
        """
        if self.find(token) is not None:
            return "good"
        return "used" if TOKEN.fullmatch(token) and self._kept.used(token) else "gone"

    def find(self, token: str) -> Link | None:
        """Returns the link without opening it.

        Raises:
            StoreAway.
        """
        return self._kept.find(token) if TOKEN.fullmatch(token) else None

    def open(self, token: str) -> bool:
        """Opens the link, once: False if it is open already, or gone.

        Raises:
            StoreAway.
        """
        return bool(TOKEN.fullmatch(token)) and self._kept.use(token)

    def put(self, owner: ResidentKey, account: str, reply: Reply, session: Session) -> Reply:
        """Returns the reply with an address where the engine offers the page; without that offer if the store
        does not answer, as the chat takes the answer too."""
        options = []
        for option in reply.options:
            if option.url.startswith(PAGE):
                try:
                    run = int(option.url.removeprefix(PAGE))
                    link = Link(owner.openid, account, run, session.born, session.pages_ended)
                    option = replace(option, url=self.make(link))
                except StoreAway as e:
                    log.warning("no link to the page", resident=owner.tag, cause=str(e))
                    continue
            options.append(option)
        return replace(reply, options=tuple(options))
