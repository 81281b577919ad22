"""Calls to WeChat: one token for all, bounded waits, and nothing secret where a log could take it."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moment import NOW
from redis import Redis
from store.servers import Scattered

from bot.ports import Media, Unknown
from bot.store.seal import Seal, new_key
from bot.wechat.client import Client, WeChatError
from bot.wechat.spent import Spent
from bot.wechat.tokens import Token, Tokens

from .wechat_api import PNG, SLOW, Api, serving

SECRET = "app-secret"
SEAL_KEY, TAG_KEY = new_key(), new_key()
WITHIN = 60.0


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def _client(
    api: Api, redis: Redis, seal: Seal | None = None, secret: str = SECRET, clock: Clock | None = None
) -> Client:
    return Client("wx1", secret, redis, seal or Seal([SEAL_KEY], TAG_KEY), api.url, clock or Clock())


def test_a_picture_goes_up_and_comes_down(api: Api, token_store: Redis) -> None:
    media: Media = _client(api, token_store)
    assert media.upload(PNG, WITHIN) == "m-1"
    assert PNG in api.uploads[0]
    assert media.fetch("m-1", WITHIN) == PNG
    assert api.fetches == [False]


@pytest.mark.slow
def test_forty_cold_clients_fetch_one_token(api: Api, token_store: Redis) -> None:
    """wechatpy made 20 fetches for 20 cold clients and kept a stale token."""
    api.token_delay = 0.2
    clients = [_client(api, token_store) for _ in range(40)]
    with ThreadPoolExecutor(40) as pool:
        got = list(pool.map(lambda client: client.fetch("m-1", WITHIN), clients))
    assert got == [PNG] * 40
    assert api.fetches == [False]
    assert token_store.keys("*lock*") == []


def test_the_token_is_renewed_five_minutes_early_and_usable_until_then(api: Api, token_store: Redis) -> None:
    clock = Clock()
    client = _client(api, token_store, clock=clock)
    client.fetch("m-1", WITHIN)
    clock.now += 7200 - 301
    client.fetch("m-1", WITHIN)
    assert len(api.fetches) == 1
    clock.now += 2
    token_store.set("wechat:token-lock:wx1", "another process", px=10_000)
    client.fetch("m-1", WITHIN)  # while another process renews it
    assert len(api.fetches) == 1
    token_store.delete("wechat:token-lock:wx1")
    client.fetch("m-1", WITHIN)
    assert len(api.fetches) == 2


def test_a_short_lived_token_is_not_fetched_at_every_call(api: Api, token_store: Redis) -> None:
    api.expires_in = 200
    client = _client(api, token_store)
    for _ in range(3):
        client.fetch("m-1", WITHIN)
    assert len(api.fetches) == 1
    assert 0 < token_store.ttl("wechat:token:wx1") <= 200


def test_the_token_is_sealed_and_a_lost_key_only_costs_a_fetch(api: Api, token_store: Redis) -> None:
    _client(api, token_store).fetch("m-1", WITHIN)
    stored = token_store.get("wechat:token:wx1")
    assert stored
    assert api.token.encode() not in stored
    _client(api, token_store, Seal([new_key()], TAG_KEY)).fetch("m-1", WITHIN)
    token_store.set("wechat:token:wx1", b"not sealed")
    _client(api, token_store).fetch("m-1", WITHIN)
    assert len(api.fetches) == 3


def test_a_token_replaced_elsewhere_is_asked_for_before_it_is_forced(api: Api, token_store: Redis) -> None:
    client = _client(api, token_store)
    client.fetch("m-1", WITHIN)
    api.number += 1
    assert client.fetch("m-1", WITHIN) == PNG
    assert api.fetches == [False, False]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_persistent_refusal_is_forced_once_and_tried_twice(api: Api, token_store: Redis, code: int) -> None:
    """wechatpy recursed through 487 token fetches to a RecursionError."""
    client = _client(api, token_store)
    api.always = code
    with pytest.raises(WeChatError) as failed:
        client.upload(PNG, WITHIN)
    assert failed.value.code == code
    assert len(api.calls) == 2
    assert api.fetches == [False, False, True]
    for _ in range(5):
        with pytest.raises(Unknown):
            client.upload(PNG, WITHIN)
    assert api.fetches.count(True) == 1  # WeChat allows 20 a day


def test_many_processes_force_one_renewal_between_them(api: Api, token_store: Redis) -> None:
    clients = [_client(api, token_store) for _ in range(20)]
    clients[0].fetch("m-1", WITHIN)
    good, api.number = api.number, 99  # WeChat refuses the token it still gives out …

    def stale(asked: dict[str, object]) -> tuple[int, bytes]:
        with api.lock:
            api.fetches.append(bool(asked["force_refresh"]))
            number = api.number if any(api.fetches) else good
            return 200, f'{{"access_token":"access-token-{number}","expires_in":7200}}'.encode()

    api._stable_token = stale  # type: ignore[method-assign]
    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda client: client.fetch("m-1", WITHIN), clients))
    assert got == [PNG] * 20
    assert api.fetches == [False, False, True]  # … until it is forced


@pytest.mark.parametrize("code", [-1, 45009, 40007, 48001])
def test_other_codes_are_not_tried_again(api: Api, token_store: Redis, code: int) -> None:
    api.always = code
    with pytest.raises(WeChatError) as failed:
        _client(api, token_store).fetch("m-1", WITHIN)
    assert failed.value.code == code
    assert len(api.calls) == 1


@pytest.mark.parametrize("odd", ["reset", "500", "garbage", "empty", "list", "deep", "redirect"])
def test_broken_answers_are_unknown(api: Api, token_store: Redis, odd: str) -> None:
    client = _client(api, token_store)
    api.odd = odd
    with pytest.raises(Unknown):
        client.upload(PNG, WITHIN)
    if odd not in ("garbage", "list"):
        with pytest.raises(Unknown):
            client.fetch("m-1", WITHIN)
    assert not [path for path, _ in api.calls if "elsewhere" in path]


def test_what_is_no_picture_is_no_bytes(api: Api, token_store: Redis) -> None:
    client = _client(api, token_store)
    with pytest.raises(WeChatError) as failed:
        client.fetch("m-gone", WITHIN)
    assert failed.value.code == 40007
    with pytest.raises(WeChatError):
        client.fetch("m-video", WITHIN)


@pytest.mark.parametrize("odd", ["slow", "drip", "headers", "moved"])
def test_a_slow_server_costs_no_more_than_allowed(api: Api, token_store: Redis, odd: str) -> None:
    client = _client(api, token_store)
    client.fetch("m-1", WITHIN)
    api.odd = odd
    begun = time.monotonic()
    with pytest.raises(Unknown):
        client.fetch("m-1", 0.4)
    assert time.monotonic() - begun < 4, "the drip goes on for 6 s"


def test_an_endless_answer_is_cut_off(api: Api, token_store: Redis) -> None:
    client = _client(api, token_store)
    client.fetch("m-1", WITHIN)
    api.odd = "endless"
    with pytest.raises(Unknown, match="too long"):
        client.fetch("m-1", 10.0)  # cut off by its length, not by the time


def test_a_slow_token_and_a_held_lock_are_waited_for_within_bounds(api: Api, token_store: Redis) -> None:
    api.token_delay = SLOW
    begun = time.monotonic()
    with pytest.raises(Unknown):
        _client(api, token_store).fetch("m-1", 0.3)
    token_store.set("wechat:token-lock:wx1", "another process", px=60_000)
    with pytest.raises(Unknown):
        _client(api, token_store).fetch("m-1", 0.3)
    assert time.monotonic() - begun < 10
    assert token_store.get("wechat:token-lock:wx1") == b"another process"  # only its owner lets it go


def test_a_fetch_that_outlives_its_lock_leaves_the_next_owners_lock_alone(token_store: Redis) -> None:
    def fetch(force: bool, within: float) -> Token:
        token_store.set("wechat:token-lock:wx1", "the next owner", px=10_000)
        return Token("t", 7200)

    tokens = Tokens(token_store, Seal([SEAL_KEY], TAG_KEY), "wx1", fetch, Clock())
    assert tokens.get(time.monotonic() + WITHIN) == "t"
    assert token_store.get("wechat:token-lock:wx1") == b"the next owner"


@pytest.mark.parametrize(
    "away", [Redis(host="127.0.0.1", port=1, socket_timeout=0.2, retry=None), Scattered()]
)
def test_no_redis_is_unknown(api: Api, away: Redis) -> None:
    with pytest.raises(Unknown):
        _client(api, away).fetch("m-1", 1.0)
    assert not Spent(away, "wx1", Clock()).known("media/upload")


def test_no_secret_reaches_an_exception_or_a_log(
    api: Api, token_store: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """wechatpy's ConnectionError text holds `secret=`; urllib3 logs every URL at DEBUG."""
    caplog.set_level(logging.DEBUG)
    errors: list[BaseException] = []

    def fails(client: Client) -> None:
        with pytest.raises(Unknown) as failed:
            client.fetch("m-1", 0.3)
        errors.append(failed.value)

    fails(_client(api, token_store, secret="wrong-app-secret"))
    client = _client(api, token_store)
    client.fetch("m-1", WITHIN)
    for odd in ("reset", "500", "redirect", "slow", "empty"):
        api.odd = odd
        fails(client)
    api.odd, api.always = "", 40001
    fails(client)
    dead = Api()
    dead.url = "http://127.0.0.1:1"
    fails(_client(dead, token_store))
    token_store.flushdb()
    fails(_client(dead, token_store))
    told = caplog.text
    for error in errors:
        assert error.__context__ is None or not isinstance(error, WeChatError)
        told += "".join(traceback.format_exception(error))
    assert len(errors) == 9
    for secret in (SECRET, "access-token-", "access_token="):
        assert secret not in told
