"""Plays a resident's phone over HTTP."""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from bot.engine import events as e
from bot.engine.content import Content
from bot.kit.replay.judge import Facts, Plain, same
from bot.kit.replay.stage import CannotPlay
from bot.kit.wechat import Account, Bubble, message_of, read
from bot.wechat.crypto import Refused

if TYPE_CHECKING:
    from bot.kit.replay.server import Server

SECONDS = 6.0
"""WeChat itself hangs up after 5 s."""
PLENTY = 60.0
"""Seconds for an answer of a server of our own; long enough for a busy machine."""


def account_of(env: Mapping[str, str]) -> Account:
    """Returns the account that a running service is set up for.

    Raises:
        CannotPlay: a setting is missing or invalid.
    """
    names = ("SHEBAO_WECHAT_TOKEN", "SHEBAO_WECHAT_APP_ID", "SHEBAO_WECHAT_AES_KEYS")
    missing = [n for n in names if not env.get(n)]
    if missing:
        raise CannotPlay(f"--target needs {', '.join(missing)} in the environment")
    try:
        return Account(env[names[0]], env[names[1]], env[names[2]].split(",")[0])
    except ValueError as e:
        raise CannotPlay(str(e)) from e


class Wire:
    """The phone of one resident of an account. `plain`: returns what is judged of an answer's text."""

    def __init__(
        self, url: str, account: Account, openid: str, own: Server | None = None, plain: Plain = same
    ) -> None:
        self.url, self.account, self.openid, self.own = url.rstrip("/") + "/wechat", account, openid, own
        self.plain = plain
        self.within = PLENTY if own else SECONDS
        self.session = requests.Session()
        self.nonce = secrets.token_hex(4)

    def deliver(self, key: str, event: e.Event) -> Bubble:
        if self.own:
            self.own.settle()
        return self._deliver(key, event)

    def _deliver(self, key: str, event: e.Event) -> Bubble:
        return self.post(message_of(event, self.openid, zlib.crc32(f"{self.nonce}{key}".encode())))

    def post(self, message: bytes) -> Bubble:
        """Posts a body and returns the reply.

        Raises:
            CannotPlay: the server does not answer as one of ours.
        """
        now = int(time.time())  # wall clock: a running service refuses old messages
        query, data = self.account.push(message, now)
        try:
            got = self.session.post(self.url, params=query, data=data, timeout=self.within)
        except requests.RequestException as error:
            raise CannotPlay(f"{self.url} does not answer: {type(error).__name__}") from None
        if got.status_code != 200:
            raise CannotPlay(f"{self.url} answered {got.status_code}: are token, app id and AES key its own?")
        try:
            answer = read(self.account.opened(got.content))
        except Refused as error:
            raise CannotPlay(f"the answer is not WeChat's: {error}") from None
        return replace(answer, text=self.plain(answer.text))

    def opening(self) -> Bubble:
        return Bubble("nothing")

    def wait(self, until: int) -> list[Bubble]:
        return []

    def together(self, given: list[tuple[str, e.Event]]) -> Iterator[tuple[tuple[Bubble, ...], Facts | None]]:
        """Delivers all at the same moment; the order is left to chance."""
        if self.own:
            self.own.settle()
        with ThreadPoolExecutor(len(given)) as pool:
            yield tuple(pool.map(lambda one: self._deliver(*one), given)), None

    def report(self, given: Mapping[str, str]) -> list[Bubble]:
        raise CannotPlay("the bureau reports in process only")

    def deploy(self, directory: Path) -> Content:
        raise CannotPlay("content cannot be deployed over HTTP")

    def restart(self) -> None:
        self.session = requests.Session()

    def facts(self) -> Facts | None:
        return None

    def services(self) -> Server | None:
        return self.own
