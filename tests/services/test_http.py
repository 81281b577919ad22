"""The table of docs/bureau.openapi.yaml, row by row, and what may never be told."""

from __future__ import annotations

import json
import logging

import pytest
import requests
import responses

from bot.ports import Later, Result, Unknown
from bot.services.http import HttpService
from services.kit import a_request

BASE = "https://bureau.test/api"
LOSS = f"{BASE}/v1/card/report_loss"
FIND = f"{BASE}/v1/card/find"
SECRET, ID_NUMBER, NAME = "the-token", "660101198001010018", "张三丰"
RECEIPT = {"number": "1", "kind": "formal", "bank_name": "清风银行", "bank_phone": "95000"}
CARD = {
    "id": "c",
    "holder": NAME,
    "number": "1234",
    "state": "normal",
    "e_card": "none",
    "pin_locked": "no",
    "expired": "no",
    "bank": "清风银行",
}


@pytest.fixture
def mocked():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def change() -> Result:
    return HttpService(BASE, SECRET).perform(
        a_request("card.report_loss", key="k/1", card="c", kind="formal")
    )


def question() -> Result:
    return HttpService(BASE, SECRET).perform(a_request("card.find", id_number=ID_NUMBER))


def test_the_request_as_it_goes_out(mocked):
    mocked.post(LOSS, json={"outcome": "done", "value": RECEIPT})
    assert change() == Result("done", RECEIPT)
    (call,) = mocked.calls
    assert call.request.headers["Idempotency-Key"] == "k/1"
    assert call.request.headers["Authorization"] == "Bearer the-token"
    body = json.loads(call.request.body)
    assert body == {"arguments": {"card": "c", "kind": "formal"}, "resident": "tag", "within": 3.0}


@pytest.mark.parametrize("outcome", ["done", "already"])
def test_fields_nobody_declared_are_left_out(mocked, outcome):
    mocked.post(LOSS, json={"outcome": outcome, "value": {**RECEIPT, "new": "x", "until": ""}})
    assert change() == Result(outcome, RECEIPT)


def test_a_refusal_needs_no_receipt(mocked):
    mocked.post(LOSS, json={"outcome": "refused", "value": {"refusal": "state"}})
    assert change() == Result("refused", {"refusal": "state"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422, 429])
def test_refused_at_the_door_is_surely_not_taken(mocked, status):
    mocked.post(LOSS, status=status)
    assert change() == Result("unavailable")


def test_unavailable_that_says_so(mocked):
    mocked.post(LOSS, status=503, headers={"Retry-After": "5"})
    assert change() == Result("unavailable")
    mocked.replace(responses.POST, LOSS, status=503, json={"taken": False})
    assert change() == Result("unavailable")
    mocked.replace(responses.POST, LOSS, json={"outcome": "unavailable"})
    assert change() == Result("unavailable")


GARBAGE = {
    "an outcome of another action": {"outcome": "found", "value": RECEIPT},
    "no outcome": {"value": RECEIPT},
    "an outcome that is a list": {"outcome": ["done"], "value": RECEIPT},
    "no value": {"outcome": "done"},
    "a sure field missing": {"outcome": "done", "value": {**RECEIPT, "number": ""}},
    "a code outside its set": {"outcome": "done", "value": {**RECEIPT, "kind": "partial"}},
    "a number for a text": {"outcome": "done", "value": {**RECEIPT, "number": 1}},
    "a date that is none": {"outcome": "done", "value": {**RECEIPT, "until": "2026-02-30"}},
    "a date in another dress": {"outcome": "done", "value": {**RECEIPT, "until": "20260310"}},
    "a control character": {"outcome": "done", "value": {**RECEIPT, "number": "1\n2"}},
    "half a character": {"outcome": "done", "value": {**RECEIPT, "number": "1\ud800"}},
    "a novel": {"outcome": "done", "value": {**RECEIPT, "bank_name": "长" * 501}},
    "a list for a record": {"outcome": "done", "value": [RECEIPT]},
    "a list for everything": [1],
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_unknown(mocked, body):
    mocked.post(LOSS, json=body)
    with pytest.raises(Unknown):
        change()


@pytest.mark.parametrize("body", ["", "<html>", "[" * 100_000, "\x00", '{"outcome": NaN', b"\xff\xfe"])
def test_what_is_no_json_is_unknown(mocked, body):
    mocked.post(LOSS, body=body)
    with pytest.raises(Unknown):
        change()


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 408, 409, 425, 500, 502, 503, 504])
def test_other_answers_are_unknown_for_a_change_and_unavailable_for_a_question(mocked, status):
    mocked.post(LOSS, status=status, headers={"Location": BASE + "/elsewhere"})
    mocked.post(FIND, status=status, headers={"Location": BASE + "/elsewhere"})
    with pytest.raises(Unknown):
        change()
    assert question() == Result("unavailable")
    assert len(mocked.calls) == 2, "neither a retry nor a redirect"


def test_accepted_is_later(mocked):
    mocked.post(LOSS, status=202)
    with pytest.raises(Later):
        change()


@pytest.mark.parametrize(
    "error",
    [requests.ReadTimeout(), requests.ConnectionError("reset"), requests.exceptions.ChunkedEncodingError()],
)
def test_lost_after_sending(mocked, error):
    mocked.post(LOSS, body=error)
    mocked.post(FIND, body=error)
    with pytest.raises(Unknown):
        change()
    assert question() == Result("unavailable")


def test_no_connection_in_time_is_surely_not_taken(mocked):
    mocked.post(LOSS, body=requests.ConnectTimeout())
    assert change() == Result("unavailable")


def test_a_list_of_records(mocked):
    url = f"{BASE}/v1/card/applications"
    ask = a_request("card.applications", id_number=ID_NUMBER)
    row = {"title": "补卡", "date": "2026-03-12", "id": "a"}
    for body, result in [
        ({"outcome": "found", "value": [row]}, Result("found", [row])),
        ({"outcome": "none"}, Result("none", [])),
        ({"outcome": "found", "value": []}, Result("unavailable")),
        ({"outcome": "found", "value": [row] * 51}, Result("unavailable")),
        ({"outcome": "found", "value": ["a"]}, Result("unavailable")),
    ]:
        mocked.upsert(responses.POST, url, json=body)
        assert HttpService(BASE, SECRET).perform(ask) == result


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, {"outcome": "done", "value": RECEIPT}, Result("done", RECEIPT)),
        (404, {"taken": False}, None),
        (404, {}, Unknown),  # a gateway's own
        (404, {"taken": "no"}, Unknown),
        (401, {}, Unknown),
        (202, {}, Unknown),
        (500, {}, Unknown),
        (200, {"outcome": "perhaps"}, Unknown),
    ],
)
def test_find(mocked, status, body, result):
    """None only where the service itself says that it never took the key."""
    mocked.get(f"{BASE}/v1/operations/k%2F1%3Fx?action=card.report_loss", status=status, json=body)
    service = HttpService(BASE, SECRET)
    if result is Unknown:
        with pytest.raises(Unknown):
            service.find("card.report_loss", "k/1?x")
    else:
        assert service.find("card.report_loss", "k/1?x") == result


@pytest.mark.parametrize("status", [200, 302, 400, 401, 500])
def test_neither_texts_nor_logs_tell_who_it_was_about(mocked, caplog, status):
    """Whatever goes wrong: no name, no number, no token, nothing the service sent, in text, log or chain."""
    caplog.set_level(logging.DEBUG)
    url = f"{BASE}/v1/outlets/near"
    mocked.post(url, status=status, body=f"{NAME} {ID_NUMBER}")
    with pytest.raises(Unknown) as raised:
        HttpService(BASE, SECRET).perform(a_request("outlets.near", place={"text": NAME + ID_NUMBER}))
    told = str(raised.value) + caplog.text + repr(raised.value.__context__) + repr(HttpService(BASE, SECRET))
    for secret in (NAME, ID_NUMBER, SECRET):
        assert secret not in told
