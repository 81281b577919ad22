"""A bureau that answers badly, on a real socket: what was surely not taken, and what perhaps was."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from services.kit import Bureau, a_request, who

from bot.ports import Later, Result, Unknown
from bot.services.http import HttpService
from contracts.conftest import TOKEN

pytestmark = pytest.mark.slow  # seconds together


def service(base: str, fault: str) -> HttpService:
    return HttpService(base, TOKEN, headers={"Bureau-Fault": fault})


LOST = ["hang=4", "drip=4", "drip_head=4", "reset", "500", "503", "garbage", "nonsense", "large", "302"]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_is_unknown_for_a_change_and_is_found_later(direct: Bureau, base: str, fault: str):
    request = a_request("card.report_loss", within=1.0, card=direct.card_of("张三")["id"], kind="formal")
    began = time.monotonic()
    with pytest.raises(Unknown) as raised:
        service(base, fault).perform(request)
    assert time.monotonic() - began < 3.5, (
        "the deadline is of the whole exchange, not of each read, nor the 4 s"
    )
    assert raised.value.__context__ is None, "an exception of requests holds URL, headers and body"
    assert raised.value.__cause__ is None
    deadline = time.monotonic() + 60
    while (found := HttpService(base, TOKEN).find(request.action, request.key)) is None:
        assert time.monotonic() < deadline
    assert found.outcome == "done"
    assert direct.done("card.report_loss") == 1


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_a_question_is_unavailable(direct: Bureau, base: str, fault: str):
    request = a_request("card.find", within=0.4, id_number=who("张三").id_number)
    assert service(base, fault).perform(request) == Result("unavailable")


def test_accepted_is_later_for_a_change_only(direct: Bureau, base: str):
    card = direct.card_of("张三")["id"]
    with pytest.raises(Later):
        service(base, "202").perform(a_request("card.report_loss", card=card, kind="temporary"))
    asked = a_request("card.find", id_number=who("张三").id_number)
    assert service(base, "202").perform(asked) == Result("unavailable")


def test_a_wrong_token_is_surely_not_taken(direct: Bureau, base: str):
    request = a_request("card.report_loss", card=direct.card_of("张三")["id"], kind="formal")
    stranger = HttpService(base, "another")
    assert stranger.perform(request) == Result("unavailable")
    with pytest.raises(Unknown):
        stranger.find(request.action, request.key)
    assert direct.done("card.report_loss") == 0


def test_nobody_listening_is_surely_not_taken():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
    request = a_request("card.report_loss", card="c", kind="formal")
    assert HttpService(base, TOKEN).perform(request) == Result("unavailable")
    assert HttpService("http://no-such-host.invalid", TOKEN).perform(request) == Result("unavailable")
    with pytest.raises(Unknown):
        HttpService(base, TOKEN).find(request.action, request.key)


def test_outlets_know_no_unavailable():
    """outlets.near has no such outcome, so a service that is down is Unknown there."""
    with pytest.raises(Unknown):
        HttpService("http://127.0.0.1:1", TOKEN).perform(a_request("outlets.near", place="list_all"))


def test_a_key_that_no_header_can_hold_is_not_sent(direct: Bureau, base: str):
    for key in ("一", "a\r\nX-Other: b"):
        request = a_request("card.report_loss", key=key, card=direct.card_of("张三")["id"], kind="formal")
        assert HttpService(base, TOKEN).perform(request) == Result("unavailable")
    assert direct.done("card.report_loss") == 0


def test_a_connection_is_used_again(direct: Bureau):
    """Two requests of one thread go over one connection, and the deadline still watches the second."""
    accepted = []
    body = b'{"outcome": "not_found"}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        accepted.append(connection)
        connection.recv(65536)
        connection.sendall(answer)
        connection.recv(65536)  # the second one is never answered

    threading.Thread(target=serve, daemon=True).start()
    http = HttpService(f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN)
    assert http.perform(a_request("card.find", id_number="1")).outcome == "not_found"
    began = time.monotonic()
    assert http.perform(a_request("card.find", within=0.3, id_number="1")).outcome == "unavailable"
    assert 0.2 < time.monotonic() - began < 60
    assert len(accepted) == 1
    listener.close()
