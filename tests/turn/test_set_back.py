"""What residents are told, and under which keys they are served, once the store came back empty or older."""

from __future__ import annotations

import pytest
from store.copies import beat, bring_back, copy_of

from bot.engine.events import Subscribed, TextReceived
from bot.ports import Result, Unknown
from bot.store.epochs import TOLD_FOR
from bot.store.redis import SHARDS, RedisStore
from turn.kit import CARD, LOSS, RECEIPT, Clerk, Resident, work


@pytest.fixture(autouse=True)
def seen(store: RedisStore) -> None:
    """The process knows the store, whose beat was raised."""
    store.check()
    beat(store)


def test_who_comes_back_to_an_older_session_is_told_once(resident: Resident, store: RedisStore) -> None:
    resident.to_the_summary()
    before = copy_of(store)
    beat(store)
    assert "【已停用】" in resident.say("确认停用").text
    bring_back(store, before)
    reply = resident.say("帮助")
    assert reply.says[0] == "common.lost_time"
    assert "到" in reply.text.partition("办的")[0], "from when until when"
    assert "common.lost_time" not in resident.say("帮助").says


def test_a_confirm_that_is_given_again_repeats_its_key(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    before = copy_of(store)
    beat(store)
    resident.say("确认停用")
    bring_back(store, before)
    resident.say("确认停用")
    assert len(clerk.made(LOSS)) == 2
    assert len(set(clerk.made(LOSS))) == 1, "the bureau carries it out once"


def test_the_same_run_with_other_arguments_has_another_key(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    resident.menu("CARD_LOSS")
    before = copy_of(store)
    beat(store)
    from_consent_to_receipt(resident)
    bring_back(store, before)
    clerk.usual["card.find"] = Result("found", {**CARD, "id": "card-2"})
    from_consent_to_receipt(resident)
    first, second = (c for c in clerk.calls if c.action == LOSS)
    assert first.arguments != second.arguments
    assert first.key != second.key


def from_consent_to_receipt(resident: Resident) -> None:
    for said in ("同意", "660101198001010018", "测试人"):
        resident.say(said)
    resident.say("".join(c for c in resident.reply.text.rpartition("：")[2] if c.isdigit()))
    resident.say("1")
    assert "【已停用】" in resident.say("确认停用").text


def test_a_new_run_never_repeats_a_key_of_one_that_was_lost(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    resident.say("帮助")
    before = copy_of(store)
    beat(store)
    resident.to_the_summary()
    resident.say("确认停用")
    bring_back(store, before)
    resident.to_the_summary()
    resident.say("确认停用")
    first, second = clerk.made(LOSS)
    assert first != second


def test_a_call_that_was_under_way_goes_on_and_its_end_comes_with_the_warning(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    before = copy_of(store)
    beat(store)
    clerk.says[LOSS] = [Result("done", RECEIPT)]
    work(store, resident.turns, kinds="j")
    bring_back(store, before)
    work(store, resident.turns, kinds="j")
    reply = resident.say("好了吗")
    assert reply.says[0] == "common.lost_time"
    assert "【已停用】" in reply.text
    assert len(set(clerk.made(LOSS))) == 1


def test_not_taken_now_says_nothing_about_an_attempt_that_the_store_has_forgotten(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    """The bureau took the second attempt, of which an older store knows nothing, and is away now."""
    resident.at = int(store.client.time()[0])  # an attempt is judged by the store's own clock
    resident.to_the_summary()
    clerk.says[LOSS] = [Result("unavailable"), Result("done", RECEIPT)]
    resident.say("确认停用")
    before = copy_of(store)
    beat(store)
    work(store, resident.turns, kinds="j")
    bring_back(store, before)
    clerk.says[LOSS] = [Result("unavailable")] * 8
    for _ in range(7):
        work(store, resident.turns, kinds="j")
    assert "report_loss.down" not in resident.say("好了吗").says
    clerk.found = Result("done", RECEIPT)  # asked by key what became of it
    work(store, resident.turns, kinds="j")
    assert "【已停用】" in resident.say("好了吗").text
    assert len(set(clerk.made(LOSS))) == 1


def test_after_everything_was_lost_whoever_writes_is_told_but_a_new_follower_is_not(
    resident: Resident, store: RedisStore
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    beat(store)
    store.client.flushall()
    assert resident.say("好了吗").says[0] == "common.lost_time"
    other = Resident(resident.turns, "o-new")
    assert "common.lost_time" not in other.send(Subscribed(other.later(), 1)).says
    for shard in range(SHARDS):
        key = f"sb:{{s{shard}}}:life"
        until = int(store.client.time()[0]) - TOLD_FOR - 1
        store.client.hset(key, "lost", f"0 {until}")
    late = Resident(resident.turns, "o-late")
    assert "common.lost_time" not in late.send(TextReceived(late.later(), 1, "好了吗")).says
