"""Callbacks: signed, fresh, never twice; they end a call that was answered “later”, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from moment import NOW

from bot.ports import Later
from bot.store.redis import RedisStore
from bot.turn.callbacks import callbacks
from bot.turn.turns import Turns
from turn.kit import KEY, LOSS, RECEIPT, Bureau, Clerk, Resident, work

OTHER_KEY = "another-made-up-key"


@pytest.fixture
def bureau(store: RedisStore, turns: Turns) -> Bureau:
    app = Flask("made-up")
    app.register_blueprint(callbacks({"card": KEY, "real_name": OTHER_KEY}, store, turns, lambda: NOW))
    return Bureau(app.test_client())


@pytest.fixture
def waiting(resident: Resident, clerk: Clerk) -> Resident:
    resident.to_the_summary()
    clerk.says[LOSS] = [Later()]
    assert "report_loss.slow" in resident.say("确认停用").says
    return resident


def outcome(clerk: Clerk, **changed: object) -> dict[str, object]:
    key = clerk.made(LOSS)[0]
    return {"key": key, "action": LOSS, "outcome": "done", "value": RECEIPT, **changed}


def test_a_callback_ends_the_call_and_the_resident_is_told(
    bureau: Bureau, waiting: Resident, clerk: Clerk, store: RedisStore
) -> None:
    assert bureau.say(outcome(clerk)) == (200, {"known": True})
    assert "【已停用】" in waiting.say("天气不错").text
    assert work(store, waiting.turns, kinds="j") == 0, "it is not sent again"
    assert len(clerk.made(LOSS)) == 1


def test_a_callback_said_twice_changes_nothing(bureau: Bureau, waiting: Resident, clerk: Clerk) -> None:
    assert bureau.say(outcome(clerk)) == (200, {"known": True})
    assert bureau.say(outcome(clerk)) == (200, {"known": False})
    assert waiting.say("天气不错").text.count("【已停用】") == 1


def test_what_is_replayed_old_or_not_signed_is_refused(
    bureau: Bureau, waiting: Resident, clerk: Clerk
) -> None:
    said = outcome(clerk)
    assert bureau.say(said, key="another-key-of-16")[0] == 403
    assert bureau.say(said, signed="0" * 64)[0] == 403
    assert bureau.say(said, at=NOW - 400)[0] == 403
    assert bureau.say(said, at=NOW + 400)[0] == 403
    assert bureau.say({"key": "no such.key", **said, "outcome": "odd"}, nonce="samesame1")[0] == 400
    assert bureau.say(said, nonce="samesame1")[0] == 403
    assert bureau.say(said, nonce="short")[0] == 403
    assert "【已停用】" not in waiting.say("天气不错").text


@pytest.mark.parametrize(
    "changed",
    [
        {"outcome": "odd"},
        {"outcome": "unavailable"},
        {"value": {"kind": "odd"}},
        {"action": "card.find"},
        {"action": "nothing"},
        {"key": 7},
        {"key": ""},
        {"key": "a.half of a sign: \ud83d"},
    ],
)
def test_garbage_is_refused_and_the_call_stays_open(
    bureau: Bureau, waiting: Resident, clerk: Clerk, changed: dict[str, object]
) -> None:
    status, said = bureau.say(outcome(clerk, **changed))
    assert status == 400 or said == {"known": False}
    assert "【已停用】" not in waiting.say("天气不错").text


def test_a_callback_cannot_be_turned_to_another_service(
    bureau: Bureau, waiting: Resident, clerk: Clerk
) -> None:
    assert bureau.say(outcome(clerk), path="/callbacks/real_name", key=OTHER_KEY)[0] == 400
    assert bureau.say(outcome(clerk), path="/callbacks/real_name")[0] == 403, "each service has its own key"
    assert bureau.say(outcome(clerk), key=OTHER_KEY)[0] == 403, "none can answer for another"
    assert bureau.say(outcome(clerk), path="/callbacks/outlets", key="")[0] == 403
    assert bureau.say(b"not json")[0] == 400
    assert bureau.say(b"x" * 70_000)[0] == 400
    assert bureau.say(outcome(clerk, key="AAAAAAAAAAAAAAAAAAAAAA.b.1.card.report_loss.0")) == (
        200,
        {"known": False},
    )


def test_services_burn_no_nonce_of_each_other(bureau: Bureau, waiting: Resident, clerk: Clerk) -> None:
    other = {
        "action": "real_name.check",
        "key": "x.unknown",
        "outcome": "match",
        "value": {"age_group": "adult"},
    }
    said = bureau.say(other, path="/callbacks/real_name", key=OTHER_KEY, nonce="samenonce1")
    assert said == (200, {"known": False})
    assert bureau.say(outcome(clerk), nonce="samenonce1") == (200, {"known": True})


def test_a_short_key_is_no_key(store: RedisStore, turns: Turns) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        callbacks({"card": KEY, "real_name": "short"}, store, turns, lambda: NOW)
