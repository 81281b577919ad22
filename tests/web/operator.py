"""Somebody at the console, as far as the server can tell."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bot.app import Bot
from bot.console.accounts import hashed
from bot.console.audit import Audit

PASSWORD = "made up 2026"
HASH = hashed(PASSWORD, "scrypt:1024:8:1")  # a weak one is fast
USERS = (f"anna:publish:{HASH}", f"bo:read:{HASH}", f"ed:edit:{HASH}")
TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


class Operator:
    """`name` "": not signed in."""

    def __init__(self, app: Flask, name: str = "anna", language: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.client.get(f"/console/sign-in?lang={language}")
        if name:
            assert self.sign_in(name).status_code == 303

    def sign_in(self, name: str, password: str = PASSWORD, code: str = "", **options: Any) -> Any:
        form = {"token": self.token("sign-in"), "name": name, "password": password, "code": code}
        return self.client.post("/console/sign-in", data=form, **options)

    def token(self, page: str = "audit") -> str:
        found = TOKEN.search(self.see(page))
        assert found, page
        return found[1]

    def see(self, page: str = "") -> str:
        """A page's HTML."""
        return str(self.client.get(f"/console/{page}".rstrip("/")).text)

    def send(self, path: str, page: str = "audit", **fields: Any) -> Any:
        """A form with the token of its page; what comes after a redirect is followed."""
        form = {"token": self.token(page), **fields}
        return self.client.post(f"/console/{path}", data=form, follow_redirects=True)


def written(bot: Bot) -> list[tuple[str, str, str, str]]:
    """The audit log, newest first, sign-ins left out."""
    entries = Audit(bot.client, bot.store.seal, bot.now).entries()
    return [(e.who, e.what, e.about, e.result) for e in entries if e.what != "sign_in"]
