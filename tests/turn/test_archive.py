"""Evidence leaves Redis after some days, and is found as before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from bot.ports import ArchiveAway, Archived
from bot.services.archive import SqlArchive
from bot.store import evidence
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from turn.kit import RECEIPT, Resident

NUMBER = str(RECEIPT["number"])


@pytest.fixture
def archive(store: RedisStore, tmp_path: Path) -> Iterator[SqlArchive]:
    store.archive = made = SqlArchive(f"sqlite:///{tmp_path}/evidence.db")
    yield made
    made.close()


def days_later(store: RedisStore, owner: ResidentKey) -> None:
    """As if the report had been made before `MOVED_AFTER`."""
    (key,) = store.client.keys("sb:*:e:*")
    _, facts = store.forms.open_tagged(store.client.lindex(key, 0))  # type: ignore[arg-type]
    facts["recorded_at"] -= evidence.MOVED_AFTER + 1
    store.client.lset(key, 0, store.forms.tagged(owner, facts))
    store.client.delete(evidence.ARCHIVING)


def test_it_is_moved_found_as_before_and_deleted_when_its_time_is_over(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    owner = store.owner(resident.openid)
    assert evidence.archive(store) == 0, "not yet"
    days_later(store, owner)
    (key,) = store.client.keys("sb:*:e:*")
    told = store.holdings(owner).receipts
    before, held = evidence.find(store, NUMBER), store.client.memory_usage(key)
    assert evidence.archive(store) == 1
    assert store.client.exists(key) == 0
    after = evidence.find(store, NUMBER)
    assert after == before
    assert evidence.holder(store, NUMBER) == ResidentKey("", owner.tag, owner.shard)
    assert [tag for tag, _ in evidence.everything(store)] == [owner.tag]
    (item,) = archive.everything()
    assert len(item.sealed) < held / 2
    assert "test" not in json.dumps(item.sealed.decode("latin1"))
    assert item.sealed_with in store.seal.ids()
    assert store.holdings(owner).receipts == told, "“my data” names it as before"
    archive.end(item.until)
    assert store.holdings(owner).receipts == ()
    assert evidence.find(store, NUMBER) is None


def test_one_worker_an_hour_looks_and_what_was_written_anew_stays(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    owner = store.owner(resident.openid)
    days_later(store, owner)
    store.client.set(evidence.ARCHIVING, "1")
    assert evidence.archive(store) == 0
    store.client.delete(evidence.ARCHIVING)
    (key,) = store.client.keys("sb:*:e:*")

    class Slow(SqlArchive):
        def put(self, items: Iterable[Archived]) -> None:
            super().put(items)
            store.client.lset(key, 0, store.forms.tagged(owner, {"receipt": NUMBER}))  # meanwhile

    store.archive = Slow("sqlite://")
    evidence.archive(store)
    assert store.client.exists(key)


def test_two_who_have_the_same_receipt_keep_theirs(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    """A bureau names the same report again to a parent and to a child."""
    name = store.seal.tag(f"receipt {NUMBER}")
    owners = [ResidentKey("", "a" * 22, 1), ResidentKey("", "b" * 22, 2)]
    for owner in owners:
        facts = {"receipt": NUMBER, "recorded_at": 0, "answered_at": 0}
        store.client.rpush(owner.key("e", name), store.forms.tagged(owner, facts))
        store.client.expire(owner.key("e", name), 9999)
        store.client.zadd(owner.key("ei", owner.tag), {name: 9_999_999_999})
    assert evidence.archive(store) == 2
    assert {tag for tag, _ in evidence.everything(store)} == {owner.tag for owner in owners}
    assert [len(store.holdings(owner).receipts) for owner in owners] == [1, 1]


def test_an_archive_that_was_away_is_tried_again_at_the_next_look(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    days_later(store, store.owner(resident.openid))
    store.archive = SqlArchive("sqlite:////nowhere/evidence.db")
    with pytest.raises(ArchiveAway):
        evidence.archive(store)
    store.archive = archive
    assert evidence.archive(store) == 1


def test_a_resident_last_heard_a_week_ago_costs_little(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    """What is left of a report once traces and deliveries have run out and the evidence was moved."""
    store.fleet.say()
    resident.to_the_summary()
    resident.say("确认停用")
    owner = store.owner(resident.openid)
    days_later(store, owner)
    evidence.archive(store)
    kept = [k for k in store.client.keys(f"sb:*{owner.tag}*") if store.client.ttl(k) > 7 * 86400]  # type: ignore[operator, union-attr]
    size = sum(store.client.memory_usage(k) for k in kept)  # type: ignore[misc]
    assert kept
    assert size <= 1536, {k: store.client.memory_usage(k) for k in kept}


def test_while_the_archive_is_away_nobody_is_told_that_nothing_is_kept(
    resident: Resident, store: RedisStore, archive: SqlArchive
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    owner = store.owner(resident.openid)
    days_later(store, owner)
    evidence.archive(store)
    store.archive = SqlArchive("sqlite:////nowhere/evidence.db")
    ((number, _),) = store.holdings(owner).receipts
    assert number == "…"
    with pytest.raises(ArchiveAway):
        evidence.find(store, NUMBER)
