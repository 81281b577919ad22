"""What `shebao doctor` can look at, and the form of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.content.live_menu import LiveMenu
from bot.content.menu import Button

GOOD, WARN, BAD = "good", "warning", "bad"


@dataclass(frozen=True)
class Sign:
    """`state`: good, warning or bad. `about`: what was looked at. `remedy`: what to do, if anything."""

    state: str
    about: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        mark = {GOOD: "✓", WARN: "!", BAD: "✗"}[self.state]
        return f"{mark} {self.about}: {self.found}" + (f"\n    {self.remedy}" if self.remedy else "")


class Settings(Protocol):
    """What is read of bot.settings.Settings."""

    wechat_token: str
    wechat_app_id: str
    wechat_app_secret: str
    wechat_aes_keys: tuple[str, ...]
    wechat_mode: str
    seal_keys: tuple[str, ...]
    tag_key: str
    freshness: int
    code: str


class Account(LiveMenu, Protocol):
    """Calls to WeChat. All raise live_menu.Refused with WeChat's errcode, bot.ports.Unknown otherwise."""

    def token(self) -> None:
        """Fetch an access token."""
        ...

    def server_time(self) -> float:
        """Epoch seconds of the answer's Date header."""
        ...


class Redis(Protocol):
    """Of redis.Redis; answers bytes or str."""

    def info(self, section: str) -> Mapping[str, Any]: ...

    def config_get(self, pattern: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Probes:
    """What the doctor can look at; None where it is not set up. `pointers`: revision of every shard.

    `reach`: an address -> HTTP status of GET, raises OSError. `address`: the public one of the webhook.
    """

    settings: Settings
    redis: Redis | None = None
    account: Account | None = None
    menu: tuple[Button, ...] = ()
    pointers: Callable[[], Mapping[int, str]] | None = None
    reach: Callable[[str], int] | None = None
    address: str = ""
    now: Callable[[], float] | None = None
