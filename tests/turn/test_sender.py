"""The sender over WeChat's customer-service messages: what each answer means."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import redis
import responses
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW
from structlog.testing import capture_logs

from bot.engine.effects import Option, Reply
from bot.engine.scope import until_midnight
from bot.kit.stubs.pushed import StubSender
from bot.ports import Notice
from bot.store.seal import Seal
from bot.wechat.client import Client
from bot.wechat.outbound import text_body
from bot.wechat.sender import PATHS, Template, WeChatSender
from bot.wechat.spent import Spent
from turn.kit import PLENTY

API = "https://wechat.invalid"
SEND = f"{API}/cgi-bin/message/custom/send"
REPLY = Reply(text="【已停用】\n受理号：1", options=(Option("回首页", "1.a.b", 1),), lead="还可以：")


@pytest.fixture
def sender(redis_url: str) -> WeChatSender:
    seal = Seal([SEAL_KEY], TAG_KEY)
    return WeChatSender(Client("wx1", "made-up", redis.Redis.from_url(redis_url), seal, API, lambda: NOW))


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
    assert sender.push("o-1", "gh_1", REPLY, PLENTY) == "sent"
    body = sent.calls[0].request.body
    assert isinstance(body, bytes)
    assert "已停用".encode() in body
    assert json.loads(body) == {"touser": "o-1", "msgtype": "text", "text": {"content": text_body(REPLY)}}


DOCUMENTED = {
    "held": (45015, 45047, 43101),
    "unreachable": (43004, 43019, 40003),
    "later": (-1, 45011, 40001, 40014, 42001),
    "spent": (45009,),
    "broken": (
        *(40013, 40125, 40164, 40243),  # configuration
        *(48001, 48002, 48004, 50002, 50005),  # permission
        *(40037, 47003, 41030),  # the template: its id, its fields, its page
        99999,
    ),
}
"""What WeChat's pages say of each errcode, and what becomes of the text."""


@responses.activate
@pytest.mark.parametrize("kind", ["push", "template", "subscription"])
@pytest.mark.parametrize(
    ("code", "means"), [(code, means) for means, codes in DOCUMENTED.items() for code in codes]
)
def test_every_errcode_has_its_meaning_for_every_kind_of_message(
    redis_url: str, kind: str, code: int, means: str
) -> None:
    responses.post(f"{API}/cgi-bin/stable_token", json={"access_token": "t", "expires_in": 7200})
    path = PATHS.get(kind, "message/custom/send")
    sent = responses.post(f"{API}/cgi-bin/{path}", json={"errcode": code, "errmsg": "no"})
    seal = Seal([SEAL_KEY], TAG_KEY)
    client = Client("wx1", "made-up", redis.Redis.from_url(redis_url), seal, API, lambda: NOW)
    sender = WeChatSender(client, Template(kind, "tpl", FIELDS) if kind in PATHS else None)
    with capture_logs() as logs:
        found = (
            sender.notify("o-1", NOTICE, PLENTY)
            if kind in PATHS
            else sender.push("o-1", "gh_1", REPLY, PLENTY)
        )
    assert found == means
    assert len(sent.calls) == (2 if code in (40001, 40014, 42001) else 1), "a token is renewed once"
    assert [entry["call"] for entry in logs if entry.get("alert")] == [path] * (means in ("broken", "spent"))


@responses.activate
def test_no_answer_and_garbage_are_tried_again(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse]
) -> None:
    api(body=TimeoutError())
    assert sender.push("o-1", "gh_1", REPLY, PLENTY) == "later"
    responses.replace(responses.POST, SEND, body="<html>", status=502)
    assert sender.push("o-1", "gh_1", REPLY, PLENTY) == "later"


def test_the_stub_keeps_what_was_pushed_sealed_and_shows_it_once(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    stub = StubSender(client, Seal([SEAL_KEY], TAG_KEY))
    assert stub.push("o-1", "gh_1", REPLY, PLENTY) == "sent"
    stub.push("o-1", "gh_1", Reply(text="二"), 2)
    assert "已停用".encode() not in b"".join(client.dump(k) for k in client.scan_iter())
    assert stub.take("o-1") == [REPLY, Reply(text="二")]
    assert stub.take("o-1") == []


# --- announcements and quotas --------------------------------
NOTICE = Notice("卡丢了（挂失）", "【已停用】尾号1234的社保卡还在临时挂失，到期会自动恢复使用", 1_800_000_000)
FIELDS = {"thing1": "{matter}", "thing2": "{line}", "time3": "{time}", "thing4": "回复任意字看详情"}


@responses.activate
@pytest.mark.parametrize(
    ("kind", "path"),
    [("template", "message/template/send"), ("subscription", "message/subscribe/bizsend")],
)
def test_an_announcement_fills_the_templates_fields_within_their_limits(
    redis_url: str, kind: str, path: str
) -> None:
    responses.post(f"{API}/cgi-bin/stable_token", json={"access_token": "t", "expires_in": 7200})
    sent = responses.post(f"{API}/cgi-bin/{path}", json={"errcode": 0})
    seal = Seal([SEAL_KEY], TAG_KEY)
    client = Client("wx1", "made-up", redis.Redis.from_url(redis_url), seal, API, lambda: NOW)
    assert WeChatSender(client, Template(kind, "tpl", FIELDS)).notify("o-1", NOTICE, PLENTY) == "sent"
    body = json.loads(sent.calls[0].request.body or b"")
    assert (body["touser"], body["template_id"]) == ("o-1", "tpl")
    values = {name: field["value"] for name, field in body["data"].items()}
    assert values["thing1"] == "卡丢了（挂失）"
    assert len(values["thing2"]) == 20
    assert values["thing2"].endswith("…")
    assert values["time3"] == "2027年1月15日 16:00"
    assert values["thing4"] == "回复任意字看详情"


@responses.activate
def test_the_log_names_the_field_that_wechat_refuses(redis_url: str) -> None:
    responses.post(f"{API}/cgi-bin/stable_token", json={"access_token": "t", "expires_in": 7200})
    said = {"errcode": 47003, "errmsg": "argument invalid! data.phrase4.value invalid rid: 1-2-3"}
    responses.post(f"{API}/cgi-bin/message/template/send", json=said)
    client = Client(
        "wx1", "made-up", redis.Redis.from_url(redis_url), Seal([SEAL_KEY], TAG_KEY), API, lambda: NOW
    )
    with capture_logs() as logs:
        assert (
            WeChatSender(client, Template("template", "tpl", FIELDS)).notify("o-1", NOTICE, PLENTY)
            == "broken"
        )
    (entry,) = (entry for entry in logs if entry["event"] != "wechat_error")
    assert (entry["errcode"], entry["field"]) == (47003, "phrase4")


def test_without_a_template_nothing_is_announced(sender: WeChatSender) -> None:
    assert sender.notify("o-1", NOTICE, PLENTY) == "held"


@responses.activate
def test_a_spent_quota_is_not_asked_again_by_any_process_until_midnight(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse], redis_url: str
) -> None:
    sent = api(json={"errcode": 45009, "errmsg": "reach max api daily quota limit"})
    assert sender.push("o-1", "gh_1", REPLY, PLENTY) == "spent"
    seal, store = Seal([SEAL_KEY], TAG_KEY), redis.Redis.from_url(redis_url)
    other = WeChatSender(Client("wx1", "made-up", store, seal, API, lambda: NOW))
    assert other.push("o-2", "gh_1", REPLY, PLENTY) == "spent"
    assert len(sent.calls) == 1
    spent = Spent(store, "wx1", lambda: NOW)
    assert spent.all() == {"message/custom/send": NOW + until_midnight(NOW)}
    assert 0 < int(store.ttl("wechat:spent:wx1")) <= until_midnight(NOW)  # type: ignore[arg-type]
    tomorrow = Client("wx1", "made-up", store, seal, API, lambda: NOW + 86400)
    assert WeChatSender(tomorrow).push("o-2", "gh_1", REPLY, PLENTY) == "spent"
    assert len(sent.calls) == 2, "the day was over"
    spent.again()
    assert spent.all() == {}
    other.push("o-2", "gh_1", REPLY, PLENTY)
    assert len(sent.calls) == 3, "WeChat's console has reset it"


@responses.activate
def test_other_interfaces_go_on_and_the_alert_is_logged_once(
    sender: WeChatSender, api: Callable[..., responses.BaseResponse], redis_url: str
) -> None:
    api(json={"errcode": 45009, "errmsg": "reach max api daily quota limit"})
    at, store = NOW, redis.Redis.from_url(redis_url)
    with capture_logs() as logs:
        for seconds in (0, 60, 86_400):
            Spent(store, "wx1", lambda s=seconds: at + s).note("menu/create")  # type: ignore[misc]
    assert [entry["alert"] for entry in logs] == [True, True], "once a day"
    assert not Spent(store, "wx1", lambda: at).known("message/custom/send")
    assert not Spent(store, "wx2", lambda: at).known("menu/create"), "of another account"


def test_the_day_ends_at_midnight_in_china() -> None:
    assert until_midnight(1_800_000_000) == 8 * 3600  # 16:00 there
    assert until_midnight(1_800_000_000 + 8 * 3600) == 86400


def test_the_stub_keeps_an_announcement_for_the_phone(redis_url: str) -> None:
    stub = StubSender(redis.Redis.from_url(redis_url), Seal([SEAL_KEY], TAG_KEY))
    assert stub.notify("o-9", NOTICE, PLENTY) == "sent"
    (reply,) = stub.take("o-9")
    assert reply.text.startswith("［卡丢了（挂失）］\n【已停用】")
