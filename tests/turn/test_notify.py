"""Announcements: what can only be held is announced once, by template or subscription; the text waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from moment import NOW, day

from bot.engine.effects import Reply
from bot.engine.scope import until_midnight
from bot.engine.session import Session
from bot.page.screen import left_of
from bot.ports import Result, Unknown
from bot.store.outbox import Outbox
from bot.store.records import CommitRequest
from bot.store.redis import RedisStore
from bot.turn.push import LEASE, SPREAD
from bot.turn.turns import Turns
from turn.kit import LOSS, Clerk, Mailbox, Resident, work

Make = Callable[..., Turns]
WORK = {"kinds": "p", "notifies": True}


@pytest.fixture
def waiting(make_turns: Make, clerk: Clerk, store: RedisStore) -> Resident:
    """A report whose result came late: it waits in the outbox."""
    resident = Resident(make_turns(can_push=True, notifies=True))
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    assert "report_loss.not_sure" in resident.say("确认停用").says
    assert work(store, resident.turns, kinds="j") == 1
    return resident


def due_in(store: RedisStore, resident: Resident) -> float | None:
    owner = store.owner(resident.openid)
    at = store.client.zscore(owner.key("due"), f"p:{owner.tag}")
    seconds, _ = store.client.time()  # type: ignore[misc]
    return None if at is None else float(at) - seconds  # type: ignore[arg-type]


def due_now(store: RedisStore, resident: Resident) -> None:
    """As after any turn."""
    owner = store.owner(resident.openid)
    store.client.zadd(owner.key("due"), {f"p:{owner.tag}": 0})


def test_a_result_inside_the_window_is_pushed_not_announced(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    work(store, waiting.turns, mailbox, **WORK)
    assert "【已停用】" in mailbox.text
    assert mailbox.notices == []


@pytest.mark.parametrize("answer", ["held", "broken"])
def test_what_is_held_is_announced_once_and_told_when_the_resident_writes(
    waiting: Resident, store: RedisStore, mailbox: Mailbox, answer: str
) -> None:
    mailbox.says = [answer]  # type: ignore[list-item]
    assert work(store, waiting.turns, mailbox, **WORK) == 1
    assert mailbox.notices == [], "first it was tried to push"
    for _ in range(4):
        work(store, waiting.turns, mailbox, **WORK)
    (notice,) = mailbox.notices
    assert notice.matter == "卡丢了（挂失）"
    assert notice.line == "【已停用】测**的社保卡（尾号1234）已临时挂失。"
    assert due_in(store, waiting) is None
    assert "【已停用】" in waiting.say("天气不错").text


def test_what_the_page_showed_is_not_announced_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    mailbox.says = ["held"]
    for _ in range(2):
        work(store, waiting.turns, mailbox, **WORK)
    assert len(mailbox.notices) == 1
    owner = store.owner(waiting.openid)
    (told,) = store.begin(owner, "").outbox
    store.shown(owner, {told: left_of(told)})
    (again,) = store.begin(owner, "").outbox
    assert again.shown
    due_now(store, waiting)
    work(store, waiting.turns, mailbox, **WORK)
    assert len(mailbox.notices) == 1


def test_what_stands_before_a_text_that_the_page_told_is_not_announced_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    owner = store.owner(waiting.openid)
    last = Reply(text="先停在这里")
    begun = store.begin(owner, "")
    store.commit(owner, "", CommitRequest(begun.version, begun.session, begun.now, outbox=last, pushes=True))
    mailbox.says = ["held"]
    for _ in range(2):
        due_now(store, waiting)
        work(store, waiting.turns, mailbox, **WORK)
    assert len(mailbox.notices) == 1
    store.shown(owner, {last: None})
    assert len(store.begin(owner, "").outbox) == 1
    due_now(store, waiting)
    work(store, waiting.turns, mailbox, **WORK)
    assert len(mailbox.notices) == 1


def test_a_notice_that_is_being_sent_is_not_sent_again_with_what_comes_meanwhile(
    waiting: Resident, store: RedisStore
) -> None:
    owner, outbox = store.owner(waiting.openid), Outbox(store, pushes=False, notifies=True)
    place = (owner.shard, f"p:{owner.tag}", LEASE)
    due_now(store, waiting)
    claimed = outbox.claim(*place)
    assert claimed is not None
    begun = store.begin(owner, "")
    also = Reply(text="另一件", notice="补卡")
    store.commit(owner, "", CommitRequest(begun.version, begun.session, begun.now, outbox=also, pushes=True))
    store.jobs.sooner(5)
    assert outbox.claim(*place) is None, "WeChat has not answered yet"
    assert outbox.finish(claimed, 0, 0, 1, noticed=claimed.marks[-1])
    store.jobs.sooner(5)
    again = outbox.claim(*place)
    assert again is not None
    assert again.items[-again.fresh :] == (also,)


def test_where_only_announcements_are_allowed_nothing_is_pushed(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    work(store, waiting.turns, mailbox, kinds="p", pushes=False, notifies=True)
    work(store, waiting.turns, mailbox, kinds="p", pushes=False, notifies=True)
    assert len(mailbox.notices) == 1
    assert mailbox.pushed == []


def test_without_announcements_it_is_only_held(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    work(store, waiting.turns, mailbox, kinds="p", pushes=False)
    assert (mailbox.notices, due_in(store, waiting)) == ([], None)


def test_a_failure_of_the_moment_is_tried_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    mailbox.says = ["held", "later"]
    for _ in range(3):
        assert work(store, waiting.turns, mailbox, **WORK) == 1
    assert len(mailbox.notices) == 1


@pytest.mark.parametrize("answer", ["held", "unreachable", "broken"])
def test_who_has_not_subscribed_is_not_tried_again(
    waiting: Resident, store: RedisStore, mailbox: Mailbox, answer: str
) -> None:
    mailbox.says = ["held", answer]  # type: ignore[list-item]
    for _ in range(4):
        work(store, waiting.turns, mailbox, **WORK)
    assert (mailbox.notices, due_in(store, waiting)) == ([], None)


@pytest.mark.parametrize("says", [["spent"], ["held", "spent"]])
def test_a_spent_quota_waits_for_midnight_in_china(
    waiting: Resident, store: RedisStore, mailbox: Mailbox, says: list[str]
) -> None:
    mailbox.says = list(says)  # type: ignore[arg-type]
    for _ in says:
        work(store, waiting.turns, mailbox, **WORK)
    left = due_in(store, waiting)
    assert left is not None
    midnight = until_midnight(NOW)
    assert midnight - 5 <= left <= midnight + SPREAD
    work(store, waiting.turns, mailbox, **WORK)
    assert mailbox.notices or "【已停用】" in mailbox.text


def test_what_is_no_result_is_not_announced(waiting: Resident, store: RedisStore, mailbox: Mailbox) -> None:
    """A reminder or an expired question is not worth a template message."""
    other = Resident(waiting.turns, "o-other")
    owner = store.owner(other.openid)
    plan = CommitRequest(b"", Session("0" * 12, "zh-CN"), 1, outbox=Reply(text="先停在这里"), pushes=True)
    assert store.commit(owner, "", plan) == "done"
    work(store, waiting.turns, mailbox, kinds="p", pushes=False, notifies=True)
    assert [n.matter for n in mailbox.notices] == ["卡丢了（挂失）"]


def test_a_message_meanwhile_has_the_text_and_no_announcement_follows(
    waiting: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    mailbox.says = ["held"]
    work(store, waiting.turns, mailbox, **WORK)
    assert "【已停用】" in waiting.say("天气不错").text
    work(store, waiting.turns, mailbox, **WORK)
    assert mailbox.notices == []


def test_the_end_of_a_temporary_report_is_announced(
    make_turns: Make, clerk: Clerk, store: RedisStore, mailbox: Mailbox
) -> None:
    resident = Resident(make_turns(can_push=True, notifies=True))
    clerk.usual["card.recheck"] = Result("found", {"number": "1234", "state": "temporary_loss"})
    clerk.usual[LOSS] = Result("done", dict(clerk.usual[LOSS].value) | {"until": day(70)})
    resident.to_the_summary()
    resident.say("确认停用")
    for _ in range(4):
        work(store, resident.turns, kinds="t")
    assert work(store, resident.turns, kinds="j") == 1
    work(store, resident.turns, mailbox, kinds="p", pushes=False, notifies=True)
    assert [n.matter for n in mailbox.notices] == ["临时挂失到期提醒"]
    assert mailbox.notices[0].line.startswith("【快到期】尾号1234")
    assert resident.say("谢谢").text.startswith("【快到期】")
