"""A host may have several addresses, and some may swallow what is sent to them."""

from __future__ import annotations

import socket

import pytest
from urllib3.exceptions import ConnectTimeoutError

from bot.exchange import Deadline, first_to_answer

WITHIN = 60.0


def test_all_addresses_of_a_host_share_the_time() -> None:
    given: dict[str, float] = {}

    def connect(address: str, seconds: float) -> socket.socket:
        given[address] = seconds
        if address != "192.0.2.3":
            raise ConnectTimeoutError(address)
        return socket.socket()

    with Deadline(WITHIN) as deadline:
        first_to_answer(["192.0.2.1", "192.0.2.2", "192.0.2.3"], deadline, connect).close()
        assert given["192.0.2.1"] <= WITHIN / 3
        assert given["192.0.2.2"] <= WITHIN / 2
        assert given["192.0.2.3"] <= WITHIN
        with pytest.raises(ConnectTimeoutError, match=r"192\.0\.2\.2"):
            first_to_answer(["192.0.2.1", "192.0.2.2"], deadline, connect)


def test_what_is_connected_has_all_the_time_that_is_left() -> None:
    """For its handshake, and to be sent to."""
    with Deadline(WITHIN) as deadline:
        made = first_to_answer(["192.0.2.1", "192.0.2.2"], deadline, lambda *_: socket.socket())
        with made:
            assert WITHIN / 2 < (made.gettimeout() or 0) <= WITHIN


def test_no_address_is_tried_when_the_time_is_over() -> None:
    tried: list[str] = []

    def connect(address: str, seconds: float) -> socket.socket:
        tried.append(address)
        deadline.over = True  # as the timer says
        raise ConnectTimeoutError(address)

    with Deadline(WITHIN) as deadline, pytest.raises(ConnectTimeoutError):
        first_to_answer(["192.0.2.1", "192.0.2.2"], deadline, connect)
    assert tried == ["192.0.2.1"]
