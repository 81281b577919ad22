"""The menu and the doctor's questions over real HTTP: exact bytes, errcodes as refusals, nothing secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from moment import NOW
from redis import Redis

from bot.account.asked import Account
from bot.account.live_menu import Published, Refused, live_buttons, plan, publish, rules
from bot.cli.account import menu
from bot.cli.wiring import Wiring
from bot.content.errcodes import refusal
from bot.content.messages import sentences
from bot.content.read.menu import Button, to_json, to_wechat
from bot.ports import Unknown
from bot.store.seal import Seal, new_key
from bot.wechat.client import Client
from bot.wechat.quota import PUSHES, Quota, quota

from .wechat_api import Api, serving

MENU = (
    Button(
        "卡丢了", sub=(Button("挂失停用", key="CARD_LOSS"), Button("网点", url="https://a.example/?a=1&b=2"))
    ),
    Button("小程序", appid="wx1", pagepath="pages/a", url="https://a.example/old"),
    Button("找人", key="flow.hand_off"),
)


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def account(api: Api, token_store: Redis) -> Account:
    seal = Seal([new_key()], new_key())
    return Account(Client("wx1", "app-secret", token_store, seal, api.url, lambda: NOW), 5.0, 0.01)


def alone(api: Api) -> Account:
    """As the doctor has it: without Redis."""
    return Account(Client("wx1", "app-secret", None, None, api.url, lambda: NOW), 5.0, 0.01)


def test_the_menu_arrives_byte_by_byte_and_is_read_back(api: Api, account: Account) -> None:
    with pytest.raises(Refused):
        account.current()
    assert live_buttons(account) == ([], False)
    assert publish(MENU, account)
    assert api.menus == [to_json(MENU)]
    assert "卡丢了".encode() in api.menus[0]
    assert not plan(MENU, live_buttons(account)[0]).changes
    assert api.fetches == [False]  # one token, from Redis after the first call


def test_conditional_menus_are_read(api: Api, account: Account) -> None:
    assert rules(account) == [], "an account without a menu has none"
    publish(MENU, account)
    assert rules(account) == []
    api.conditional = [{"button": [], "matchrule": {"tag_id": "2"}, "menuid": 208396993}]
    assert rules(account) == ["208396993: tag_id 2"]
    api.conditional = ["odd"]  # type: ignore[list-item]
    with pytest.raises(Unknown):
        rules(account)


def test_a_menu_that_is_not_taken_over_is_noticed(api: Api, account: Account) -> None:
    api.menu, api.keeps = [{"type": "click", "name": "旧", "key": "OLD"}], False
    assert not publish(MENU, account)


def test_a_stale_token_is_renewed_once(api: Api, account: Account) -> None:
    api.menu = to_wechat(MENU)["button"]
    account.current()
    api.number += 1
    account.current()
    assert api.fetches == [False, False]
    api.always = 40001
    with pytest.raises(Refused) as refused:
        account.current()
    assert refused.value.code == 40001
    assert len(api.calls) == 5  # 1, 2 with one retry, 2 with one retry


def test_the_quota_of_pushes(api: Api, token_store: Redis) -> None:
    client = Client("wx1", "app-secret", token_store, Seal([new_key()], new_key()), api.url, lambda: NOW)
    assert client.token_left() is None
    api.quotas[PUSHES] = {"daily_limit": 500_000, "used": 1204, "remain": 498_796}
    assert quota(client, 5.0) == Quota(500_000, 1204, 498_796)
    assert 6800 < (client.token_left() or 0) <= 6900
    api.quotas[PUSHES] = None
    with pytest.raises(Unknown):
        quota(client, 5.0)


def test_busy_is_tried_twice_more(api: Api, account: Account) -> None:
    api.menu, api.busy = to_wechat(MENU)["button"], 2
    account.current()
    api.busy = 3
    with pytest.raises(Refused) as refused:
        account.create(to_json(MENU))
    assert refused.value.code == -1
    assert api.menus == []


@pytest.mark.parametrize("odd", ["500", "redirect", "garbage", "empty", "list", "reset"])
def test_no_answer_is_unknown(api: Api, account: Account, odd: str) -> None:
    api.menu, api.odd = to_wechat(MENU)["button"], odd
    with pytest.raises(Unknown) as unknown:
        account.current()
    assert "access-token" not in str(unknown.value)
    with pytest.raises(Unknown):
        account.seats()


def test_the_doctor_needs_no_redis_and_never_takes_a_token_away(api: Api) -> None:
    mine = alone(api)
    mine.token()
    api.seats = 3
    assert mine.seats() == 3
    api.always = 42001
    with pytest.raises(Refused):
        mine.seats()
    assert True not in api.fetches


def test_the_token_is_asked_for_although_one_is_kept(api: Api, account: Account) -> None:
    """A token fetched before the server moved hides that the allow-list has not its new address."""
    account.token()
    api.no_token = 40164
    with pytest.raises(Refused) as refused:
        account.token()
    assert refused.value.address == "203.0.113.7"
    assert "203.0.113.7" in refused.value.remedy("zh-CN")


def test_the_time_is_that_of_the_answer(api: Api) -> None:
    api.clock = lambda: NOW + 120
    client = Client("", "", None, None, api.url, lambda: NOW)
    assert client.server_time(5.0) == NOW + 120
    with pytest.raises(Unknown):
        Client("", "", None, None, "http://127.0.0.1:9", lambda: NOW).server_time(1.0)


def run(account: Account, *words: str) -> Result:
    return CliRunner().invoke(
        menu, words, obj=Wiring(menu=lambda: account, published=lambda: Published("", ()))
    )


@pytest.mark.parametrize("code", [int(code) for code in sentences("refusals") if code not in ("-1", "other")])
@pytest.mark.parametrize("command", ["show", "publish"])
def test_each_errcode_ends_in_its_remedy(api: Api, account: Account, code: int, command: str) -> None:
    api.always = code
    made = run(account, command, "--lang", "zh-CN", *(["--yes"] if command == "publish" else []))
    assert made.exit_code == 1
    assert refusal(code, "zh-CN") in made.output
    assert api.menus == []


@pytest.mark.parametrize(
    ("ill", "remedy"),
    [
        (lambda api: setattr(api, "no_token", 40164), "203.0.113.7"),
        (lambda api: setattr(api, "no_token", 40243), "frozen"),
        (lambda api: setattr(api, "odd", "500"), "could not be asked"),
    ],
)
def test_what_keeps_a_menu_from_being_shown(
    api: Api, account: Account, ill: Callable[[Api], None], remedy: str
) -> None:
    ill(api)
    made = run(account, "show")
    assert made.exit_code == 1
    assert remedy in made.output
    assert "app-secret" not in made.output


def test_published_by_the_command(api: Api, account: Account) -> None:
    assert run(account, "diff").exit_code == 1
    made = run(account, "publish", "--yes")
    assert made.exit_code == 0, made.output
    sent: Any = json.loads(api.menus[0])
    assert sent["button"][0]["name"] == "卡丢了"
    assert run(account, "diff").exit_code == 0
