"""What is under a signature: WeChat joins its parts without a mark, so each must have a form of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise, permutations
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wechat.crypto import Keyring, Refused, Signer, check_fresh, check_sent
from bot.wechat.inbound import parse

from .kit import APP_ID, KEY, NOW, RESIDENT, TOKEN, Turn, client, message, sealed, signed

BODY = message("text", Content="挂失")
REFUSED = (400, 403)


def _encrypted(body: bytes) -> str:
    return re.findall(r"<Encrypt><!\[CDATA\[(.*?)\]\]>", body.decode())[0]


# --- the form of each part ------------------------------------------------------------------------
@pytest.mark.parametrize("nonce", ["486452656", "1372623149", "0", "xxxxxx", "a-B_9", "n" * 32])
def test_a_nonce_as_wechat_writes_it_is_taken(nonce: str) -> None:
    assert client(Turn()).post("/wechat", query_string=signed(nonce=nonce), data=BODY).status_code == 200
    query, body = sealed(BODY, nonce=nonce)
    assert client(Turn(), mode="safe").post("/wechat", query_string=query, data=body).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        *({"nonce": n} for n in ("", "n" * 33, "n 1", " n1", "n1\n", "n+1", "n/1", "n=", "n\0", "ｎ1", "٣")),
        *({"timestamp": t} for t in (f"0{NOW}", f"+{NOW}", f" {NOW}", f"{NOW}\n", f"{NOW}.0", "", "９" * 10)),
    ],
)
@pytest.mark.parametrize("freshness", [300, 0])
def test_what_wechat_never_writes_is_refused_though_it_is_signed(
    changed: dict[str, str], freshness: int
) -> None:
    turn, query = Turn(), signed(**changed)
    web = client(turn, freshness=freshness)
    assert web.post("/wechat", query_string=query, data=BODY).status_code == 400
    assert web.get("/wechat", query_string=query | {"echostr": "1"}).status_code == 400
    query, body = sealed(BODY, **changed)
    web = client(turn, mode="safe", freshness=freshness)
    assert web.post("/wechat", query_string=query, data=body).status_code == 400
    assert turn.seen == []


@pytest.mark.parametrize(
    "name", ["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "openid"]
)
def test_an_argument_given_twice_is_refused(name: str) -> None:
    """What stands in front may have gone by the other one."""
    turn = Turn()
    query, body = sealed(BODY)
    query = {"openid": RESIDENT} | query
    for other in (query[name], "0"):
        twice = urlencode([*query.items(), (name, other)])
        assert client(turn, mode="safe").post(f"/wechat?{twice}", data=body).status_code == 400
    assert turn.seen == []


# --- nothing moves from one part into another -----------------------------------------------------
def test_a_ciphertext_moved_into_the_nonce_signs_no_plain_request() -> None:
    turn = Turn()
    query, body = sealed(BODY)
    encrypted = _encrypted(body)
    nonce = "".join(sorted([encrypted, query["nonce"]]))
    moved = {"timestamp": query["timestamp"], "nonce": nonce, "signature": query["msg_signature"]}
    for mode in ("plain", "compatible", "safe"):
        web = client(turn, mode=mode)
        for arguments in (moved, moved | {"encrypt_type": "raw"}):
            assert web.post("/wechat", query_string=arguments, data=BODY).status_code in REFUSED
            assert web.get("/wechat", query_string=arguments | {"echostr": "1"}).status_code in REFUSED
    assert turn.seen == []


_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_NONCES = st.one_of(
    st.integers(NOW - 10_000, NOW + 10_000_000).map(str),  # as in 2013, some hours after the timestamp
    st.integers(0, 2**32).map(str),
    st.text("0123456789", min_size=1, max_size=32),
    st.text(_LETTERS, min_size=1, max_size=32),
)
_TIMES = st.one_of(st.integers(NOW, NOW + 100_000_000), st.just(1_717_171_717)).map(str)
_TOKENS = st.sampled_from([TOKEN, "0000000000token", "17500000000000token", "zz-token"])


def _readings(parts: list[str], token: str) -> Iterator[tuple[str, ...]]:
    """Every other way to find time, nonce (and ciphertext) in what they and the token are signed as.

    Whoever does not know the token cannot move it, so it stays where it is.
    """
    joined = "".join(sorted([token, *parts]))
    size, start = len(joined), joined.index(token)
    end = start + len(token)
    for time in (m.start() for m in re.finditer(r"(?=[0-9]{10})", joined)):
        for after in range(time + 10, min(time + 13, size + 1)):
            fixed = {time, after, start, end} - {0, size}
            free = [
                n for n in range(1, size) if n not in fixed and not start < n < end and not time < n < after
            ]
            if not joined[time:after].isdigit() or len(fixed) > len(parts) or (time < end and start < after):
                continue
            for more in combinations(free, len(parts) - len(fixed)):
                cuts = sorted((0, *fixed, *more, size))
                pieces = [joined[a:b] for a, b in pairwise(cuts)]
                if pieces != sorted(pieces):
                    continue
                others = [p for n, p in zip(cuts, pieces, strict=False) if n not in (time, start)]
                for order in permutations(others):  # the nonce comes first, and 40 is more than enough for it
                    if len(order[0]) <= 40 and (reading := (joined[time:after], *order)) != tuple(parts):
                        yield reading


@settings(max_examples=30, deadline=None)
@given(_TOKENS, _TIMES, _NONCES)
def test_a_plain_request_is_accepted_in_one_reading_only(token: str, timestamp: str, nonce: str) -> None:
    """At the time it was sent, and at the time that another reading would have been."""
    clock, body = [int(timestamp)], message(CreateTime=int(timestamp))
    signature = signed(token, timestamp, nonce)["signature"]
    web = [client(Turn(), lambda: clock[-1], token=token, freshness=freshness) for freshness in (300, 0)]

    def posted(timestamp: str, nonce: str) -> set[int]:
        query = {"timestamp": timestamp, "nonce": nonce, "signature": signature}
        return {w.post("/wechat", query_string=query, data=body).status_code for w in web}

    assert posted(timestamp, nonce) == {200}
    for reading in _readings([timestamp, nonce], token):
        for now in (int(timestamp), int(reading[0])):
            clock.append(now)
            assert posted(*reading) <= {400, 403}, reading


@settings(max_examples=10, deadline=None)
@given(_TOKENS, _TIMES, _NONCES)
def test_an_encrypted_request_is_accepted_in_one_reading_only(token: str, timestamp: str, nonce: str) -> None:
    body = message(CreateTime=int(timestamp), MsgId=1, Content="")
    query, outer = sealed(body, token=token, timestamp=timestamp, nonce=nonce)
    signer, keyring = Signer(token), Keyring([KEY], APP_ID)

    def accepted(now: int, timestamp: str, nonce: str, encrypted: str) -> bool:
        try:
            signer.check(query["msg_signature"], timestamp, nonce, encrypted)
            check_fresh(timestamp, now, 300)
            check_sent(parse(keyring.decrypt(encrypted)[0], 0, now)[0].at, timestamp, nonce)
        except Refused:
            return False
        return True

    right = (timestamp, nonce, _encrypted(outer))
    assert accepted(int(timestamp), *right)
    for reading in _readings([*right], token):
        for now in (int(timestamp), int(reading[0])):
            assert not accepted(now, *reading), reading


@pytest.mark.parametrize("late", [-20, 0, 15, 200])
def test_a_message_that_wechat_repeats_later_is_taken_whatever_its_nonce(late: int) -> None:
    """The time within the message stays, the signed one is that of the delivery."""
    for nonce in ("1358161344", str(NOW + 19_000), "486452656", "9999999999"):
        query, body = sealed(BODY, timestamp=str(NOW + late), nonce=nonce)
        web = client(Turn(), lambda: NOW + late, mode="safe")
        assert web.post("/wechat", query_string=query, data=body).status_code == 200
