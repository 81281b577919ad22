"""What a change was agreed to upon is proved by its evidence, whatever happens before its outcome."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from bot.cli.forget import export
from bot.engine.events import Unsubscribed
from bot.ports import Unknown
from bot.store import evidence
from bot.store.redis import RedisStore
from turn.kit import LOSS, RECEIPT, Clerk, Resident, work

CHECK = "report_loss.check"
AGREED = f"{CHECK}.agreed"


@pytest.fixture
def submitted(resident: Resident, clerk: Clerk) -> Resident:
    """The bureau has not answered yet."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    return resident


def proof(store: RedisStore) -> dict[str, Any]:
    (found,) = evidence.find(store, RECEIPT["number"])
    return found


def decided(turns: list[dict[str, Any]]) -> list[str]:
    return [name for turn in turns for name in turn.get("decided", ())]


def shown(turns: list[dict[str, Any]]) -> list[str]:
    return [name for turn in turns for name in turn["says"]]


@pytest.mark.parametrize("words", [("删除我的信息", "确认删除"), ()])
def test_whoever_leaves_before_the_outcome_has_agreed_all_the_same(
    submitted: Resident, store: RedisStore, words: tuple[str, ...]
) -> None:
    agreed_to = store.begin(store.owner(submitted.openid), "").session
    assert agreed_to
    for said in words:
        submitted.say(said)
    if not words:
        submitted.send(Unsubscribed(submitted.later()))
    assert store.trace(store.owner(submitted.openid)) == []
    (held,) = export(store, submitted.openid)["under_way"]
    work(store, submitted.turns, kinds="j")
    found = proof(store)
    assert CHECK in shown(found["turns"])
    assert AGREED in decided(found["turns"])
    assert found["consents"].keys() == agreed_to.consents.keys() == held["consents"].keys() != set()
    assert shown(found["turns"]) == shown(held["turns"])
    assert not list(store.client.scan_iter("sb:*:j:*")), "it is kept in the evidence alone"


@pytest.mark.parametrize("writes", [False, True])
def test_a_long_outage_leaves_the_summary(
    submitted: Resident, clerk: Clerk, store: RedisStore, writes: bool
) -> None:
    clerk.says[LOSS] = [Unknown("no answer")] * 32
    for _ in range(32):
        work(store, submitted.turns, kinds="j")
        if writes:
            submitted.say("好了吗")
    before = store.trace(store.owner(submitted.openid))
    work(store, submitted.turns, kinds="j")
    turns = proof(store)["turns"]
    assert CHECK in shown(turns)
    assert AGREED in decided(turns)
    assert turns[-1]["event"] == "ActionFinished"
    silent = [turn for turn in before if turn["event"] == "ActionDelayed" and not turn["says"]]
    assert not silent, "an attempt that tells nothing leaves no trace"


def test_each_turn_stands_in_it_once_and_in_order(submitted: Resident, store: RedisStore) -> None:
    submitted.say("好了吗")
    work(store, submitted.turns, kinds="j")
    kept = [{k: v for k, v in turn.items() if k != "time"} for turn in proof(store)["turns"]]
    assert kept == store.trace(store.owner(submitted.openid))


def test_a_change_that_an_older_release_began_is_proved_by_trace_and_session(
    submitted: Resident, store: RedisStore
) -> None:
    owner = store.owner(submitted.openid)
    ((job,), _) = store.jobs_of(owner)
    key = owner.key("j", job.member)
    store.client.hdel(key, *[field for field in store.client.hkeys(key) if field[:1] == b"t"])
    store.client.hset(key, "d", store.forms.sealed_job(owner, replace(job, consents=None)))
    work(store, submitted.turns, kinds="j")
    found = proof(store)
    assert AGREED in decided(found["turns"])
    assert found["consents"]
