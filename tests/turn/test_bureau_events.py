"""Events of the bureau find the resident who made the change: told once, in order, by day."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import SEAL_KEY, TAG_KEY
from flask import Flask
from moment import china, epoch
from msgspec import structs
from store.sent_again import SentAgain

from bot.engine.content import Content
from bot.engine.effects import Call, Reply
from bot.engine.events import ActionFinished, ImageReceived, TextReceived, TimePassed, Unsubscribed
from bot.engine.session import Session
from bot.engine.timers import remind_at
from bot.engine.turn import Turn
from bot.ports import Later, Result, Unknown
from bot.store.connect import connect
from bot.store.records import CommitRequest
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from bot.turn.bureau_events import MOST
from bot.turn.callbacks import callbacks
from bot.turn.matches import remembered
from bot.turn.turns import Turns
from turn.kit import (
    CARD,
    KEY,
    LOSS,
    Bureau,
    Clerk,
    LossyStore,
    Mailbox,
    OvertakenStore,
    Resident,
    everything,
    moved,
    refusing,
    work,
)
from turn.test_unread import damage

Make = Callable[..., Turns]
PATH = "/callbacks/card/events"
APPLY = "card.apply"
NUMBER = "A20260007"
TODAY = f"{china():%Y-%m-%d}"
NOON = epoch(f"{TODAY} 12:00:00") + 86_400
"""Of the day after, whenever the test is played: no night, and after all that the resident has said."""
NIGHT = NOON + 11 * 3600


class Office(Bureau):
    """Reports what becomes of an application."""

    now = NOON

    def report(self, state: str = "rejected", id_: str = "", after: int = 0, **more: Any) -> tuple[int, Any]:
        value = {"id": "a-1", "number": NUMBER, "reason": "lost", "state": state, **more.pop("value", {})}
        body = {"id": id_ or f"event-{state}", "event": "card.application", "at": NOON - 900 + after}
        return self.say({**body, "value": value, **more}, PATH, at=self.now)


def office_of(store: RedisStore, turns: Turns) -> Office:
    app = Flask("made-up")
    app.register_blueprint(callbacks({"card": KEY}, store, turns, lambda: made.now))
    made = Office(app.test_client())
    return made


@pytest.fixture
def office(store: RedisStore, turns: Turns) -> Office:
    return office_of(store, turns)


@pytest.fixture
def clerk(clerk: Clerk) -> Clerk:
    clerk.usual |= {
        "card.find": Result("found", {**CARD, "state": "formal_loss"}),
        "real_name.match_face": Result("match"),
        "real_name.read_document": Result("good"),
        "card.quote": Result("known", {"fee": "20元", "postage": "12元", "total": "32元", "days": "15"}),
        APPLY: Result("done", {"number": NUMBER, "state": "reviewing"}),
    }
    return clerk


def picture(resident: Resident) -> None:
    resident.send(ImageReceived(resident.later(), resident.at, f"media-{resident.at}"))


def at_the_summary(resident: Resident) -> Resident:
    resident.menu("CARD_REISSUE")
    for words in ("同意", "660101198001010018", "测试人"):
        resident.say(words)
    resident.say("".join(c for c in resident.reply.text.partition("：")[2] if c.isdigit()))
    resident.say("同意，开始办")
    resident.say("同意刷脸")
    for _ in range(3):
        picture(resident)
    for words in ("长期有效", "13800138000"):
        resident.say(words)
    picture(resident)
    for words in ("寄到家里", "平安区和平路12号3单元501"):
        resident.say(words)
    assert "reissue.check" in resident.reply.says, resident.reply.says
    return resident


@pytest.fixture
def applied(resident: Resident) -> Resident:
    assert "reissue.done" in at_the_summary(resident).say("确认提交").says
    return resident


def told(resident: Resident) -> str:
    return resident.say("天气不错").text


def test_it_is_told_with_the_next_message(office: Office, applied: Resident) -> None:
    assert office.report(value={"reject_reason": "照片背景不是白色。"}) == (200, {"known": True})
    words = told(applied)
    assert "【没有通过】" in words
    assert f"受理号：{NUMBER}" in words
    assert "原因：照片背景不是白色。" in words


def test_it_is_pushed_where_that_is_allowed(
    make_turns: Make, store: RedisStore, clerk: Clerk, mailbox: Mailbox
) -> None:
    turns = make_turns(can_push=True)
    resident = Resident(turns)
    at_the_summary(resident).say("确认提交")
    assert office_of(store, turns).report("posted", value={"tracking": "QF00012"})[0] == 200
    work(store, turns, mailbox, "p")
    assert "快递单号：QF00012" in mailbox.text
    assert "【已寄出】" not in told(resident)


def test_outside_the_window_it_is_announced(
    make_turns: Make, store: RedisStore, clerk: Clerk, mailbox: Mailbox
) -> None:
    turns = make_turns(can_push=True, notifies=True)
    resident = Resident(turns)
    at_the_summary(resident).say("确认提交")
    mailbox.says = ["held"]
    office_of(store, turns).report("ready")
    for _ in range(2):
        work(store, turns, mailbox, "p", notifies=True)
    assert [notice.matter for notice in mailbox.notices] == ["办卡申请有结果"]
    assert NUMBER not in mailbox.notices[0].line
    assert "【可以领】" in told(resident)


def test_an_outcome_beside_a_damaged_session_is_not_that_of_a_deleted_resident(
    office: Office, resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    """The application is known from then on, and what becomes of it is told."""
    clerk.says[APPLY] = [Later(APPLY)]
    at_the_summary(resident).say("确认提交")
    owner = store.owner(resident.openid)
    (job,) = store.jobs_of(owner)[0]
    damage(resident)
    key, value = f"{owner.tag}.{job.call.key}", {"number": NUMBER, "state": "reviewing"}
    office.say({"action": APPLY, "key": key, "outcome": "done", "value": value}, at=office.now)
    assert office.report("ready") == (200, {"known": True})
    assert "【可以领】" in told(resident)


def test_the_open_question_stands_again_after_it(office: Office, applied: Resident) -> None:
    applied.menu("CARD_REISSUE")
    question = applied.reply.says[-1]
    office.report("ready")
    applied.say("？？")
    assert "application_news.ready" in applied.reply.says
    assert question in applied.reply.says


@pytest.mark.parametrize("state", ["unpaid", "reviewing", "approved", "making", "collected", "withdrawn"])
def test_what_needs_no_telling_is_taken_and_not_told(office: Office, applied: Resident, state: str) -> None:
    assert office.report(state) == (200, {"known": True})
    assert "application_news" not in str(applied.say("天气不错").says)


def test_one_that_comes_twice_is_told_once(office: Office, applied: Resident) -> None:
    assert [office.report(), office.report(), office.report(after=60)] == 3 * [(200, {"known": True})]
    assert told(applied).count("【没有通过】") == 1
    assert office.report() == (200, {"known": True})
    assert "【没有通过】" not in told(applied)


def test_one_that_was_overtaken_is_not_told(office: Office, applied: Resident) -> None:
    """Posted before ready: whoever reads "ready" last would go and fetch what is in the post."""
    assert office.report("posted", after=60) == (200, {"known": True})
    assert office.report("ready") == (200, {"known": True})
    words = told(applied)
    assert "【已寄出】" in words
    assert "【可以领】" not in words


def test_two_of_the_same_second_are_both_told(office: Office, applied: Resident) -> None:
    office.report("ready")
    office.report("posted")
    words = told(applied)
    assert words.index("【可以领】") < words.index("【已寄出】")


def test_at_night_it_waits_for_the_morning_and_the_last_word_counts(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    office.now = NIGHT
    office.report("ready")
    office.report("posted", after=60)
    assert not store.begin(store.owner(applied.openid), "").outbox, "nobody is woken"
    assert work(store, applied.turns, kinds="t") > 0
    words = told(applied)
    assert "【已寄出】" in words
    assert "【可以领】" not in words


def at_night(office: Office, resident: Resident, state: str = "ready") -> None:
    office.now, resident.at = NIGHT, NIGHT
    assert office.report(state, at=NIGHT - 900) == (200, {"known": True})


def test_whoever_writes_at_night_is_told_before_the_answer_and_not_again(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    at_night(office, applied)
    words = applied.say("你好").text
    assert words.startswith("【可以领】")
    assert "\n\n您好" in words
    assert applied.reply.says[-1] == "page.hello"
    assert [o.label for o in applied.reply.options if not o.number] == ["去哪里领卡", "附近网点"]
    applied.say("1")
    open_now = store.begin(store.owner(applied.openid), "").session
    assert open_now is not None
    assert open_now.frames[0].flow == "report_loss", "a number means the answer's own list"
    assert "【可以领】" not in applied.reply.text
    assert work(store, applied.turns, kinds="t") == 0 or "【可以领】" not in told(applied)


def test_at_night_the_open_question_stands_below_it(office: Office, applied: Resident) -> None:
    applied.at = NIGHT - 60
    applied.menu("CARD_REISSUE")
    question = applied.reply.says[-1]
    at_night(office, applied)
    applied.say("？？")
    assert applied.reply.says[0] == "application_news.ready"
    assert applied.reply.says[-1] == question


def test_what_was_told_at_night_and_not_heard_is_told_again(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    at_night(office, applied)
    applied.connected = False
    applied.say("你好")
    applied.connected = True
    assert "【可以领】" in told(applied)
    assert "【可以领】" not in told(applied)


def test_whoever_asks_at_night_for_what_is_pending_is_told_the_news_as_well(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    at_night(office, applied)
    owner = store.owner(applied.openid)
    begun = store.begin(owner, "")
    pending = Reply(text="【已停用】", says=("report_loss.done",), notice="挂失")
    assert (
        store.commit(owner, "", CommitRequest(begun.version, begun.session, begun.now, outbox=pending))
        == "done"
    )
    words = applied.say("嗯嗯哦哦").text
    assert "【已停用】" in words
    assert "【可以领】" in words


def test_a_page_opened_by_a_link_is_not_told(office: Office, applied: Resident) -> None:
    """It may be in somebody else's hands."""
    at_night(office, applied)
    applied.send(TextReceived(applied.later(), applied.at, text="你好", linked=True))
    assert "application_news" not in str(applied.reply.says)
    assert "【可以领】" in told(applied)


def test_a_reminder_that_is_due_does_not_take_it_along(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    """A reminder may be dropped, a result not. No worker has run since the question was put."""
    applied.at = NOON - 900
    applied.menu("CARD_REISSUE")
    assert 0 < (store.begin(store.owner(applied.openid), "").session or Session("", "")).wake_at < NOON
    office.report("ready")
    applied.at = NOON
    assert "【可以领】" in told(applied)


def test_of_a_change_that_is_not_known_yet_it_comes_again_later(
    office: Office, resident: Resident, clerk: Clerk
) -> None:
    clerk.says[APPLY] = [Later()]
    at_the_summary(resident).say("确认提交")
    key = clerk.made(APPLY)[0]
    assert office.report(key=key)[0] == 409
    value = {"number": NUMBER, "state": "reviewing"}
    outcome = {"key": key, "action": APPLY, "outcome": "done", "value": value}
    assert office.say(outcome, at=NOON) == (200, {"known": True})
    assert office.report(key=key) == (200, {"known": True})
    says = resident.say("天气不错").says
    assert says.index("reissue.done") < says.index("application_news.rejected")


def test_a_number_that_nobody_has_is_not_known(office: Office, applied: Resident) -> None:
    assert office.report(value={"number": "A99"}) == (200, {"known": False})
    assert office.report(value={"number": "A99"}, key="AAAAAAAAAAAAAAAAAAAAAA.b.1.card.apply.0") == (
        200,
        {"known": False},
    )
    assert "【没有通过】" not in told(applied)


def test_whoever_leaves_while_the_number_comes_in_is_not_found(
    make_turns: Make, redis_url: str, office: Office, clerk: Clerk
) -> None:
    """By what the outcome was about to note when they left, either."""
    store = OvertakenStore(connect(redis_url), Seal([SEAL_KEY], TAG_KEY))
    resident, elsewhere = Resident(make_turns(store)), make_turns()
    at_the_summary(resident)
    store.first = lambda: moved(resident, elsewhere).send(Unsubscribed(resident.at + 200))
    resident.say("确认提交")
    assert store.first is None
    assert clerk.made(APPLY)
    assert not store.client.exists(*store.owner(resident.openid).own("s", "k"))
    assert not list(store.client.scan_iter("sb:people:*"))


@pytest.mark.parametrize("how", ["删除我的信息", "撤回同意", "unfollow"])
def test_who_has_left_is_not_found(office: Office, applied: Resident, how: str, store: RedisStore) -> None:
    if how == "unfollow":
        applied.send(Unsubscribed(applied.later()))
    else:
        applied.say(how)
        applied.say("是")
    assert office.report() == (200, {"known": False})
    assert "【没有通过】" not in told(applied), "not even to one who comes back"
    assert not list(store.client.scan_iter("sb:people:*"))


def test_of_who_has_left_with_two_changes_open_neither_outcome_leaves_anything(
    turns: Turns, clerk: Clerk, store: RedisStore
) -> None:
    resident = Resident(turns)
    at_the_summary(resident)
    clerk.says |= {APPLY: [Unknown("no answer")] * 2, LOSS: [Unknown("no answer")] * 2}
    resident.say("确认提交")
    clerk.usual["card.find"] = Result("found", {**CARD, "id": "card-2", "number": "5678"})
    for words in ("挂失", "1", "确认停用", "删除我的信息", "确认删除"):
        resident.say(words)
    owner = store.owner(resident.openid)
    assert len(store.jobs_of(owner)[0]) == 2
    store.client.hset(owner.key("pic", owner.tag), "a", b"a picture that a call may still fetch")

    def left() -> list[str]:
        kept = [*store.client.scan_iter(f"sb:*:[tk]:{owner.tag}"), *store.client.scan_iter("sb:people:*")]
        return [key.decode() for key in kept]

    while store.jobs_of(owner)[0]:
        work(store, turns, kinds="j")
        assert left() == []
    assert store.begin(owner, "").session is None
    assert not store.client.exists(owner.key("pic", owner.tag))
    assert len(set(re.findall("【.+?】", told(resident)))) == 2, "both are told all the same"


def test_news_that_waits_for_the_morning_is_not_dropped_with_a_reminder(
    office: Office, applied: Resident, clerk: Clerk, store: RedisStore, shipped: Content
) -> None:
    """The open question's reminder is due in the same second, and no push is allowed."""
    clerk.usual["card.find"] = Result("found", {**CARD, "id": "card-2", "number": "5678"})
    applied.menu("CARD_LOSS")
    owner = store.owner(applied.openid)
    office.now = NIGHT
    assert office.report(after=0) == (200, {"known": True})
    begun = store.begin(owner, "")
    assert begun.session
    (plan,) = begun.session.scheduled
    waits = remind_at(Turn(shipped, begun.session, TimePassed(begun.now))) - begun.session.heard_at
    session = structs.replace(begun.session, heard_at=plan.at - waits, wake_at=plan.at)
    assert store.commit(owner, "", CommitRequest(begun.version, session, begun.now)) == "done"
    applied.turns.run_timer(owner, store.begin(owner, "").version)
    applied.at = plan.at + 60
    assert "【没有通过】" in applied.say("天气不错").text


def test_two_who_have_one_receipt_are_both_told(
    office: Office, applied: Resident, turns: Turns, clerk: Clerk
) -> None:
    """A mother has applied; the father was answered that it is applied for already."""
    clerk.says[APPLY] = [Result("already", {"number": NUMBER, "state": "reviewing"})]
    father = Resident(turns, "o-the-other")
    at_the_summary(father).say("确认提交")
    assert office.report() == (200, {"known": True})
    assert "【没有通过】" in told(applied)
    assert "【没有通过】" in told(father)


@pytest.mark.parametrize("whose", range(3))
def test_one_damaged_session_keeps_nobody_else_from_being_told(
    office: Office, applied: Resident, turns: Turns, clerk: Clerk, store: RedisStore, whose: int
) -> None:
    """In whatever order they are told; the bureau is asked to come again."""
    clerk.says[APPLY] = [Result("already", {"number": NUMBER, "state": "reviewing"})] * 2
    others = [Resident(turns, f"o-other-{n}") for n in range(2)]
    for other in others:
        at_the_summary(other).say("确认提交")
    others.insert(0, applied)
    damage(others.pop(whose))
    for _ in range(2):
        assert office.report()[0] == 503
        assert [len(store.begin(store.owner(other.openid), "").outbox) for other in others] == [1, 1]


def test_a_callback_is_not_taken_for_its_own_repetition(
    applied: Resident, turns: Turns, store: RedisStore
) -> None:
    office = office_of(RedisStore(SentAgain(store.client), store.seal), turns)
    assert office.report() == (200, {"known": True})
    assert "【没有通过】" in told(applied)


def test_who_applies_again_is_not_told_again_what_was_told(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    """What was reported of a receipt stays with it, when the bureau answers with the same one again."""
    office.report()
    known = store.begin(store.owner(applied.openid), "").remembered
    again = ActionFinished(NOON, 0, "", "already", {"number": NUMBER, "state": "reviewing"})
    call = Call("", APPLY, {}, True, "", "reissue", "submit", 0)
    assert remembered(store.tag, again, call, ()) != {}
    assert remembered(store.tag, again, call, known) == {}


def test_more_than_an_application_can_have_are_refused(office: Office, applied: Resident) -> None:
    for n in range(MOST):
        assert office.report("making", f"event-{n:04}", after=n)[0] == 200
    assert office.report("ready", after=MOST)[0] == 400
    assert office.report("making", "event-0003", after=3) == (200, {"known": True})


@pytest.mark.parametrize(
    "changed",
    [
        {"event": "card.report_loss"},
        {"event": 7},
        {"id": "short"},
        {"id": "with a blank"},
        {"id": None},
        {"at": str(NOON)},
        {"at": True},
        {"at": NOON + 400},
        {"at": -1},
        {"key": 7},
        {"key": "a.half of a sign: \ud83d"},
        {"value": {"state": "ready"}},
        {"value": {"id": "a-1", "number": NUMBER, "reason": "lost", "state": "odd"}},
        {"value": {"id": "a-1", "number": NUMBER, "reason": "lost", "state": "ready", "outlet": "x\n"}},
        {"value": [1]},
    ],
)
def test_garbage_is_refused(office: Office, applied: Resident, changed: dict[str, Any]) -> None:
    value = {"id": "a-1", "number": NUMBER, "reason": "lost", "state": "ready"}
    body = {"id": "event-0001", "event": "card.application", "at": NOON - 60, "value": value}
    assert office.say({**body, **changed}, PATH, at=NOON)[0] == 400
    assert "【可以领】" not in told(applied)


def test_the_signature_is_that_of_its_path(office: Office, applied: Resident) -> None:
    body = {"id": "event-0001", "event": "card.application", "at": NOON - 60, "value": {}}
    assert office.say(body, PATH, key="another-key-of-16", at=NOON)[0] == 403
    assert office.say(body, PATH, at=NOON - 400)[0] == 403
    assert office.say(body, "/callbacks/real_name/events", at=NOON)[0] == 403
    assert office.say(body, "/callbacks/card", at=NOON)[0] == 400, "an event is no outcome"
    assert office.say(b"x" * 70_000, PATH, at=NOON)[0] == 400


def test_a_store_that_refuses_writes_is_asked_again(
    office: Office, applied: Resident, store: RedisStore
) -> None:
    with refusing(store.client, "READONLY"):
        assert office.report()[0] == 503
    assert office.report() == (200, {"known": True})
    assert told(applied).count("【没有通过】") == 1


def test_a_lost_answer_of_the_store_tells_it_once(make_turns: Make, lossy: LossyStore, clerk: Clerk) -> None:
    turns = make_turns(lossy)
    resident = Resident(turns)
    at_the_summary(resident).say("确认提交")
    lossy.lose = ("answer", "request")
    assert office_of(lossy, turns).report() == (200, {"known": True})
    assert told(resident).count("【没有通过】") == 1


def test_where_no_flow_tells_of_it_it_is_not_known(
    office: Office, applied: Resident, shipped: Content, store: RedisStore, clerk: Clerk
) -> None:
    services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
    bare = Turns(store, lambda _: replace(shipped, events={}), services, applied.turns.settings, lambda _: 1)
    assert office_of(store, bare).report() == (200, {"known": False})


def test_neither_log_nor_store_holds_anything_of_it(
    office: Office, applied: Resident, store: RedisStore, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        office.report("posted", value={"tracking": "QF0009999", "outlet": "平安区"})
    kept = b"".join(k + v for k, v in everything(store.client).items())
    for secret in (NUMBER, "QF0009999", "平安区", applied.openid, "event-posted"):
        assert secret not in caplog.text
        assert secret.encode() not in kept


def test_a_resident_of_a_month_ago_is_found(office: Office, applied: Resident, store: RedisStore) -> None:
    """Sessions live for thirty days; an application may take longer."""
    for key in list(store.client.scan_iter("sb:*:s:*")):
        store.client.delete(key)
    assert office.report() == (200, {"known": True})
    assert "【没有通过】" in told(applied)
