"""The sender over WeChat's customer-service messages: what each answer means."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import redis
import responses
from conftest import SEAL_KEY, TAG_KEY

from bot.engine.effects import Option, Reply
from bot.services.pushed import StubSender
from bot.store.seal import Seal
from bot.wechat.client import Client
from bot.wechat.outbound import text_body
from bot.wechat.sender import WeChatSender

API = "https://wechat.invalid"
SEND = f"{API}/cgi-bin/message/custom/send"
REPLY = Reply(text="【已停用】\n受理号：1", options=(Option("回首页", "1.a.b", 1),), lead="还可以：")


@pytest.fixture
def sender(redis_url: str) -> WeChatSender:
    seal = Seal([SEAL_KEY], TAG_KEY)
    return WeChatSender(Client("wx1", "made-up", redis.Redis.from_url(redis_url), seal, API))


@pytest.fixture
def api() -> Callable[..., responses.BaseResponse]:
    def answers(**said: object) -> responses.BaseResponse:
        responses.post(f"{API}/cgi-bin/stable_token", json={"access_token": "t", "expires_in": 7200})
        return responses.post(SEND, **said)  # type: ignore[arg-type]

    return answers


@responses.activate
def test_what_is_pushed_is_what_a_reply_would_say_in_raw_utf8(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse]
) -> None:
    sent = api(json={"errcode": 0, "errmsg": "ok"})
    assert sender.push("o-1", "gh_1", REPLY, 2) == "sent"
    body = sent.calls[0].request.body
    assert isinstance(body, bytes)
    assert "已停用".encode() in body
    assert json.loads(body) == {"touser": "o-1", "msgtype": "text", "text": {"content": text_body(REPLY)}}


@responses.activate
@pytest.mark.parametrize(
    ("code", "means"),
    [
        (45015, "held"),
        (45047, "held"),
        (43004, "unreachable"),
        (43019, "unreachable"),
        (40003, "unreachable"),
        (-1, "later"),
        (45011, "later"),
        (40001, "later"),
        (45009, "broken"),
        (40013, "broken"),
        (48001, "broken"),
        (50002, "broken"),
        (99999, "broken"),
    ],
)
def test_every_errcode_has_its_meaning(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse], code: int, means: str
) -> None:
    api(json={"errcode": code, "errmsg": "no"})
    assert sender.push("o-1", "gh_1", REPLY, 2) == means


@responses.activate
def test_no_answer_and_garbage_are_tried_again(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse]
) -> None:
    api(body=TimeoutError())
    assert sender.push("o-1", "gh_1", REPLY, 2) == "later"
    responses.replace(responses.POST, SEND, body="<html>", status=502)
    assert sender.push("o-1", "gh_1", REPLY, 2) == "later"


def test_the_stub_keeps_what_was_pushed_sealed_and_shows_it_once(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    stub = StubSender(client, Seal([SEAL_KEY], TAG_KEY))
    assert stub.push("o-1", "gh_1", REPLY, 2) == "sent"
    stub.push("o-1", "gh_1", Reply(text="二"), 2)
    assert "已停用".encode() not in b"".join(client.dump(k) for k in client.scan_iter())
    assert stub.take("o-1") == [REPLY, Reply(text="二")]
    assert stub.take("o-1") == []
