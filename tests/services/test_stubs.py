"""What is the stubs' own: the ledger, time, and a Redis that goes away."""

from __future__ import annotations

import base64

import pytest
import redis
from moment import NOW

from bot.kit.stubs.policy import Policy
from bot.kit.stubs.stub_card import CardStub
from bot.kit.stubs.stub_real_name import RealNameStub
from bot.ports import Result, Unknown
from bot.services.ledger import Ledger
from bot.services.limit import Limited
from bot.store.seal import Seal
from services.kit import PEOPLE, THURSDAY, Bureau, a_request, a_seal, who


def test_a_temporary_loss_lapses_by_itself(bureau: Bureau):
    card = bureau.card_of("李小芳")["id"]
    lost = bureau.call("card.report_loss", card=card, kind="temporary")
    assert lost.value["until"] == bureau.clock.date(7)
    bureau.clock.days(6)
    assert bureau.card_of("李小芳")["state"] == "temporary_loss"
    bureau.clock.days(1)
    back = bureau.card_of("李小芳")
    assert (back["state"], back["e_card"], "until" in back) == ("normal", "issued", False)
    assert bureau.call("card.cancel_loss", card=card).outcome == "already"
    assert bureau.call("card.report_loss", card=card, kind="temporary").outcome == "done"


def test_dates_of_those_nobody_touched_stay_fresh(bureau: Bureau):
    for _ in range(2):
        assert bureau.card_of("孙临时")["until"] == bureau.clock.date(5)
        bureau.clock.days(100)


def test_the_book_of_operations(bureau: Bureau):
    card = bureau.card_of("张三")["id"]
    done = bureau.call("card.report_loss", key="k1", card=card, kind="temporary")
    bureau.call("card.report_loss", key="k2", card=card, kind="temporary")
    bureau.call("card.cancel_loss", key="k3", card=card)
    lines = bureau.cards.operations()
    assert [(line["action"], line["key"]) for line in lines] == [
        ("card.report_loss", "k1"),
        ("card.cancel_loss", "k3"),
    ]
    assert lines[0]["number"] == done.value["number"]
    assert (lines[0]["subject"], lines[0]["at"]) == (card, bureau.clock.at)
    bureau.ledger.clear()
    assert bureau.cards.operations() == []
    assert bureau.card_of("张三")["state"] == "normal"


def test_a_rejected_application_may_be_handed_in_again(bureau: Bureau):
    rejected = bureau.latest("朱驳回")
    assert (rejected["state"], rejected["reject_reason"]) == ("rejected", "照片背景不是白色。")
    assert "application" not in bureau.card_of("朱驳回")
    assert bureau.apply("朱驳回", reason="photo").outcome == "done"
    assert bureau.latest("朱驳回")["state"] == "unpaid"


def test_withdrawing_makes_room_for_another(bureau: Bureau):
    assert bureau.call("card.withdraw", application=bureau.latest("杨审核")["id"]).outcome == "done"
    assert bureau.call("card.applications", id_number=who("杨审核").id_number) == Result("none", [])
    assert bureau.apply("杨审核").outcome == "done"


def test_a_free_card_needs_no_payment(bureau_client: redis.Redis):
    bureau = Bureau(bureau_client, policy=Policy(fee_reissue="免费"))
    bureau.clock.at = THURSDAY
    applied = bureau.apply("吴正式")
    assert applied.value.keys() == {"number", "state"}
    assert applied.value["state"] == "reviewing"
    assert bureau.latest("吴正式")["review_until"] == "2026-03-17"  # three working days on
    quote = bureau.call("card.quote", card="c" * 24, reason="lost", delivery="outlet")
    assert quote == Result("unavailable"), "nobody's card"
    bureau.ledger.clear()


def test_a_card_nobody_gave_out(bureau: Bureau):
    assert bureau.call("card.report_loss", card="x", kind="formal") == Result(
        "refused", {"refusal": "not_holder"}
    )
    assert bureau.call("card.progress", application="x") == Result("none")
    assert bureau.call("card.find", id_number=who("吕查无").id_number) == Result("not_found")
    assert bureau.call("card.find", id_number=who("沈无卡").id_number) == Result("not_found")


def away() -> redis.Redis:
    return redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=None)


def test_a_store_that_is_away_is_unavailable():
    ledger = Ledger(away(), a_seal())
    person = PEOPLE.everyone[0]
    check = a_request("real_name.check", id_number=person.id_number, name=person.name)
    real_name = RealNameStub(PEOPLE, ledger, lambda: NOW)
    assert Limited(real_name, ledger, lambda: NOW).perform(check) == Result("unavailable")
    stub = CardStub(PEOPLE, ledger, lambda: NOW)
    assert stub.perform(a_request("card.find", id_number=person.id_number)) == Result("unavailable")
    with pytest.raises(Unknown):
        stub.find("card.report_loss", "k")


def test_a_store_lost_while_writing_is_unknown(bureau: Bureau, bureau_client: redis.Redis):
    """The write may have gone through, so nobody may say that nothing was done."""
    card = bureau.card_of("张三")["id"]
    ledger = Ledger(bureau_client, a_seal(), bureau.prefix)
    stub = CardStub(PEOPLE, ledger, bureau.clock.now)

    def lost(**_: object) -> None:
        raise redis.ConnectionError("gone")

    ledger._script = lost
    with pytest.raises(Unknown):
        stub.perform(a_request("card.report_loss", card=card, kind="formal"))


def test_records_of_another_key_do_not_open(bureau: Bureau, bureau_client: redis.Redis):
    bureau.call("card.report_loss", card=bureau.card_of("张三")["id"], kind="formal")
    other = Seal([base64.b64encode(b"o" * 32).decode()], base64.b64encode(b"t" * 32).decode())
    stub = CardStub(PEOPLE, Ledger(bureau_client, other, bureau.prefix), bureau.clock.now)
    assert stub.perform(a_request("card.find", id_number=who("张三").id_number)) == Result("unavailable")
