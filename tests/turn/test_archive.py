"""Evidence leaves Redis after some days, and is found as before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.cli.forget import export
from bot.console.pages.resident import look
from bot.ports import ArchiveAway, Archived, Result
from bot.services.archive import SqlArchive
from bot.store import evidence
from bot.store.records import ResidentKey
from bot.store.redis import SHARDS, RedisStore
from bot.turn.turns import Turns
from turn.kit import LOSS, RECEIPT, Clerk, Resident, Shebao

NUMBER = str(RECEIPT["number"])


@pytest.fixture
def archive(store: RedisStore, tmp_path: Path) -> Iterator[SqlArchive]:
    store.archive = made = SqlArchive(f"sqlite:///{tmp_path}/evidence.db")
    yield made
    made.close()


def days_later(store: RedisStore, *owners: ResidentKey) -> None:
    """As if the reports had been made before `MOVED_AFTER`."""
    by_tag = {owner.tag: owner for owner in owners}
    for key in store.client.keys("sb:*:e:*"):  # type: ignore[union-attr]
        tag, facts = store.forms.open_tagged(store.client.lindex(key, 0))  # type: ignore[arg-type]
        facts["recorded_at"] -= evidence.MOVED_AFTER + 1
        store.client.lset(key, 0, store.forms.tagged(by_tag[tag], facts))
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
    assert evidence.holders(store, NUMBER) == [ResidentKey("", owner.tag, owner.shard)]
    assert [tag for tag, _ in evidence.everything(store)] == [owner.tag]
    (item,) = archive.everything()
    assert len(item.sealed) < held / 2
    assert "test" not in json.dumps(item.sealed.decode("latin1"))
    assert item.sealed_with in store.seal.ids()
    assert store.holdings(owner).receipts == told, "“my data” names it as before"
    archive.end(item.until)
    assert store.holdings(owner).receipts == ()
    assert evidence.find(store, NUMBER) == []


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


class Couple:
    """A report was made for the first; the other, so many shards `apart`, was answered that it was."""

    def __init__(self, first: Resident, turns: Turns, clerk: Clerk, apart: int) -> None:
        self.first, self.clerk, self.store = first, clerk, turns.store
        shard = (turns.store.owner(first.openid).shard + apart) % SHARDS
        openids = (f"o-other-{n}" for n in count())
        self.other = Resident(turns, next(o for o in openids if turns.store.owner(o).shard == shard))
        self.owners = [self.store.owner(one.openid) for one in (self.first, self.other)]

    def report(self) -> None:
        self.first.to_the_summary()
        self.first.say("确认停用")

    def report_again(self) -> None:
        self.clerk.says[LOSS] = [Result("already", RECEIPT)]
        self.other.to_the_summary()
        self.other.say("确认停用")
        assert self.clerk.says[LOSS] == []

    def keep_theirs(self) -> None:
        tags = [owner.tag for owner in self.owners]
        found = evidence.find(self.store, NUMBER)
        assert [(e["outcome"], e["resident"]) for e in found] == list(
            zip(("done", "already"), tags, strict=True)
        )
        assert all(e["turns"] and evidence.genuine(self.store, e) for e in found)
        assert evidence.holders(self.store, NUMBER) == [ResidentKey("", o.tag, o.shard) for o in self.owners]
        assert sorted(tag for tag, _ in evidence.everything(self.store)) == sorted(tags)
        for one, proof in zip((self.first, self.other), found, strict=True):
            assert export(self.store, one.openid)["evidence"] == [proof]
            ((number, _),) = self.store.holdings(self.store.owner(one.openid)).receipts
            assert number == NUMBER


@pytest.fixture(params=[0, 1, SHARDS - 1], ids=["one shard", "the next shard", "the shard before"])
def couple(request: pytest.FixtureRequest, resident: Resident, turns: Turns, clerk: Clerk) -> Couple:
    return Couple(resident, turns, clerk, request.param)


def test_two_who_have_the_same_receipt_keep_theirs(couple: Couple) -> None:
    """A bureau names the same report again to a parent and to a child."""
    couple.report()
    couple.report_again()
    couple.keep_theirs()
    couple.report_again()
    couple.keep_theirs()
    couple.report()
    couple.keep_theirs()


def test_the_one_who_was_told_first_keeps_theirs_too(couple: Couple) -> None:
    couple.report_again()
    couple.report()
    couple.keep_theirs()


@pytest.mark.parametrize("between", [True, False])
def test_two_who_have_the_same_receipt_keep_theirs_in_the_archive(
    couple: Couple, store: RedisStore, archive: SqlArchive, between: bool
) -> None:
    """Whether the first one's was moved before the other came, or both are moved together."""
    couple.report()
    if between:
        days_later(store, couple.owners[0])
        assert evidence.archive(store) == 1
    couple.report_again()
    couple.keep_theirs()
    days_later(store, *couple.owners)
    assert evidence.archive(store) == 2 - between
    assert len(list(archive.everything())) == 2
    assert max(len(item.receipt) for item in archive.everything()) <= 32, "as long as the column is"
    couple.keep_theirs()
    archive.end(max(item.until for item in archive.everything()))
    assert evidence.find(store, NUMBER) == []


def test_both_are_shown_to_an_operator(couple: Couple, turns: Turns, shebao: Shebao) -> None:
    couple.report()
    couple.report_again()
    tags = [owner.tag for owner in couple.owners]
    found = look(couple.store, NUMBER, turns.content(""), couple.store.now())
    assert found
    assert (found.tag, found.tags) == (tags[0], tags)
    printed = shebao("evidence", NUMBER).output
    assert [proof["resident"] for proof in json.loads(printed)] == tags
    assert "genuine" in shebao("evidence-check", "-", said=printed).output
    changed = shebao("evidence-check", "-", said=printed.replace('"already"', '"done"'))
    assert (changed.exit_code, shebao("evidence-check", "-", said="[]").exit_code) == (1, 1)


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
