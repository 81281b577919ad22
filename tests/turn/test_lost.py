"""Lost answers of Redis, requests that give up, sessions that are gone: nothing told to nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from conftest import SEAL_KEY, TAG_KEY

from bot.engine.content import Content
from bot.engine.events import Event, ImageReceived, TextReceived, Unsubscribed
from bot.ports import Later, Result, Unknown
from bot.store.connect import connect
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from bot.turn.turns import Settings, Turns
from turn.kit import (
    BRIEF,
    CARD,
    LOSS,
    PLENTY,
    RECEIPT,
    Clerk,
    LossyStore,
    OvertakenStore,
    Resident,
    Skips,
    moved,
    work,
)


@pytest.fixture
def turns(make_turns: Callable[..., Turns], lossy: LossyStore) -> Turns:
    return make_turns(lossy, budget=8.0)  # the first pauses are a thirtieth of it and four times that


@pytest.mark.parametrize(
    "lose",
    [("answer",), ("request",), ("answer", "answer"), ("", "answer"), ("", "request"), ("request", "answer")],
)
def test_a_lost_answer_of_redis_costs_nothing(
    resident: Resident, lossy: LossyStore, clerk: Clerk, lose: tuple[str, ...]
) -> None:
    resident.to_the_summary()
    lossy.lose = lose
    assert resident.say("确认停用").text.startswith("【已停用】")
    assert len(clerk.made(LOSS)) == 1
    assert resident.again().text.startswith("【已停用】")


def test_a_lost_answer_to_a_plain_message_costs_nothing(resident: Resident, lossy: LossyStore) -> None:
    resident.menu("CARD_LOSS")
    lossy.lose = ("answer",)
    assert "sign_in.id_number.ask" in resident.say("同意").says


@pytest.mark.slow
def test_a_request_that_gave_up_has_its_outcome_told_with_the_next_message(
    resident: Resident, make_turns: Callable[..., Turns], lossy: LossyStore, clerk: Clerk
) -> None:
    """Redis goes away while the call is made and comes back after the request was answered."""
    resident.to_the_summary()
    given_up = threading.Event()

    def slowly(_: object) -> Result:
        lossy.away = True
        given_up.wait(PLENTY)
        lossy.away = False
        return Result("done", RECEIPT)

    clerk.says[LOSS] = [slowly]
    resident = moved(resident, make_turns(lossy, budget=BRIEF))
    assert resident.say("确认停用").says == ("common.trouble",)
    given_up.set()
    assert _in_the_end(lambda: "【已停用】" in resident.say("在吗").text)
    assert len(clerk.made(LOSS)) == 1


def test_an_outcome_taken_by_a_commit_nobody_heard_of_is_told_again(
    resident: Resident, make_turns: Callable[..., Turns], lossy: LossyStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(lossy, resident.turns)
    lossy.away_after = 1
    resident = moved(resident, make_turns(lossy, Skips()))
    assert resident.say("天气不错").says == ("common.trouble",)
    lossy.away = False
    assert _in_the_end(lambda: "【已停用】" in resident.say("在吗").text)


def test_not_taken_now_says_nothing_about_an_attempt_that_may_have_been(
    resident: Resident, lossy: LossyStore, clerk: Clerk
) -> None:
    """The first attempt reached the bureau, the second did not: “not stopped” would be a lie."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer"), *[Result("unavailable")] * 8]
    resident.say("确认停用")
    for _ in range(8):
        assert work(lossy, resident.turns, kinds="j") == 1
        assert "report_loss.down" not in resident.say("天气不错").says
    work(lossy, resident.turns)
    assert "【已停用】" in resident.say("天气不错").text
    assert len(set(clerk.made(LOSS))) == 1


def test_an_attempt_whose_process_died_may_have_been_taken(
    resident: Resident, lossy: LossyStore, clerk: Clerk, shipped: Content
) -> None:
    resident.to_the_summary()
    services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
    settings = Settings(PLENTY, inline=0, per_minute=1000)
    dying = Turns(lossy, lambda _: shipped, services, settings, lambda _: 1)
    moved(resident, dying).say("确认停用")
    for found in [f for f in _all_due(lossy) if f[1].startswith("j:")]:
        assert lossy.claim(*found, 15) is not None  # and its worker is killed
    clerk.says[LOSS] = [Result("unavailable")] * 8
    for _ in range(7):
        work(lossy, resident.turns, kinds="j")
    assert "report_loss.down" not in resident.say("天气不错").says


def test_who_leaves_is_heard_however_much_they_wrote(
    lossy: LossyStore, clerk: Clerk, shipped: Content
) -> None:
    services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
    turns = Turns(lossy, lambda _: shipped, services, Settings(PLENTY, per_minute=2), lambda _: 1)
    resident = Resident(turns)
    for _ in range(4):
        resident.say("你好")
    resident.send(Unsubscribed(resident.later()))
    assert lossy.begin(lossy.owner(resident.openid), "").session is None


def test_a_look_up_of_a_deleted_resident_leaves_nothing(
    resident: Resident, lossy: LossyStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    resident.say("取消")
    begun, gate = threading.Event(), threading.Event()

    def slowly(_: object) -> Result:
        begun.set()
        gate.wait(PLENTY)
        return Result("found", CARD)

    clerk.says["card.find"] = [slowly]
    asking = threading.Thread(target=lambda: Resident.menu(moved(resident, resident.turns), "CARD_STATUS"))
    asking.start()
    assert begun.wait(PLENTY)
    moved(moved(resident, resident.turns), resident.turns).send(Unsubscribed(resident.at + 900))
    gate.set()
    asking.join()
    owner = lossy.owner(resident.openid)
    assert lossy.begin(owner, "").session is None
    assert not [f for f in _all_due(lossy) if f[1].startswith("j:")]
    assert not list(lossy.client.scan_iter(match="sb:*:j:*"))


@pytest.mark.parametrize("under_way", [False, True])
def test_whoever_leaves_while_a_match_comes_in_is_not_found_by_it(
    make_turns: Callable[..., Turns], redis_url: str, clerk: Clerk, under_way: bool
) -> None:
    """Their openid is kept nowhere, though the match was about to be noted; `under_way`: a change is, too."""
    store = OvertakenStore(connect(redis_url), Seal([SEAL_KEY], TAG_KEY))
    resident, elsewhere = Resident(make_turns(store)), make_turns()
    clerk.usual |= {
        "real_name.read_document": Result("good"),
        "real_name.check_family": Result("match", {"age_group": "child"}),
    }
    if under_way:
        resident.to_the_summary()
        clerk.says[LOSS] = [Unknown("no answer")]
        resident.say("确认停用")
        for said in ("给家里人办", "未满16岁的孩子", "同意", "660103201806010012", "测试宝"):
            resident.say(said)
        last: Event = ImageReceived(resident.at + 50, 1, "media-1")
    else:
        for said in ("挂失", "同意", "660101198001010018", "测试人"):
            resident.say(said)
        digits = "".join(c for c in resident.reply.text.partition("：")[2] if c.isdigit())
        last = TextReceived(resident.at + 50, 1, digits)
    store.first = lambda: moved(resident, elsewhere).send(Unsubscribed(resident.at + 200))
    resident.send(last)
    assert store.first is None, "it was overtaken"
    assert len(store.jobs_of(store.owner(resident.openid))[0]) == under_way
    assert not list(store.client.scan_iter("sb:people:*"))


def test_the_end_of_a_change_is_told_even_where_the_session_is_gone(
    resident: Resident, lossy: LossyStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    owner = lossy.owner(resident.openid)
    lossy.client.delete(owner.key("s", owner.tag))
    work(lossy, resident.turns)
    assert "【已停用】" in resident.say("在吗").text


def test_a_deleted_residents_change_is_told_and_then_nothing_is_kept(
    resident: Resident, lossy: LossyStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    resident.say("删除我的信息")
    resident.say("确认删除")
    owner = lossy.owner(resident.openid)
    assert lossy.begin(owner, "").session is not None, "the open change"
    work(lossy, resident.turns, kinds="j")
    begun = lossy.begin(owner, "")
    assert begun.session is None
    assert len(begun.outbox) == 1
    assert not lossy.client.exists(owner.key("t", owner.tag))
    assert "【已停用】" in resident.say("天气不错").text
    assert len(clerk.made(LOSS)) == 2


def test_a_service_that_answers_later_is_asked_again_with_the_same_key(
    resident: Resident, lossy: LossyStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Later(), Later()]
    assert "report_loss.slow" in resident.say("确认停用").says
    for _ in range(2):
        work(lossy, resident.turns)
    assert "【已停用】" in resident.say("天气不错").text
    assert len(set(clerk.made(LOSS))) == 1


def _all_due(store: RedisStore) -> list[tuple[int, str]]:
    for key in store.client.scan_iter(match="sb:*:due"):
        for member in store.client.zrange(key, 0, -1):
            store.client.zadd(key, {member: 1})
    return list(store.due())


def _in_the_end(found: Callable[[], bool]) -> bool:
    until = time.monotonic() + PLENTY
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(0.05)
    return False
