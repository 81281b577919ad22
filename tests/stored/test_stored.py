"""What another release left in the store is read by this one: neither an upgrade nor a way back loses anybody
in mid-talk. A later one is an earlier one whose things have one field more each."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from conversations.kit import changes, work
from phone import Phone

from bot.app import Bot
from bot.store import evidence
from stored.later import rewrite, with_more

RELEASES = sorted(Path(__file__).parent.glob("*.json"))


@pytest.fixture(
    params=[(r, later) for r in RELEASES for later in ("", "one field more")],
    ids=lambda p: f"{p[0].stem} {p[1]}",
)
def kept(request: pytest.FixtureRequest, redis_url: str, bot: Bot) -> dict[str, Any]:
    """A release's store, put back as it was."""
    path, later = request.param
    found: dict[str, Any] = json.loads(path.read_text())
    with redis.Redis.from_url(redis_url) as client:
        for key, (kind, value) in found["keys"].items():
            _put(client, key, kind, value)
        if later:
            assert rewrite(bot.store, with_more) > 100
    return found


def _put(client: redis.Redis, key: str, kind: str, value: Any) -> None:
    decode = base64.b64decode
    if kind == "string":
        client.set(key, decode(value))
    elif kind == "hash":
        client.hset(key, mapping=dict(zip(map(decode, value[::2]), map(decode, value[1::2]), strict=True)))
    elif kind == "list":
        client.rpush(key, *map(decode, value))
    else:
        client.zadd(key, {decode(member): score for member, score in value})


@pytest.fixture
def resident(kept: dict[str, Any], make_phone: Callable[..., Phone]) -> Callable[..., Phone]:
    """`resident("at the summary")`: their phone, a minute after the release left them."""

    def make(name: str) -> Phone:
        phone = make_phone()
        phone.openid, phone.at = kept["openids"][name], kept["at"] + 3600
        return phone

    return make


def test_every_session_opens(kept: dict[str, Any], bot: Bot) -> None:
    for name, openid in kept["openids"].items():
        begun = bot.store.begin(bot.store.owner(openid), "")
        assert (begun.session is not None) == (name != "child"), name


def test_a_report_goes_on_from_its_summary(resident: Callable[..., Phone], bot: Bot) -> None:
    """The resident stood at the summary; half an hour would have ended that, so the clock is early."""
    phone = resident("at the summary")
    phone.at -= 3500
    answer = phone.say("确认停用")
    assert "【已停用】" in answer
    assert changes(bot)[-1] == "report_loss"


def test_what_waited_is_told(resident: Callable[..., Phone]) -> None:
    assert "【已停用】" in resident("result waits").say("好了吗")


def test_calls_under_way_are_finished_and_told(resident: Callable[..., Phone], bot: Bot) -> None:
    while work(bot):
        pass
    assert "【已停用】" in resident("call under way").say("好了吗")
    assert "【已停用】" in resident("call under way, deleted").say("在吗")


def test_who_was_with_a_person_still_is(resident: Callable[..., Phone]) -> None:
    phone = resident("with a person")
    phone.at -= 2400
    assert phone.say("我的卡丢了").kind == "person"


def test_answers_given_are_not_asked_for_again(resident: Callable[..., Phone]) -> None:
    """Where the flow has changed since, the open question is asked once more, and none of those before it."""
    phone = resident("at the address")
    phone.at -= 3000
    if "更新了" in phone.say("平安区和平路12号3单元501"):
        assert "收件地址" in phone.bubble
        phone.say("平安区和平路12号3单元501")
    assert "请核对" in phone.bubble
    english = resident("in English")
    english.at -= 3000
    english.say(english.person.name)
    assert "digits" in english.say(english.person.name)


def test_receipts_keep_their_evidence(kept: dict[str, Any], bot: Bot) -> None:
    assert len(kept["receipts"]) >= 2
    for receipt in kept["receipts"]:
        (found,) = evidence.find(bot.store, receipt)
        assert found["turns"]
