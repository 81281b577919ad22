"""What a turn may expect of a store, of the one in Redis and of the one in memory alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW
from msgspec.structs import replace

from bot.engine.effects import Call, Reply
from bot.engine.events import Done
from bot.engine.session import Consent, Session
from bot.store.connect import connect
from bot.store.memory import MemoryStore, Store
from bot.store.memory_outbox import MemoryOutbox
from bot.store.outbox import Outbox
from bot.store.packing import CONFIRMED_WITHIN, DELIVERY_TTL, PAGE_FIRST, SESSION_TTL
from bot.store.records import Claimed, CommitRequest, Evidence, Job, JobChange, ResidentKey, Snapshot
from bot.store.redis import RedisStore
from bot.store.seal import Seal

SESSION = Session("0" * 12, "zh-CN")
LATER = 1000


@dataclass
class Held:
    """A store and one resident. `passes`: what waits comes so many seconds sooner."""

    store: Store
    outbox: Outbox | MemoryOutbox
    passes: Callable[[int], object]

    @property
    def owner(self) -> ResidentKey:
        return self.store.owner("o-made-up")

    def begin(self, delivery: str = "", owner: ResidentKey | None = None) -> Snapshot:
        return self.store.begin(owner or self.owner, delivery)

    def commit(self, name: str = "", **more: Any) -> str:
        """A turn, from what is held now unless `version` says otherwise."""
        given = {"version": self.begin().version, "session": SESSION, "event_at": NOW, **more}
        return self.store.commit(self.owner, name, CommitRequest(**given))

    def due(self) -> list[str]:
        return [member for _, member in self.store.due()]

    def claim(self, member: str) -> Any:
        return self.store.claim(self.owner.shard, member, 15)

    def push(self) -> Any:
        self.passes(2)
        return self.outbox.claim(self.owner.shard, f"p:{self.owner.tag}", 30)


@pytest.fixture(params=["redis", "memory"])
def held(request: pytest.FixtureRequest) -> Held:
    if request.param == "redis":
        store = RedisStore(connect(request.getfixturevalue("redis_url")), Seal([SEAL_KEY], TAG_KEY))
        return Held(
            store, Outbox(store), lambda seconds: store.jobs.sooner(seconds, [store.owner("o-made-up")])
        )
    clock = [float(NOW)]
    memory = MemoryStore(lambda: clock[0])
    return Held(memory, MemoryOutbox(memory), lambda seconds: clock.append(clock.pop() + seconds))


def text(words: str) -> Reply:
    return Reply(text=words)


def job(held: Held, name: str = "run.1") -> Job:
    call = Call(name, "card.report_loss", {"card": "c1"}, True, name, "report_loss", "submit", 1)
    return Job(call, held.owner.openid, "gh_1", "d1", NOW, NOW)


# --- sessions and races ---
def test_a_change_keeps_what_it_was_agreed_to_upon(held: Held) -> None:
    agreed = replace(job(held), consents={"sign_in.privacy": Consent("2026-11", NOW)})
    held.commit(jobs=(JobChange("new", agreed, attempt=0),))
    assert held.store.jobs_of(held.owner) == ([agreed], 0)
    assert held.claim(f"j:{agreed.member}").job == agreed


def test_whoever_is_new_has_nothing(held: Held) -> None:
    begun = held.begin("d1")
    assert (begun.version, begun.session, begun.delivery, begun.outbox, begun.rate) == (b"", None, "", (), 0)
    assert begun.clock >= begun.now


def test_what_was_written_is_read_and_only_from_it_is_written_on(held: Held) -> None:
    first = held.begin().version
    assert held.commit() == "done"
    begun = held.begin()
    assert begun.session == SESSION
    assert held.commit(version=first) == "conflict"
    assert held.commit(version=begun.version, session=None) == "done"
    assert held.begin().session is None
    assert held.begin().version == b""


def test_what_is_planned_for_next_year_outlives_a_month_of_silence(redis_url: str) -> None:
    client = connect(redis_url)
    store = RedisStore(client, Seal([SEAL_KEY], TAG_KEY))
    held = Held(store, Outbox(store), lambda seconds: None)
    key, year = held.owner.key("s", held.owner.tag), 365 * 86400
    held.commit()
    assert 0 < client.ttl(key) <= SESSION_TTL
    held.commit(session=replace(SESSION, wake_at=NOW + year))
    assert client.ttl(key) > SESSION_TTL + year - 60
    store.copied(held.owner, 0)
    assert client.ttl(key) > SESSION_TTL + year - 60, "asking for copies does not shorten it"


def test_what_is_kept_for_long_stays_listed_when_less_is_kept_from_now_on(redis_url: str) -> None:
    client = connect(redis_url)
    store = RedisStore(client, Seal([SEAL_KEY], TAG_KEY))
    held = Held(store, Outbox(store), lambda seconds: None)
    for receipt, days in (("R1", 1000), ("R2", 10)):
        facts = {"receipt": receipt, "recorded_at": NOW, "answered_at": NOW}
        held.commit(evidence=Evidence(receipt, facts, days), trace={"at": NOW})
    assert client.ttl(held.owner.key("ei", held.owner.tag)) > 999 * 86400


def test_nothing_is_written_after_its_deadline(held: Held) -> None:
    assert held.commit(not_after=held.begin().clock - 1) == "late"
    assert held.commit(not_after=held.begin().clock + 60) == "done"


# --- deliveries ---
def test_a_delivery_is_done_once_and_answered_the_same(held: Held) -> None:
    assert held.commit("d1", delivery="new", reply=text("一")) == "done"
    assert held.commit("d1", delivery="new", reply=text("二")) == "known"
    begun = held.begin("d1")
    assert (begun.delivery, begun.reply) == ("answered", text("一"))
    assert held.begin("d2").delivery == ""


def test_a_delivery_under_way_is_answered_once_and_what_comes_after_waits(held: Held) -> None:
    held.commit("d1", delivery="new")
    assert held.begin("d1").delivery == "pending"
    assert held.commit("d1", delivery="answer", reply=text("一")) == "done"
    assert held.commit("d1", delivery="answer", reply=text("二")) == "queued"
    begun = held.begin("d1")
    assert (begun.reply, begun.outbox) == (text("一"), (text("二"),))


# --- answers that must be told ---
def test_an_answer_that_is_held_comes_before_whatever_is_asked_next_until_it_was_heard(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True)
    assert held.begin("d1").outbox == ()
    begun = held.begin("d2")
    assert begun.outbox == (text("一"),)
    assert begun.unconfirmed
    held.store.mark_sent(held.owner, "d2")
    assert held.begin("d2").outbox == (text("一"),)
    held.store.mark_sent(held.owner, "d1")
    assert held.begin("d2").outbox == ()
    assert (
        held.commit("d2", delivery="new", unconfirmed=begun.unconfirmed, version=begun.version) == "conflict"
    )


def test_whoever_tells_an_answer_that_nobody_heard_takes_it(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True)
    begun = held.begin("d2")
    assert (
        held.commit("d2", delivery="new", reply=text("一二"), unconfirmed=begun.unconfirmed, take=1) == "done"
    )
    assert held.begin("d3").outbox == ()


def test_what_waits_is_taken_from_its_head_or_not_at_all(held: Held) -> None:
    for words in ("一", "二"):
        held.commit(outbox=text(words))
    begun = held.begin()
    assert begun.outbox == (text("一"), text("二"))
    assert held.commit(take=1, stored=begun.stored) == "done"
    assert held.commit(take=1, stored=begun.stored) == "conflict", "a push has it, or a turn"
    assert held.begin().outbox == (text("二"),)


@pytest.mark.parametrize("unconfirmed", [False, True])
@pytest.mark.parametrize("shown", ["一", "二", "三"])
def test_what_the_page_shows_during_a_turn_takes_nothing_untold_away(
    held: Held, shown: str, unconfirmed: bool
) -> None:
    for words in ("一", "二", "三"):
        held.commit(outbox=text(words))
    if unconfirmed:
        held.commit("d1", delivery="new", reply=text("零"), needs_ack=True)
    begun = held.begin("d2")
    plan = {
        "delivery": "new",
        "reply": text("答"),
        "unconfirmed": begun.unconfirmed,
        "take": 2 + unconfirmed,
        "stored": begun.stored,
    }
    held.store.shown(held.owner, {text(shown): None})
    left = tuple(item for item in begun.outbox if item != text(shown))
    if shown == "三":
        assert held.commit("d2", **plan) == "done", "it is none of those that the turn tells"
        assert held.begin("d3").outbox == ()
    else:
        assert held.commit("d2", **plan) == "conflict"
        assert held.begin("d3").outbox == left


@pytest.mark.parametrize("why", ["needs_ack", "asks"])
def test_whoever_is_turned_away_is_told_that_again_and_the_rest_later(held: Held, why: str) -> None:
    held.commit("d1", delivery="new", reply=text("一"), **{why: True})
    assert held.begin("d2").outbox == ((text("一"),) if why == "needs_ack" else ())
    held.store.pin_answer(held.owner, "d1", text("忙"), True)
    assert held.begin("d1").reply == text("忙")
    assert held.begin("d2").outbox == (text("一"),)


@pytest.mark.parametrize("deleted", [False, True])
def test_whoever_is_turned_away_late_is_told_the_rest_once_and_nothing_after_a_deletion(
    held: Held, deleted: bool
) -> None:
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True)
    plan = {"session": None, "forget": True, "take": 1} if deleted else {}
    assert held.commit(unconfirmed=held.begin().unconfirmed, **plan) == "done"
    left = () if deleted else (text("一"),)
    assert held.begin().outbox == left
    held.store.pin_answer(held.owner, "d1", text("忙"), True)
    assert held.begin("d1").reply == text("忙")
    assert held.begin().outbox == left


# --- jobs and timers ---
def test_a_job_is_claimed_once_until_its_lease_lapses(held: Held) -> None:
    held.commit(jobs=(JobChange("new", job(held), due=15, attempt=1),))
    member = f"j:{job(held).member}"
    assert member not in held.due()
    assert held.claim(member) is None
    held.passes(16)
    assert member in held.due()
    assert held.claim(member) == Claimed(held.owner, job(held), attempt=2, doubt=True)
    assert held.claim(member) is None
    assert held.store.jobs_of(held.owner) == ([job(held)], 0)


def test_an_attempt_that_was_surely_not_taken_leaves_no_doubt(held: Held) -> None:
    held.commit(jobs=(JobChange("new", job(held), due=0, attempt=1),))
    assert held.commit(jobs=(JobChange("later", job(held), 30, 1, sure=True),)) == "done"
    held.passes(31)
    assert held.claim(f"j:{job(held).member}") == Claimed(held.owner, job(held), attempt=2, doubt=False)


def test_an_attempt_that_is_given_back_is_taken_away_once(held: Held) -> None:
    held.commit(jobs=(JobChange("new", job(held), due=0, attempt=1),))
    shard, member = held.owner.shard, f"j:{job(held).member}"
    assert held.claim(member).attempt == 2
    for _ in range(2):  # the store's answer was lost, and the request sent again
        held.store.jobs.give_back(shard, member, 2, 20)
    assert held.due() == []
    held.passes(21)
    again = held.claim(member)
    assert (again.attempt, again.doubt) == (2, True), "the first one may have been taken all the same"
    held.store.jobs.end(shard, member)
    held.store.jobs.give_back(shard, member, 2, 0)
    assert held.store.jobs_of(held.owner) == ([], 0)
    assert held.due() == []


def test_an_attempt_that_a_later_one_has_overtaken_settles_nothing_by_not_having_been_taken(
    held: Held,
) -> None:
    held.commit(jobs=(JobChange("new", job(held), due=0, attempt=1),))
    assert held.claim(f"j:{job(held).member}").attempt == 2
    assert held.commit(jobs=(JobChange("done", job(held), attempt=1, sure=True),)) == "gone"
    assert held.commit(jobs=(JobChange("done", job(held), attempt=2, sure=True),)) == "done"


@pytest.mark.parametrize("op", ["done", "back", "later"])
def test_an_outcome_needs_its_job_and_only_the_current_attempt_puts_off_or_takes_back(
    held: Held, op: str
) -> None:
    held.commit(jobs=(JobChange("new", job(held), attempt=1),))
    other = held.commit(jobs=(JobChange(op, job(held), attempt=7),))
    assert other == ("done" if op == "done" else "gone")
    if op != "done":
        assert held.commit(jobs=(JobChange(op, job(held), attempt=1),)) == "done"
    assert bool(held.store.jobs_of(held.owner)[0]) == (op == "later")
    if op != "later":
        before = held.begin().version
        assert held.commit(jobs=(JobChange(op, job(held), attempt=1),)) == "gone"
        assert held.begin().version == before, "nothing of it is written"


def test_a_look_up_that_nobody_waits_for_is_dropped(held: Held) -> None:
    held.commit(jobs=(JobChange("new", job(held)),))
    held.commit(dropped=("run.1",))
    assert held.store.jobs_of(held.owner) == ([], 0)
    held.passes(LATER)
    assert held.due() == []


def test_a_resident_has_one_timer_which_each_turn_moves(held: Held) -> None:
    member = f"t:{held.owner.tag}"
    held.commit(session=Session("0" * 12, "zh-CN", wake_at=NOW + 600))
    held.commit(session=Session("0" * 12, "zh-CN", wake_at=NOW + 60))
    held.passes(61)
    assert held.due() == [member]
    claimed = held.claim(member)
    assert claimed == Claimed(held.owner, version=held.begin().version)
    assert held.claim(member) is None
    held.commit()
    held.passes(LATER)
    assert held.due() == []


def test_a_timer_that_a_turn_has_set_anew_is_not_put_off_to_an_earlier_time(held: Held) -> None:
    """Whoever claimed it could not run it, and the resident wrote meanwhile."""
    member = f"t:{held.owner.tag}"
    held.commit(session=replace(SESSION, wake_at=NOW + 1))
    held.passes(2)
    assert held.claim(member)
    held.commit(session=replace(SESSION, wake_at=NOW + 86400))
    held.store.jobs.put_off(held.owner.shard, member, 60)
    held.passes(61)
    assert held.due() == []


def test_what_is_put_off_comes_back_then_and_what_has_ended_does_not(held: Held) -> None:
    held.commit(jobs=(JobChange("new", job(held)),))
    member = f"j:{job(held).member}"
    held.store.jobs.put_off(held.owner.shard, member, 60)
    assert held.due() == []
    held.passes(61)
    assert held.due() == [member]
    held.store.jobs.end(held.owner.shard, member)
    held.store.jobs.put_off(held.owner.shard, member, 0)
    assert held.due() == []


# --- pushes ---
def test_what_waits_is_pushed_in_order_under_a_lease_as_far_as_wechat_allows(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("零"), window="message", pushes=True)
    for words in ("一", "二"):
        held.commit(outbox=text(words), pushes=True)
    claimed = held.push()
    assert (claimed.items, claimed.left) == ((text("一"), text("二")), 5)
    assert held.push() is None
    assert held.begin().outbox == (), "nobody tells it twice meanwhile"
    assert held.outbox.finish(claimed, 1, 1, 1)
    assert not held.outbox.finish(claimed, 1, 1, 1), "its lease is over"
    again = held.push()
    assert (again.items, again.left) == ((text("二"),), 4)
    held.outbox.finish(again, 0, 0, 0)
    assert held.begin().outbox == (text("二"),)
    assert held.push() is None, "nothing more until the resident writes"


def test_a_claim_that_lapsed_is_told_again(held: Held) -> None:
    held.commit(outbox=text("一"), window="message", pushes=True)
    claimed = held.push()
    held.passes(31)
    assert held.push().items == (text("一"),)
    assert not held.outbox.finish(claimed, 1, 1, 1)


def test_what_a_push_is_sending_is_sent_by_no_other_when_an_answer_is_pinned(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True, window="message", pushes=True)
    held.commit(outbox=text("二"), pushes=True)
    claimed = held.push()
    assert claimed.items == (text("二"),)
    held.store.pin_answer(held.owner, "d1", text("忙"), True)
    assert held.push() is None
    assert held.outbox.finish(claimed, 1, 1, 1)
    assert held.push().items == (text("一"),)


def test_a_reminder_that_is_being_sent_is_waited_for(held: Held) -> None:
    held.commit(reminder=text("还在吗"), window="message", pushes=True)
    claimed = held.push()
    assert claimed.reminder == text("还在吗")
    held.commit(outbox=text("办好了"), pushes=True)
    assert held.push() is None
    assert held.outbox.finish(claimed, 0, 1, 1)
    assert held.push().items == (text("办好了"),)


@pytest.mark.parametrize(("again_in", "shut"), [(0, True), (300, False)])
def test_a_window_that_opened_while_a_push_was_refused_stays_open(
    held: Held, again_in: int, shut: bool
) -> None:
    """WeChat refused what was sent before the resident wrote, or was not there."""
    held.commit(outbox=text("一"), window="message", pushes=True)
    claimed = held.push()
    held.passes(2)
    held.commit("d1", delivery="new", reply=text("答"), window="message", pushes=True)
    assert held.outbox.finish(claimed, 0, 0, again_in, shut=shut)
    assert held.push().items == (text("一"),)


def test_an_answer_that_nobody_heard_is_pushed_in_the_end(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True, window="message", pushes=True)
    assert held.push() is None
    if isinstance(held.store, MemoryStore):  # Redis notes by its own clock when that was
        held.passes(CONFIRMED_WITHIN)
        assert held.push().items == (text("一"),)


def test_an_open_page_has_its_time_before_a_push(held: Held) -> None:
    held.store.looked(held.owner)
    held.commit(outbox=text("一"), window="message", pushes=True)
    assert held.push() is None
    held.passes(PAGE_FIRST)
    assert held.push().items == (text("一"),)


def test_what_the_page_has_shown_is_pushed_no_more_but_for_what_is_left_of_it(held: Held) -> None:
    for words in ("一", "二", "三"):
        held.commit(outbox=text(words), window="message", pushes=True)
    receipt = replace(text("二"), shown=True)
    held.store.shown(held.owner, {text("一"): None, text("二"): receipt, text("四"): None})
    assert held.begin().outbox == (receipt, text("三"))
    held.store.shown(held.owner, {text("三"): None})
    assert held.push().items == (receipt,)
    held.store.shown(held.owner, {receipt: None})  # a push has it


def test_when_all_of_it_was_shown_nothing_is_pushed(held: Held) -> None:
    held.commit(outbox=text("一"), window="message", pushes=True)
    held.store.shown(held.owner, {text("一"): None})
    assert held.push() is None
    assert held.due() == []


def test_an_answer_may_stand_in_the_outbox_as_well(held: Held) -> None:
    held.commit("d1", delivery="new")
    assert held.commit("d1", delivery="answer", reply=text("一"), outbox=text("一")) == "done"
    begun = held.begin("d1")
    assert (begun.reply, begun.outbox) == (text("一"), (text("一"),))
    assert held.commit("d1", delivery="answer", reply=text("二"), outbox=text("三")) == "queued"
    assert held.begin("d1").outbox == (text("一"), text("二"))


def test_a_reminder_is_pushed_once_and_not_after_the_resident_wrote(held: Held) -> None:
    held.commit(window="message", pushes=True)
    held.commit(reminder=text("还在吗"), pushes=True)
    claimed = held.push()
    assert (claimed.items, claimed.reminder) == ((), text("还在吗"))
    held.outbox.finish(claimed, 0, 1, 1)
    assert held.push() is None
    held.commit(reminder=text("还在吗"), pushes=True)
    held.commit("d1", delivery="new", reply=text("在"), pushes=True)
    assert held.push() is None


# --- deletion, rate, what is remembered ---
def test_a_deletion_leaves_answers_the_rate_and_evidence(held: Held) -> None:
    facts = {"receipt": "R1", "recorded_at": NOW, "answered_at": NOW - 1, "flow": "report_loss.submit"}
    evidence = Evidence("R1", facts, 1)
    held.commit("d1", delivery="new", reply=text("一"), needs_ack=True, rated=True, evidence=evidence,
                trace={"at": NOW}, remembers={"name:p1": f"{NOW + LATER} "}, outbox=text("二"),
                window="message", pushes=True)  # fmt: skip
    assert held.begin("d2").remembered == {"name:p1": (NOW + LATER, "")}
    assert held.commit("d3", delivery="new", reply=text("删了"), session=None, forget=True) == "done"
    begun = held.begin("d1")
    assert (begun.session, begun.outbox, begun.unconfirmed, begun.remembered) == (None, (), "", {})
    assert (begun.reply, begun.rate) == (text("一"), 1)
    assert [receipt for receipt, _ in held.store.holdings(held.owner).receipts] == ["R1"]
    assert held.store.holdings(held.owner).done == (Done("R1", "report_loss", NOW - 1),)
    assert held.push() is None


def test_what_the_bureau_had_already_leaves_the_evidence_of_the_change(held: Held) -> None:
    def commit(receipt: str, at: int, again: bool) -> None:
        facts = {"receipt": receipt, "recorded_at": NOW, "answered_at": at}
        held.commit(evidence=Evidence(receipt, facts, 1, again), trace={"at": at})

    def kept() -> dict[str, int]:
        return {receipt: until - 86400 for receipt, until in held.store.holdings(held.owner).receipts}

    began = held.store.now()
    commit("R1", NOW, again=False)
    commit("R1", NOW + 60, again=True)
    commit("R2", NOW + 60, again=True)  # the change was made elsewhere: this is all there is
    first = kept()["R1"]
    commit("R1", NOW + 90, again=False)
    passed = held.store.now() - began  # of its clock, until when it keeps things
    assert 60 <= kept()["R2"] - first <= 60 + passed
    assert 90 <= kept()["R1"] - first <= 90 + passed, "a new change under the same number"


def test_messages_of_a_minute_are_counted(held: Held) -> None:
    for n in range(3):
        held.commit(f"d{n}", delivery="new", reply=text("一"), rated=True)
    assert held.begin().rate == 3


def test_what_is_remembered_goes_with_its_time_or_all_at_once(held: Held) -> None:
    held.commit(remembers={"name:p1": f"{NOW + 10} ", "card:c1": f"{NOW + LATER} p1"})
    held.commit(event_at=NOW + 20, remembers={"face:p1": f"{NOW + LATER} "})
    assert held.begin().remembered == {"card:c1": (NOW + LATER, "p1"), "face:p1": (NOW + LATER, "")}
    held.commit(unmatched=True)
    assert held.begin().remembered == {}


def test_whoever_signed_in_for_a_person_is_found_by_the_others(held: Held) -> None:
    other = held.store.owner("o-other")
    held.begin(owner=other)
    held.begin()
    for owner in (held.owner, other):
        held.store.sign_ins.join("p1", owner)
    assert list(held.store.sign_ins.others("p1", held.owner.tag)) == [other]
    held.store.sign_ins.leave(["p1"], other)
    assert list(held.store.sign_ins.others("p1", held.owner.tag)) == []


def test_residents_do_not_see_each_other(held: Held) -> None:
    held.commit("d1", delivery="new", reply=text("一"), outbox=text("二"))
    begun = held.begin("d1", held.store.owner("o-other"))
    assert (begun.delivery, begun.outbox, begun.session) == ("", (), None)


def test_only_the_store_in_memory_can_be_made_to_forget_a_delivery_by_waiting(held: Held) -> None:
    """Redis does that by itself, after the same time."""
    held.commit("d1", delivery="new", reply=text("一"))
    if isinstance(held.store, MemoryStore):
        held.passes(DELIVERY_TTL)
        assert held.begin("d1").delivery == ""
    else:
        key = held.owner.key("d", held.owner.tag, "*")
        (name,) = held.store.client.scan_iter(match=key)
        assert held.store.client.ttl(name) == pytest.approx(DELIVERY_TTL, abs=60)
