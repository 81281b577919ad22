"""Pushes: in order, at least once, one claim at a time, within WeChat's windows, else held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from moment import Clock

from bot.engine.effects import Reply
from bot.engine.events import Unsubscribed
from bot.engine.session import Session
from bot.ports import Result, Unknown
from bot.store.outbox import Outbox
from bot.store.records import CommitRequest
from bot.store.redis import RedisStore
from bot.store.window import ALLOWED
from bot.turn.jobs import Worker
from bot.turn.push import LEASE, WITHIN, Pushes
from bot.turn.turns import Turns
from turn.kit import LOSS, PLENTY, RECEIPT, Clerk, Mailbox, Resident, moved, work

Make = Callable[..., Turns]


@pytest.fixture
def turns(make_turns: Make) -> Turns:
    return make_turns(can_push=True)


@pytest.fixture
def waiting(resident: Resident, clerk: Clerk, store: RedisStore) -> Resident:
    """A report whose result came late: it waits in the outbox."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    assert "report_loss.not_sure" in resident.say("确认停用").says
    assert work(store, resident.turns, kinds="j") == 1
    return resident


def queue(store: RedisStore, openid: str, *texts: str) -> None:
    """Put texts into a resident's outbox, each by a commit of its own."""
    owner = store.owner(openid)
    for text in texts:
        begun = store.begin(owner, "")
        session = begun.session or Session("0" * 12, "zh-CN")
        plan = CommitRequest(begun.version, session, begun.now, outbox=Reply(text=text), pushes=True)
        assert store.commit(owner, "", plan) == "done"


def test_a_late_result_is_pushed_once_and_not_told_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    assert work(store, waiting.turns, mailbox, "p") == 1
    assert mailbox.text.startswith("【已停用】")
    assert work(store, waiting.turns, mailbox, "p") == 0
    assert "【已停用】" not in waiting.say("天气不错").text


def test_without_pushes_it_waits_for_the_next_message(
    make_turns: Make, clerk: Clerk, store: RedisStore, mailbox: Mailbox
) -> None:
    resident = Resident(make_turns(can_push=False))
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(store, resident.turns, mailbox)
    assert mailbox.pushed == []
    assert "【已停用】" in resident.say("天气不错").text


@pytest.mark.parametrize("answer", ["held", "unreachable", "broken"])
def test_what_cannot_be_pushed_is_held_until_the_resident_writes(
    waiting: Resident, store: RedisStore, mailbox: Mailbox, answer: str
) -> None:
    mailbox.says = [answer]  # type: ignore[list-item]
    work(store, waiting.turns, mailbox, "p")
    assert work(store, waiting.turns, mailbox, "p") == 0, "never tried again by itself"
    assert mailbox.pushed == []
    assert "【已停用】" in waiting.say("天气不错").text


def test_a_lease_outlives_all_messages_that_may_be_sent_under_it() -> None:
    assert WITHIN * sum(most for _, most in ALLOWED.values()) < LEASE


def test_what_fails_for_now_is_tried_again(waiting: Resident, store: RedisStore, mailbox: Mailbox) -> None:
    mailbox.says = ["later", "later"]
    for _ in range(3):
        assert work(store, waiting.turns, mailbox, "p") == 1
    assert mailbox.text.count("【已停用】") == 1


def test_a_turn_does_not_tell_what_a_push_has_claimed(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    owner, outbox = store.owner(waiting.openid), Outbox(store)
    member = f"p:{owner.tag}"
    store.client.zadd(owner.key("due"), {member: 1})
    claimed = outbox.claim(owner.shard, member, 30)
    assert claimed is not None
    assert claimed.owner.openid == waiting.openid
    assert outbox.claim(owner.shard, member, 30) is None
    assert "【已停用】" not in waiting.say("天气不错").text
    assert outbox.finish(claimed, 0, 0, 0), "it could not be sent: the resident has it with the next message"
    assert "【已停用】" in waiting.say("天气不错").text


def test_a_push_between_begin_and_commit_makes_the_commit_run_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    owner = store.owner(waiting.openid)
    begun = store.begin(owner, "")
    assert len(begun.outbox) == 1
    work(store, waiting.turns, mailbox, "p")
    queue(store, waiting.openid, "之后的")
    now = store.begin(owner, "")
    plan = CommitRequest(now.version, now.session, waiting.at, take=1, stored=begun.stored)
    assert store.commit(owner, "", plan) == "conflict", "it would take away what it has not told"
    assert [r.text for r in store.begin(owner, "").outbox] == ["之后的"]


def test_a_dead_senders_claim_lapses_and_is_sent_by_another(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    owner, outbox = store.owner(waiting.openid), Outbox(store)
    store.client.zadd(owner.key("due"), {f"p:{owner.tag}": 1})
    dead = outbox.claim(owner.shard, f"p:{owner.tag}", 30)
    assert dead is not None
    assert work(store, waiting.turns, mailbox, "p") == 1
    assert mailbox.text.count("【已停用】") == 1
    assert not outbox.finish(dead, 1, 1, 0), "it comes back too late to change anything"


def test_the_order_is_kept_and_one_message_holds_what_fits(
    resident: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    resident.say("你好")
    texts = ["一" * 300, "二" * 300, "三" * 300, "四"]
    queue(store, resident.openid, *texts)
    mailbox.says = ["sent", "later"]
    work(store, resident.turns, mailbox, "p")
    work(store, resident.turns, mailbox, "p")
    assert "\n\n".join(r.text for r in mailbox.pushed).split("\n\n") == texts
    assert all(len(r.text.encode()) <= 2048 for r in mailbox.pushed)


def test_five_after_a_message_three_after_a_tap_then_held(
    resident: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    resident.menu("CARD_LOSS")
    for n in range(5):
        queue(store, resident.openid, f"点{n}")
        work(store, resident.turns, mailbox, "p")
    assert [r.text for r in mailbox.pushed] == ["点0", "点1", "点2"]
    told = resident.say("同意")
    assert told.text.startswith("点3\n\n点4")
    for n in range(7):
        queue(store, resident.openid, f"写{n}")
        work(store, resident.turns, mailbox, "p")
    assert [r.text for r in mailbox.pushed[3:8]] == ["写0", "写1", "写2", "写3", "写4"]


def test_nothing_is_pushed_to_who_never_wrote(store: RedisStore, turns: Turns, mailbox: Mailbox) -> None:
    queue(store, "o-silent", "结果")
    assert work(store, turns, mailbox, "p") == 0
    assert "结果" in Resident(turns, "o-silent").say("你好").text


def test_a_reminder_is_pushed_within_the_window_and_never_told_later(
    resident: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    resident.to_the_summary()
    assert work(store, resident.turns, mailbox, "t") == 1
    assert work(store, resident.turns, mailbox, "p") == 1
    assert "common.remind" in mailbox.pushed[0].says
    resident.say("返回")
    work(store, resident.turns, mailbox, "t")
    assert "common.remind" not in resident.say("帮助").says, "it was never pushed"
    assert work(store, resident.turns, mailbox, "p") == 0


def test_who_leaves_is_pushed_nothing(waiting: Resident, store: RedisStore, mailbox: Mailbox) -> None:
    waiting.send(Unsubscribed(waiting.later()))
    assert work(store, waiting.turns, mailbox, "p") == 0
    assert mailbox.pushed == []


def test_texts_of_a_turn_under_way_are_not_pushed_before_its_end(
    make_turns: Make, clerk: Clerk, store: RedisStore, mailbox: Mailbox
) -> None:
    resident = Resident(make_turns(can_push=True))
    resident.to_the_summary()
    # the process dies after its commit: nobody has been told anything yet
    owner = store.owner(resident.openid)
    before = store.client.zscore(owner.key("due"), f"p:{owner.tag}")
    moved(resident, make_turns(inline=0, can_push=True)).say("确认停用")
    assert before is None
    work(store, resident.turns, mailbox, "p")
    assert mailbox.pushed == []
    work(store, resident.turns, mailbox, "j")
    work(store, resident.turns, mailbox, "p")
    assert mailbox.text.count("【已停用】") == 1


def test_a_long_outbox_is_told_in_several_turns_and_never_cut(
    make_turns: Make, resident: Resident, store: RedisStore
) -> None:
    resident.say("你好")
    queue(store, resident.openid, *(c * 300 for c in "一二三四"))
    heard = ""
    for _ in range(4):
        reply = resident.say("你好")
        assert len(reply.text.encode()) <= 2048
        heard += reply.text
    assert all(heard.count(c * 300) == 1 for c in "一二三四")


def test_the_usual_path_pushes_nothing(resident: Resident, store: RedisStore, mailbox: Mailbox) -> None:
    resident.to_the_summary()
    assert "【已停用】" in resident.say("确认停用").text
    work(store, resident.turns, mailbox, "p")
    assert mailbox.pushed == []


def test_a_bureau_that_hangs_holds_up_no_pushes(
    make_turns: Make, clerk: Clerk, store: RedisStore, mailbox: Mailbox
) -> None:
    dying = make_turns(inline=0, can_push=True)
    gate = threading.Event()
    clerk.says[LOSS] = [lambda _: gate.wait(PLENTY) and Result("done", RECEIPT)] * 3
    for n in range(3):
        resident = Resident(make_turns(can_push=True), f"o-hangs-{n}")
        resident.to_the_summary()
        moved(resident, dying).say("确认停用")
    Resident(dying, "o-other").say("你好")
    queue(store, "o-other", "结果")
    for key in store.client.scan_iter(match="sb:*:due"):
        for member in store.client.zrange(key, 0, -1):
            store.client.zadd(key, {member: 1})
    worker = Worker(store, dying, threads=1, pause=0.05, pushes=Pushes(Outbox(store), mailbox, Clock()))
    working = threading.Thread(target=worker.run)
    working.start()
    try:
        until = time.monotonic() + PLENTY
        while not (mailbox.pushed and clerk.made(LOSS)) and time.monotonic() < until:
            time.sleep(0.02)
        assert mailbox.text == "结果"
        assert len(clerk.made(LOSS)) == 1
    finally:
        gate.set()
        worker.stop()
        working.join()
