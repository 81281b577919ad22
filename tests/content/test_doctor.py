"""Each thing that keeps an account from working is found, with its remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from click.testing import CliRunner

from bot.account.doctor import BAD, GOOD, WARN, Diagnostics, examine
from bot.account.live_menu import Refused
from bot.account.reached import Unreachable
from bot.cli.account import doctor
from bot.cli.wiring import Wiring
from bot.content.read.menu import Button, to_wechat
from bot.content.read.settings_file import Wrong
from bot.engine.events import Maintenance
from bot.ports import Unknown
from bot.store.due import Waiting
from bot.wechat.quota import Quota

OFF = Maintenance("card", ("card.status",), 1_700_000_000)
MENU = (Button("办卡", key="flow.x"),)


@dataclass
class FakeSettings:
    wechat_token: str = "token123"
    wechat_app_id: str = "wx0123456789abcdef"
    wechat_app_secret: str = "secret"
    wechat_aes_keys: tuple[str, ...] = ("a" * 43,)
    wechat_mode: str = "safe"
    seal_keys: tuple[str, ...] = ("a" * 43 + "=",)
    tag_key: str = "b" * 43 + "="
    freshness: int = 300
    phone: str = "no"
    push: str = "no"
    real_name: str = "https://bureau.example"
    card: str = "https://bureau.example"
    services: str = ""
    public_url: str = "https://a.example/wechat"
    console_users: tuple[str, ...] = ("anna:read:made-up",)
    proxies: int = 1


class FakeRedis:
    """As redis-py answers INFO; `fsync`: "" where the server hides its configuration. `changes`: of INFO, or
    what answers in place of a method of Server's."""

    def __init__(
        self, away: bool = False, fsync: str = "always", guard: tuple[str, str] = ("1", "3"), **changes: Any
    ) -> None:
        self.away, self.fsync = away, fsync
        self.pointers = changes.pop("pointers", lambda: {0: "abc", 1: "abc"})
        self.waiting = changes.pop("waiting", lambda: Waiting(0, 0, 0))
        self.dead = changes.pop("dead", lambda: 0)
        self.off = changes.pop("off", lambda: ())
        self.releases = changes.pop("releases", dict)
        self.config = {
            "appendfsync": fsync,
            "min-replicas-to-write": guard[0],
            "min-replicas-max-lag": guard[1],
        }
        has = {"redis_version": "7.2.4", "maxmemory_policy": "noeviction", "aof_enabled": 1} | changes
        self.sections = {
            "server": {"redis_version": has["redis_version"]},
            "memory": {"maxmemory_policy": has["maxmemory_policy"]},
            "persistence": {"aof_enabled": has["aof_enabled"]},
        }

    def info(self, section: str) -> Mapping[str, Any]:
        if self.away:
            raise Unknown("redis.example:6379/0 (ConnectionError)")
        return self.sections[section]

    def config_get(self, pattern: str) -> Mapping[str, Any]:
        return {pattern.encode(): self.config[pattern].encode()} if self.fsync else {}


class FakeAccount:
    """`refuses`: WeChat's errcode to everything, `lacks`: to all but the token; `silent`: nobody answers."""

    def __init__(
        self,
        refuses: int = 0,
        lacks: int = 0,
        buttons: Any = None,
        on: int = 1,
        seats: int = 2,
        silent: bool = False,
        others: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.others = others
        self.refuses, self.lacks, self.on, self.staff, self.silent = refuses, lacks, on, seats, silent
        self.buttons = to_wechat(MENU)["button"] if buttons is None else buttons

    def token(self) -> None:
        if self.silent:
            raise Unknown("WeChat stable_token: ConnectTimeout")
        if self.refuses:
            raise Refused(self.refuses, "203.0.113.7" if self.refuses == 40164 else "")

    def seats(self) -> int:
        self._granted()
        return self.staff

    def current(self) -> Mapping[str, Any]:
        self._granted()
        return {"is_menu_open": self.on, "selfmenu_info": {"button": self.buttons}}

    def _granted(self) -> None:
        self.token()
        if self.lacks:
            raise Refused(self.lacks)

    def conditional(self) -> Sequence[Mapping[str, Any]]:
        return self.others

    def create(self, menu: bytes) -> None: ...


class FakePublic:
    """`wrong`, `right`: the status to a wrong and to a right signature."""

    def __init__(self, wrong: int = 403, right: int = 200, echoes: bool = True, health: int = 200) -> None:
        self.wrong, self.right, self.echoes, self.healthz = wrong, right, echoes, health

    def verify(self, right: bool) -> tuple[int, bool]:
        return (self.right, self.echoes) if right else (self.wrong, False)

    def health(self) -> int:
        return self.healthz


class Nobody:
    def __init__(self, certificate: bool = False) -> None:
        self.certificate = certificate

    def verify(self, right: bool) -> tuple[int, bool]:
        raise Unreachable("ConnectTimeout", self.certificate)

    def health(self) -> int:
        raise Unreachable("ConnectTimeout", self.certificate)


HEALTHY = Diagnostics(
    settings=FakeSettings(),
    redis=FakeRedis(),
    account=FakeAccount(),
    menu=MENU,
    spent=dict,
    public=FakePublic(),
    wechat_time=lambda: 1000.0,
    now=lambda: 1001.0,
    agents=True,
)


def silent() -> Any:
    raise Unknown("WeChat token: ConnectTimeout")


def broken() -> Mapping[int, str]:
    raise RuntimeError("boom")


def test_a_healthy_account_has_only_good_signs() -> None:
    assert {s.state for s in examine(HEALTHY)} == {GOOD}
    made = CliRunner().invoke(doctor, obj=Wiring(diagnostics=lambda: HEALTHY))
    assert made.exit_code == 0, made.output


@pytest.mark.parametrize(
    ("changes", "state", "code", "remedy"),
    [
        ({"settings": FakeSettings(wechat_token="abc ")}, BAD, "token.form", "copy it again"),
        ({"settings": FakeSettings(wechat_token="abcdef\n")}, BAD, "token.form", "copy it again"),
        ({"settings": FakeSettings(wechat_token="")}, BAD, "token.missing", "server configuration"),
        ({"settings": FakeSettings(wechat_aes_keys=())}, BAD, "aes.missing", "EncodingAESKey"),
        ({"settings": FakeSettings(wechat_aes_keys=("a" * 43 + "=",))}, BAD, "aes.form", "without `=`"),
        ({"settings": FakeSettings(wechat_mode="plain")}, WARN, "mode.plain", "safe mode"),
        ({"settings": FakeSettings(wechat_mode="compatible")}, WARN, "mode.compatible", "safe mode"),
        ({"settings": FakeSettings(wechat_app_id="gh_123")}, BAD, "app.form", "not the gh_ id"),
        ({"settings": FakeSettings(wechat_app_id="")}, BAD, "app.missing", "another account"),
        (
            {"settings": FakeSettings(wechat_app_secret="")},
            WARN,
            "secret.missing",
            "SHEBAO_WECHAT_APP_SECRET",
        ),
        ({"settings": FakeSettings(seal_keys=())}, BAD, "seal.missing", "shebao new-key"),
        ({"settings": FakeSettings(seal_keys=("short",))}, BAD, "seal.form", "commas"),
        ({"settings": FakeSettings(tag_key="")}, BAD, "tag.missing", "shebao new-key"),
        ({"settings": FakeSettings(tag_key="b" * 44)}, BAD, "tag.form", "Never make a new one"),
        ({"settings": FakeSettings(freshness=0)}, WARN, "freshness.off", "300"),
        ({"settings": FakeSettings(phone="yes")}, WARN, "phone.on", "development"),
        ({"settings": FakeSettings(card="stub")}, WARN, "stub.on", "bureau's address"),
        ({"settings": FakeSettings(public_url="")}, WARN, "address.none", "https://"),
        ({"settings": FakeSettings(public_url="https://a.example:8443/wechat")}, WARN, "address.form", "443"),
        ({"wrong": (Wrong("budget", "number", {"value": "x"}),)}, BAD, "settings.wrong", "does not start"),
        ({"settings": FakeSettings(proxies=0)}, WARN, "proxies.none", "X-Forwarded-For"),
        ({"errors": 3, "redis": FakeRedis(pointers=lambda: {0: ""})}, BAD, "content.errors", "shebao check"),
        ({"errors": 3}, WARN, "content.errors", "what was published"),
        ({"redis": None}, BAD, "redis.url", "redis://host"),
        ({"redis": FakeRedis(away=True)}, BAD, "redis.away", "SHEBAO_REDIS_URL"),
        ({"redis": FakeRedis(redis_version="5.0.14")}, BAD, "redis.old", "6.2"),
        ({"redis": FakeRedis(maxmemory_policy="allkeys-lru")}, BAD, "eviction.wrong", "noeviction"),
        ({"redis": FakeRedis(aof_enabled=0)}, WARN, "persistence.off", "appendonly yes"),
        ({"copies": 1, "redis": FakeRedis(guard=("0", "3"))}, BAD, "guard.off", "min-replicas-to-write 1"),
        ({"copies": 1, "redis": FakeRedis(guard=("1", "10"))}, BAD, "guard.off", "min-replicas-max-lag 3"),
        ({"copies": 1, "redis": FakeRedis(fsync="")}, WARN, "guard.hidden", "min-replicas-max-lag 3"),
        ({"redis": FakeRedis(pointers=lambda: {0: "a", 1: "b"})}, BAD, "revision.torn", "publish"),
        ({"redis": FakeRedis(pointers=silent)}, WARN, "revision.silent", ""),
        ({"redis": FakeRedis(pointers=broken)}, BAD, "look.failed", "report"),
        ({"broken": "def"}, BAD, "revision.broken", "roll back"),
        ({"redis": FakeRedis(waiting=lambda: Waiting(3, 1, 61))}, BAD, "work.late", "shebao worker"),
        ({"redis": FakeRedis(dead=lambda: 2)}, WARN, "dead.some", "Jobs"),
        ({"redis": FakeRedis(off=lambda: (OFF,))}, WARN, "maintenance.off", "maintenance on"),
        ({"reaches": lambda address: False}, BAD, "bureau.away", "firewall"),
        (
            {"settings": FakeSettings(push="yes"), "pushes": lambda: Quota(500, 470, 30)},
            WARN,
            "pushes.scarce",
            "next message",
        ),
        ({"settings": FakeSettings(push="yes"), "pushes": silent}, BAD, "pushes.silent", "shebao doctor"),
        ({"spent": lambda: {"menu/create": 1_800_028_800}}, BAD, "quota.spent", "quota --again"),
        ({"account": None}, WARN, "api.none", "replies still work"),
        ({"wechat_time": silent}, BAD, "api.silent", "api.weixin.qq.com"),
        ({"wechat_time": lambda: 0.0}, BAD, "clock.off", "time synchronisation"),
        ({"account": FakeAccount(buttons=[])}, BAD, "menu.none", "server mode"),
        ({"account": FakeAccount(on=0)}, BAD, "menu.off", "menu switch"),
        ({"account": FakeAccount(buttons=[{"name": "x"}])}, WARN, "menu.differs", "menu diff"),
        (
            {"account": FakeAccount(others=[{"menuid": 7, "matchrule": {"tag_id": "2"}}])},
            WARN,
            "menu.conditional",
            "menu/delconditional",
        ),
        ({"account": FakeAccount(seats=0)}, WARN, "seats.none", "agents"),
        ({"public": Nobody()}, BAD, "address.silent", "firewall"),
        ({"public": Nobody(certificate=True)}, BAD, "address.certificate", "chain"),
        ({"public": FakePublic(wrong=200)}, BAD, "address.open", "proxy"),
        ({"public": FakePublic(wrong=502)}, BAD, "address.status", "proxy"),
        ({"public": FakePublic(right=403)}, BAD, "address.token", "SHEBAO_WECHAT_TOKEN"),
        ({"public": FakePublic(echoes=False)}, BAD, "address.echo", "untouched"),
        ({"public": FakePublic(health=503)}, BAD, "health.away", "Redis"),
    ],
)
def test_each_ill_has_its_sign_and_remedy(
    changes: dict[str, Any], state: str, code: str, remedy: str
) -> None:
    signs = [s for s in examine(replace(HEALTHY, **changes)) if s.state != GOOD]
    assert [(s.state, s.code) for s in signs] == [(state, code)]
    assert remedy in signs[0].remedy()
    made = CliRunner().invoke(doctor, obj=Wiring(diagnostics=lambda: replace(HEALTHY, **changes)))
    assert made.exit_code == (1 if state == BAD else 0)
    assert signs[0].line_in("en") in made.output
    chinese = CliRunner().invoke(
        doctor, ["--lang", "zh-CN"], obj=Wiring(diagnostics=lambda: replace(HEALTHY, **changes))
    )
    assert signs[0].line_in("zh-CN") in chinese.output
    assert signs[0].line_in("zh-CN") != signs[0].line_in("en")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (40013, "SHEBAO_WECHAT_APP_ID"),
        (40125, "SHEBAO_WECHAT_APP_SECRET"),
        (40164, "address 203.0.113.7 is not on"),
        (48001, "verified"),
        (45009, "tomorrow"),
        (40001, "another program"),
    ],
)
def test_a_token_that_is_refused_is_said_once_with_its_remedy(code: int, remedy: str) -> None:
    (sign,) = (s for s in examine(replace(HEALTHY, account=FakeAccount(refuses=code))) if s.state != GOOD)
    assert sign.code == "access.refused"
    assert str(code) in sign.found()
    assert remedy in sign.remedy()
    assert sign.remedy("zh-CN") not in ("", sign.remedy())


def test_a_permission_that_is_missing_is_said_of_each_api() -> None:
    signs = [s for s in examine(replace(HEALTHY, account=FakeAccount(lacks=48001))) if s.state != GOOD]
    assert [(s.state, s.code) for s in signs] == [(BAD, "menu.refused"), (WARN, "seats.refused")]
    assert all("verified" in s.remedy() and "认证" in s.remedy("zh-CN") for s in signs)


def test_a_spent_quota_is_said_with_its_call_and_its_end() -> None:
    spent = {"message/custom/send": 1_800_028_800, "some/new": 1_800_028_800}
    (sign,) = (s for s in examine(replace(HEALTHY, spent=lambda: spent)) if s.state != GOOD)
    assert (
        "customer-service messages (late results, reminders) (message/custom/send), some/new" in sign.found()
    )
    assert "not called before 2027-01-16 00:00 (China time)" in sign.found()
    assert "客服消息（迟到的结果、提醒）（message/custom/send）" in sign.found("zh-CN")
    assert "北京时间2027-01-16 00:00" in sign.found("zh-CN")
    assert "清零" in sign.remedy("zh-CN")
    assert {s.state for s in examine(replace(HEALTHY, spent=silent))} == {GOOD}, "Redis has its own sign"


def test_what_is_switched_off_is_told_with_its_times() -> None:
    ended = Maintenance("photos", (), OFF.since, OFF.since + 3600)
    (sign,) = (
        s
        for s in examine(replace(HEALTHY, redis=FakeRedis(off=lambda: (OFF, ended))))
        if s.code == "maintenance.off"
    )
    assert "card（2023-11-15 06:13起，没定什么时候恢复）" in sign.found("zh-CN")
    assert "photos (2023-11-15 06:13 to 2023-11-15 07:13)" in sign.found()


def test_an_api_that_is_silent_is_one_finding() -> None:
    signs = [s for s in examine(replace(HEALTHY, account=FakeAccount(silent=True))) if s.state != GOOD]
    assert [s.code for s in signs] == ["api.silent"]


def test_where_there_are_copies_the_guard_is_looked_at() -> None:
    assert {s.state for s in examine(replace(HEALTHY, copies=1))} == {GOOD}


def test_a_server_that_hides_its_configuration_is_good_enough() -> None:
    assert {s.state for s in examine(replace(HEALTHY, redis=FakeRedis(fsync="")))} == {GOOD}


def test_a_setting_with_a_sign_of_its_own_is_not_told_twice() -> None:
    settings = FakeSettings(wechat_token="")
    probes = replace(HEALTHY, settings=settings, wrong=(Wrong("wechat_token", "missing"),))
    assert [s.code for s in examine(probes) if s.state != GOOD] == ["token.missing"]


def test_secrets_are_never_shown() -> None:
    settings = FakeSettings(
        wechat_token="tell no one",
        wechat_aes_keys=("hush",),
        wechat_app_secret="quiet",
        seal_keys=("softly",),
        tag_key="psst",
    )
    text = "\n".join(map(str, examine(replace(HEALTHY, settings=settings))))
    assert not any(secret in text for secret in ("tell no one", "hush", "quiet", "softly", "psst"))
