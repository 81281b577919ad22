"""`/wechat` from the outside: who gets in, what goes back, and what never does."""

from __future__ import annotations

import base64
import io
from urllib.parse import parse_qs

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import EnvironBuilder, TestResponse

from bot.engine.effects import Reply
from bot.engine.events import Event, MenuClicked, TextReceived, Unsubscribed
from bot.wechat.crypto import MessageKey, Signer
from bot.wechat.inbound import Delivery
from bot.wechat.webhook import Answer, Request, webhook

from .kit import (
    ACCOUNT,
    APP_ID,
    KEY,
    NOW,
    OLD_KEY,
    RESIDENT,
    TOKEN,
    Turn,
    client,
    config,
    message,
    read,
    sealed,
    signed,
)

BODY = message("text", Content="挂失")


def _nothing_of_ours(response: TestResponse, status: int) -> None:
    assert (response.status_code, response.data) == (status, b"")


# --- verification ---------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_verification_sends_the_echo_back_as_it_is(mode: str) -> None:
    response = client(Turn(), mode=mode).get("/wechat", query_string=signed() | {"echostr": "<b>1</b>"})
    assert (response.status_code, response.data) == (200, b"<b>1</b>")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": ""}, 403),
        ({"signature": "签名"}, 403),
        ({"nonce": "other"}, 403),
        ({"nonce": "n" * 5000}, 400),
        ({"echostr": ""}, 400),
        ({"echostr": "e" * 5000}, 400),
        (signed(timestamp=str(NOW - 301)), 403),
        (signed(timestamp=str(NOW + 301)), 403),
        (signed(timestamp="then"), 400),
        (signed(token="other"), 403),
        ({"signature": ["0" * 40, signed()["signature"]]}, 403),
    ],
)
def test_verification_refuses(changed: dict[str, object], status: int) -> None:
    _nothing_of_ours(
        client(Turn()).get("/wechat", query_string=signed() | {"echostr": "1"} | changed), status
    )


def test_bytes_that_are_no_utf_8_in_a_query_are_refused() -> None:
    _nothing_of_ours(
        client(Turn()).get("/wechat?signature=%ff%fe&timestamp=%ed%a0%80&nonce=%00&echostr=1"), 403
    )


# --- plain mode -----------------------------------------------------------------------------------
@given(
    st.lists(st.sampled_from(("a", "b", "=", "&", "%", "%41", "+", ";", "#", " ", "\xe4\xbd\xa0", "\xff")))
)
def test_a_query_is_read_as_any_other(parts: list[str]) -> None:
    query = "".join(parts)
    request = Request({"QUERY_STRING": query})
    found = parse_qs(query.encode("latin1").decode("utf-8", "replace"), keep_blank_values=True)
    assert {name: request.argument(name) for name in found} == {
        name: given[0] for name, given in found.items()
    }
    assert request.argument("absent") == ""
    assert request.repeats() == any(len(given) > 1 for given in found.values())


def test_a_message_reaches_the_turn_and_its_reply_goes_back() -> None:
    turn = Turn(Reply(text="卡已停用。"))
    response = client(turn).post("/wechat", query_string=signed(), data=BODY)
    assert response.status_code == 200
    assert response.content_type == "application/xml; charset=utf-8"
    assert read(response.data)["Content"] == "卡已停用。"
    assert (read(response.data)["ToUserName"], read(response.data)["FromUserName"]) == (RESIDENT, ACCOUNT)
    (delivery, event), *others = turn.seen
    assert not others
    assert isinstance(event, TextReceived)
    assert (delivery.kind, event.text, event.at) == ("text", "挂失", NOW)


@pytest.mark.parametrize(
    ("told", "waited"), [("2.345", 2.345), ("", 0), ("-1.000", 0), ("1e9", 0), ("nan", 0), ("2,345", 0)]
)
def test_the_turn_is_told_for_how_long_a_request_has_waited(told: str, waited: float) -> None:
    turn = Turn()
    headers = {"X-Queue-Time": told}
    assert client(turn).post("/wechat", query_string=signed(), data=BODY, headers=headers).status_code == 200
    assert turn.seen[0][0].waited == waited


def test_the_seed_is_drawn_anew() -> None:
    turn = Turn()
    for _ in range(3):
        client(turn).post("/wechat", query_string=signed(), data=BODY)
    assert len({event.seed for _, event in turn.seen}) > 1


def test_nothing_to_say_is_success() -> None:
    response = client(Turn(Reply(kind="none"))).post("/wechat", query_string=signed(), data=BODY)
    assert (response.status_code, response.data) == (200, b"success")


def test_a_picture_and_a_transfer() -> None:
    picture = client(Turn(Reply(text="t", picture="1"), media_id="m1"))
    assert read(picture.post("/wechat", query_string=signed(), data=BODY).data)["MsgType"] == "image"
    staff = client(Turn(Reply(kind="transfer")))
    handed = read(staff.post("/wechat", query_string=signed(), data=BODY).data)
    assert handed["MsgType"] == "transfer_customer_service"
    click = message("event", Event="CLICK", EventKey="a")
    assert staff.post("/wechat", query_string=signed(), data=click).data == b"success"


def test_events_reach_the_turn() -> None:
    turn = Turn()
    for fields in ({"Event": "CLICK", "EventKey": "a"}, {"Event": "unsubscribe"}):
        client(turn).post("/wechat", query_string=signed(), data=message("event", **fields))
    assert [type(event) for _, event in turn.seen] == [MenuClicked, Unsubscribed]


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><action>CheckContainerPath</action></xml>",
        message("event", Event="LOCATION"),
        message("event", Event="something_new"),
        message("text", FromUserName=None),
    ],
)
def test_what_is_ignored_is_success_and_never_reaches_the_turn(body: bytes) -> None:
    turn = Turn()
    response = client(turn).post("/wechat", query_string=signed(), data=body)
    assert (response.status_code, response.data, turn.seen) == (200, b"success", [])


def test_json_push_is_success_and_logs_what_to_change() -> None:
    with capture_logs() as logs:
        for mode in ("plain", "compatible", "safe"):
            query = signed() if mode == "plain" else signed(encrypted="e")
            response = client(Turn(), mode=mode).post("/wechat", query_string=query, data=b'{"Encrypt":"e"}')
            assert (response.status_code, response.data) == (200, b"success")
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["wechat_json_push"] * 3
    assert "XML" in logs[0]["hint"]


@pytest.mark.parametrize("body", [b"", b"not xml", b"<xml>", message(MsgId="x"), b"\xff\xfe\x00"])
def test_a_malformed_body_is_400(body: bytes) -> None:
    _nothing_of_ours(client(Turn()).post("/wechat", query_string=signed(), data=body), 400)


def test_an_unsigned_body_never_reaches_the_turn() -> None:
    turn = Turn()
    for query in ({}, signed(token="other"), signed() | {"signature": "x"}, signed(timestamp=str(NOW - 999))):
        _nothing_of_ours(client(turn).post("/wechat", query_string=query, data=BODY), 403)
    assert turn.seen == []
    assert (
        client(turn, freshness=0).post("/wechat", query_string=signed(timestamp="1"), data=BODY).status_code
        == 200
    )


def test_an_encrypted_request_in_plain_mode_is_refused() -> None:
    query, body = sealed(BODY)
    _nothing_of_ours(client(Turn()).post("/wechat", query_string=query, data=body), 403)


def test_a_long_body_is_400_whether_it_tells_its_length_or_not() -> None:
    """413 would tell WeChat nothing that 400 does not."""
    web = client(Turn(), max_body=1000)
    padded = message("text", Content="x" * 1000)
    _nothing_of_ours(web.post("/wechat", query_string=signed(), data=padded), 400)
    for body, status in ((padded, 400), (BODY, 200)):
        builder = EnvironBuilder(
            "/wechat", method="POST", query_string=signed(), input_stream=io.BytesIO(body)
        )
        environ = builder.get_environ() | {"wsgi.input_terminated": True}  # chunked, as gunicorn hands it on
        environ.pop("CONTENT_LENGTH", None)
        assert web.open(environ).status_code == status


def test_an_applications_own_limit_does_not_bring_a_413() -> None:
    app = Flask("made-up")
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.wsgi_app = webhook(app.wsgi_app, config(), Turn(), lambda: NOW)  # type: ignore[method-assign]
    assert app.test_client().post("/wechat", query_string=signed(), data=BODY).status_code == 200


class _Broken(io.BytesIO):
    def read(self, *_: object) -> bytes:
        raise ConnectionResetError

    readinto = read  # type: ignore[assignment]


def test_a_body_that_breaks_off_is_400() -> None:
    builder = EnvironBuilder("/wechat", method="POST", query_string=signed(), input_stream=_Broken(BODY))
    environ = builder.get_environ() | {"CONTENT_LENGTH": "100"}
    _nothing_of_ours(client(Turn()).open(environ), 400)


def test_a_form_content_type_does_not_swallow_the_body() -> None:
    response = client(Turn()).post(
        "/wechat", query_string=signed(), data=BODY, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405(method: str) -> None:
    response = client(Turn()).open("/wechat", method=method)
    _nothing_of_ours(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, POST"


def test_a_head_is_a_get_without_its_body() -> None:
    _nothing_of_ours(client(Turn()).head("/wechat"), 403)
    response = client(Turn()).head("/wechat", query_string=signed() | {"echostr": "1"})
    _nothing_of_ours(response, 200)
    assert response.headers["Content-Length"] == "1"


@pytest.mark.parametrize("path", ["/", "/wechat/", "/wechat/x", "/WECHAT", "//wechat"])
def test_everything_else_is_left_to_the_application(path: str) -> None:
    turn = Turn()
    response = client(turn).post(path, query_string=signed(), data=BODY)
    assert response.status_code in (404, 308)
    assert turn.seen == []


# --- encrypted modes ------------------------------------------------------------------------------
def _opened(response: TestResponse, key: str) -> dict[str, str]:
    """The reply inside the envelope, after checking the envelope as WeChat does."""
    outer = read(response.data)
    signer = Signer(TOKEN)
    signer.check(outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    inner = MessageKey(key, APP_ID).decrypt(base64.b64decode(outer["Encrypt"]))
    assert inner is not None
    return read(inner)


@pytest.mark.parametrize("mode", ["compatible", "safe"])
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_an_encrypted_message_is_answered_with_the_key_it_came_with(mode: str, key: str) -> None:
    turn = Turn(Reply(text="卡已停用。"))
    query, body = sealed(BODY, key)
    response = client(turn, mode=mode).post("/wechat", query_string=query, data=body)
    assert response.content_type == "application/xml; charset=utf-8"
    assert _opened(response, key)["Content"] == "卡已停用。"
    assert turn.seen[0][0].openid == RESIDENT


def test_success_is_never_encrypted() -> None:
    for turn, plain in ((Turn(Reply(kind="none")), BODY), (Turn(), message("event", Event="VIEW"))):
        query, body = sealed(plain)
        response = client(turn, mode="safe").post("/wechat", query_string=query, data=body)
        assert (response.status_code, response.data) == (200, b"success")


@pytest.mark.parametrize("mode", ["compatible", "safe"])
@pytest.mark.parametrize("body", [BODY, message("event", Event="unsubscribe"), sealed(BODY)[1], b"{}"])
def test_a_request_that_is_not_encrypted_is_refused_but_in_plain_mode(mode: str, body: bytes) -> None:
    """Compatible mode sends the fields in plain too, but always encrypted beside them."""
    turn, encrypted = Turn(), sealed(BODY)[0]
    for kind in ({}, {"encrypt_type": "raw"}, {"encrypt_type": ""}, {"encrypt_type": " aes"}):
        for query in (signed(), {k: v for k, v in encrypted.items() if k != "encrypt_type"}):
            response = client(turn, mode=mode).post("/wechat", query_string=query | kind, data=body)
            _nothing_of_ours(response, 403)
    assert turn.seen == []


def test_in_compatible_mode_only_what_is_encrypted_counts() -> None:
    """The plain fields beside it are under no signature."""
    turn = Turn()
    query, body = sealed(BODY)
    body = body.replace(b"<xml>", b"<xml><FromUserName>oOther</FromUserName><MsgType>text</MsgType>")
    client(turn, mode="compatible").post("/wechat", query_string=query, data=body)
    assert turn.seen[0][0].openid == RESIDENT


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"msg_signature": "0" * 40}, 403),
        ({"msg_signature": ""}, 403),
        ({"msg_signature": signed()["signature"]}, 403),
        ({"signature": "whatever"}, 200),
        ({"encrypt_type": "AES"}, 200),
    ],
)
def test_the_msg_signature_decides(changed: dict[str, str], status: int) -> None:
    query, body = sealed(BODY)
    assert (
        client(Turn(), mode="safe").post("/wechat", query_string=query | changed, data=body).status_code
        == status
    )


def test_what_does_not_decrypt_is_400() -> None:
    web = client(Turn(), mode="safe")
    query, body = sealed(BODY, app_id="wx0000000000000002")
    _nothing_of_ours(web.post("/wechat", query_string=query, data=body), 400)
    for encrypted in ("AAAA", "not base64", "A" * 64):
        outer = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
        _nothing_of_ours(web.post("/wechat", query_string=signed(encrypted=encrypted), data=outer), 400)
    _nothing_of_ours(web.post("/wechat", query_string=signed(encrypted="x"), data=b"<xml></xml>"), 400)
    _nothing_of_ours(web.post("/wechat", query_string=query, data=b"not xml"), 400)


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        ({"token": ""}, "SHEBAO_WECHAT_TOKEN"),
        ({"aes_keys": ("short",)}, "SHEBAO_WECHAT_AES_KEYS"),
        ({"mode": "safe", "aes_keys": ()}, "SHEBAO_WECHAT_AES_KEYS"),
        ({"mode": "compatible", "aes_keys": ()}, "SHEBAO_WECHAT_AES_KEYS"),
        ({"mode": "safe", "app_id": ""}, "SHEBAO_WECHAT_APP_ID"),
        ({"mode": "secure"}, "SHEBAO_WECHAT_MODE"),
    ],
)
def test_a_configuration_that_cannot_be_safe_is_refused_at_the_start(
    changed: dict[str, object], setting: str
) -> None:
    with pytest.raises(ValueError, match=setting):
        webhook(Flask("made-up").wsgi_app, config(**changed), Turn(), lambda: NOW)


@pytest.mark.parametrize(("kind", "status"), [("unsubscribe", 503), ("subscribe", 200)])
def test_a_duty_that_came_to_nothing_is_asked_for_again(kind: str, status: int) -> None:
    def turn(delivery: Delivery, event: Event) -> Answer:
        return Answer(Reply(text="现在查不了。"), NOW, done=False)

    response = client(turn).post("/wechat", query_string=signed(), data=message("event", Event=kind))
    assert response.status_code == status


@pytest.mark.parametrize(("kind", "status"), [("unsubscribe", 503), ("subscribe", 200)])
def test_a_duty_that_met_a_bug_is_asked_for_again(kind: str, status: int) -> None:
    wire = client(Turn(ValueError("a bug")))
    body = message("event", Event=kind)
    assert wire.post("/wechat", query_string=signed(), data=body).status_code == status


# --- bugs and logs --------------------------------------------------------------------------------
def test_a_bug_in_the_turn_is_logged_without_words_and_answered_success() -> None:
    """WeChat would otherwise send the same message into the same bug twice more."""
    with capture_logs() as logs:
        turn = Turn(ValueError("张三 110101199003070000"))
        response = client(turn).post("/wechat", query_string=signed(), data=BODY)
    assert (response.status_code, response.data) == (200, b"success")
    (line,) = logs
    assert (line["event"], line["error"], line["kind"]) == ("wechat_turn_failed", "ValueError", "text")
    assert any("kit.py" in frame for frame in line["trace"])
    assert "张三" not in str(line)


def test_no_log_line_holds_a_name_or_a_word() -> None:
    secrets = ("张三", RESIDENT, TOKEN, KEY)
    bodies = [
        message("text", Content="张三", MsgId="张三"),
        message("张三", Content="张三"),
        message("event", Event="张三", EventKey="张三"),
        message("text", Content="张三")[:-9],
        b"<xml>\xe5\xbc\xa0\xe4\xb8\x89",
    ]
    with capture_logs() as logs:
        for body in bodies:
            client(Turn()).post("/wechat", query_string=signed(), data=body)
            client(Turn(), mode="safe").post("/wechat", query_string=signed() | {"nonce": "张三"}, data=body)
    assert len(logs) >= len(bodies)
    assert not [line for line in logs for secret in secrets if secret in str(line)]
    refused = [line for line in logs if line["event"] == "wechat_refused"]
    assert all(line["reason"] and line["status"] in (400, 403) for line in refused)
