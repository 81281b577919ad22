"""Each thing that keeps an account from working is found, with its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from click.testing import CliRunner

from bot.content.commands import Wiring, doctor
from bot.content.doctor import BAD, GOOD, WARN, Probes, examine
from bot.content.live_menu import Refused
from bot.content.menu import Button, to_wechat

MENU = (Button("办卡", key="flow.x"),)


@dataclass
class FakeSettings:
    wechat_token: str = "token123"
    wechat_app_id: str = "wx0123456789abcdef"
    wechat_app_secret: str = "secret"
    wechat_aes_keys: tuple[str, ...] = ("a" * 43,)
    wechat_mode: str = "safe"
    seal_keys: tuple[str, ...] = ("k",)
    tag_key: str = "t"
    freshness: int = 300
    code: str = "text"


class FakeRedis:
    def __init__(self, **changes: Any) -> None:
        self.has = {"redis_version": "7.2.4", "maxmemory-policy": "noeviction", "appendonly": "yes"} | changes

    def info(self, section: str) -> Mapping[str, Any]:
        return {"redis_version": self.has["redis_version"]}

    def config_get(self, pattern: str) -> Mapping[str, Any]:
        return {pattern.encode(): self.has[pattern].encode()}


class FakeAccount:
    def __init__(self, refuses: int = 0, buttons: Any = None, on: int = 1, time: float = 1000.0) -> None:
        self.refuses, self.on, self.time = refuses, on, time
        self.buttons = to_wechat(MENU)["button"] if buttons is None else buttons

    def token(self) -> None:
        if self.refuses:
            raise Refused(self.refuses)

    def server_time(self) -> float:
        return self.time

    def current(self) -> Mapping[str, Any]:
        return {"is_menu_open": self.on, "selfmenu_info": {"button": self.buttons}}

    def create(self, menu: bytes) -> None: ...


HEALTHY = Probes(
    FakeSettings(),
    FakeRedis(),
    FakeAccount(),
    MENU,
    lambda: {0: "abc", 1: "abc"},
    lambda address: 403,
    "https://a.example/wechat",
    lambda: 1001.0,
)


def unreachable(address: str) -> int:
    raise OSError


def broken() -> Mapping[int, str]:
    raise RuntimeError("boom")


def test_a_healthy_account_has_only_good_signs() -> None:
    assert {s.state for s in examine(HEALTHY)} == {GOOD}
    made = CliRunner().invoke(doctor, obj=Wiring(probes=lambda: HEALTHY))
    assert made.exit_code == 0, made.output


@pytest.mark.parametrize(
    ("changes", "state", "about", "remedy"),
    [
        ({"settings": FakeSettings(wechat_token="abc ")}, BAD, "token", "copy it again"),
        ({"settings": FakeSettings(wechat_token="")}, BAD, "token", "server configuration"),
        ({"settings": FakeSettings(wechat_aes_keys=())}, BAD, "AES key", "EncodingAESKey"),
        ({"settings": FakeSettings(wechat_aes_keys=("a" * 43 + "=",))}, BAD, "AES key", "without `=`"),
        ({"settings": FakeSettings(wechat_mode="plain")}, WARN, "mode", "safe mode"),
        ({"settings": FakeSettings(wechat_app_id="gh_123")}, BAD, "app id", "not the gh_ id"),
        ({"settings": FakeSettings(wechat_app_id="")}, BAD, "app id", "another account"),
        ({"settings": FakeSettings(wechat_app_secret="")}, WARN, "app secret", "SHEBAO_WECHAT_APP_SECRET"),
        ({"settings": FakeSettings(seal_keys=())}, BAD, "seal key", "shebao new-key"),
        ({"settings": FakeSettings(tag_key="")}, BAD, "tag key", "shebao new-key"),
        ({"redis": None}, BAD, "Redis", "SHEBAO_REDIS_URL"),
        ({"redis": FakeRedis(redis_version="5.0.14")}, BAD, "Redis", "6.2"),
        ({"redis": FakeRedis(**{"maxmemory-policy": "allkeys-lru"})}, BAD, "eviction", "noeviction"),
        ({"redis": FakeRedis(appendonly="no")}, WARN, "persistence", "appendonly yes"),
        ({"pointers": lambda: {0: "a", 1: "b"}}, BAD, "revision", "publish"),
        ({"pointers": broken}, BAD, "pointers", "log"),
        ({"account": None}, WARN, "WeChat's API", "replies still work"),
        ({"account": FakeAccount(refuses=40164)}, BAD, "access token", "allow-list"),
        ({"account": FakeAccount(refuses=48001)}, BAD, "access token", "verified"),
        ({"account": FakeAccount(time=0.0)}, BAD, "clock", "time synchronisation"),
        ({"account": FakeAccount(buttons=[])}, BAD, "menu", "server mode"),
        ({"account": FakeAccount(on=0)}, BAD, "menu", "menu switch"),
        ({"account": FakeAccount(buttons=[{"name": "x"}])}, WARN, "menu", "menu diff"),
        ({"reach": unreachable}, BAD, "public address", "firewall"),
        ({"reach": lambda address: 502}, BAD, "public address", "proxy"),
    ],
)
def test_each_ill_has_its_sign_and_remedy(
    changes: dict[str, Any], state: str, about: str, remedy: str
) -> None:
    signs = [s for s in examine(replace(HEALTHY, **changes)) if s.state != GOOD]
    assert [(s.state, s.about) for s in signs] == [(state, about)]
    assert remedy in signs[0].remedy
    made = CliRunner().invoke(doctor, obj=Wiring(probes=lambda: replace(HEALTHY, **changes)))
    assert made.exit_code == (1 if state == BAD else 0)


def test_secrets_are_never_shown() -> None:
    settings = FakeSettings(wechat_token="tell no one", wechat_aes_keys=("hush",), wechat_app_secret="quiet")
    text = "\n".join(map(str, examine(replace(HEALTHY, settings=settings))))
    assert not any(secret in text for secret in ("tell no one", "hush", "quiet"))
