"""Answers that were written down and reached nobody: told again, by the next turn or a push."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bot.engine.effects import Reply
from bot.engine.events import TextReceived, TimePassed, Unsubscribed
from bot.engine.session import Session
from bot.engine.step import StepResult
from bot.ports import Unknown
from bot.store.connect import server_time
from bot.store.packing import CONFIRMED_WITHIN, SESSION_TTL
from bot.store.records import CommitRequest, ResidentKey
from bot.store.redis import RedisStore
from bot.turn.attempts import drive
from bot.turn.decision import Decision, Occasion
from bot.turn.turns import Turns
from turn.kit import (
    LOSS,
    PLENTY,
    Clerk,
    LossyStore,
    Mailbox,
    Resident,
    Skips,
    moved,
    scripts_run,
    work,
)

Make = Callable[..., Turns]


@pytest.fixture
def turns(make_turns: Make) -> Turns:
    return make_turns(can_push=True)


@pytest.fixture
def cut_off(resident: Resident) -> Resident:
    """The card is reported lost; of the receipt, the process died before it was sent."""
    resident.to_the_summary()
    resident.connected = False
    assert "【已停用】" in resident.say("确认停用").text
    resident.connected = True
    return resident


def age(store: RedisStore, resident: Resident, seconds: int) -> None:
    owner = store.owner(resident.openid)
    store.client.hincrby(owner.key("h", owner.tag), "at", -seconds)


def test_an_answer_that_reached_nobody_is_told_by_the_next_turn_once(cut_off: Resident) -> None:
    told = cut_off.say("天气不错")
    assert told.text.startswith("【已停用】")
    assert told.options, "with its follow-ups"
    assert "【已停用】" not in cut_off.say("天气不错").text


def test_it_stands_before_what_is_said_now_until_that_reached_somebody(cut_off: Resident) -> None:
    for connected in (False, False, True):
        cut_off.connected = connected
        told = cut_off.say("帮助")
        assert told.text.startswith("【已停用】")
        assert told.says[-1] == "common.help"
    assert cut_off.say("帮助").says == ("common.help",)


def too_busy(resident: Resident, ask: Callable[[], object]) -> None:
    """WeChat hangs up, and its repetition has waited in a queue."""
    resident.connected = False
    ask()
    told = resident.turns.handle(resident.openid, "gh_1", *resident.last, 20.0)
    told.on_sent()
    assert told.reply.says == ("common.too_busy",)
    assert resident.settled(lambda: pinned(resident) == told.reply)
    resident.connected = True


def trouble(resident: Resident, ask: Callable[[], object]) -> None:
    """The turn is written, and the store's answer lost with the store."""
    store = resident.turns.store
    assert isinstance(store, LossyStore)
    store.away_after = 1
    ask()
    assert resident.reply.says == ("common.trouble",)
    store.away = False
    assert resident.settled(lambda: pinned(resident) == resident.reply)


def pinned(resident: Resident) -> Reply | None:
    store = resident.turns.store
    return store.begin(store.owner(resident.openid), resident.last[0]).reply


@pytest.mark.parametrize("lost", [too_busy, trouble])
def test_nobody_agrees_to_what_reached_nobody(
    make_turns: Make, lossy: LossyStore, clerk: Clerk, lost: Callable[[Resident, Callable[[], object]], None]
) -> None:
    resident = Resident(make_turns(lossy, Skips()))
    lost(resident, lambda: resident.menu("CARD_LOSS"))
    assert "sign_in.privacy" in resident.say("好的").says, "the consent is asked for once more"
    assert not session_of(resident).consents
    resident.to_the_kind()
    lost(resident, lambda: resident.say("1"))
    assert "report_loss.check" in resident.say("好的").says, "so is the change"
    assert clerk.made(LOSS) == []
    assert "【已停用】" in resident.say("好的").text
    assert len(clerk.made(LOSS)) == 1


def test_what_waits_is_told_where_new_content_knows_the_open_step_no_more(
    resident: Resident, store: RedisStore
) -> None:
    """A request that waits for a call tells what came of it from the session as it was stored."""
    resident.to_the_summary()
    owner, session = store.owner(resident.openid), session_of(resident)
    session = replace(session, frames=(replace(session.frames[-1], step="gone"),))
    event, reply = TimePassed(resident.at), Reply(text="一")
    decision = Decision(Occasion.ANSWER, event, StepResult(session, ()), fallback=reply)
    attempts = resident.turns.runtime.attempts(PLENTY)
    wrote = drive(resident.turns.transact(owner, "d", lambda _: decision, attempts))
    assert (wrote.done, wrote.reply) == (True, reply)


def session_of(resident: Resident) -> Session:
    store = resident.turns.store
    session = store.begin(store.owner(resident.openid), "").session
    assert session
    return session


def test_a_repetition_that_hears_it_settles_it(cut_off: Resident) -> None:
    assert cut_off.again().text.startswith("【已停用】")
    assert cut_off.say("帮助").says == ("common.help",)


def test_it_is_pushed_once_wechat_has_stopped_asking(
    cut_off: Resident, store: RedisStore, mailbox: Mailbox
) -> None:
    assert work(store, cut_off.turns, mailbox, "p") == 0
    assert mailbox.pushed == []
    age(store, cut_off, CONFIRMED_WITHIN)
    assert work(store, cut_off.turns, mailbox, "p") == 1
    assert mailbox.text.startswith("【已停用】")
    assert cut_off.say("帮助").says == ("common.help",)


def test_what_was_heard_is_not_pushed(resident: Resident, store: RedisStore, mailbox: Mailbox) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    owner = store.owner(resident.openid)
    assert not store.client.exists(owner.key("h", owner.tag)), "nothing is held any more"
    assert work(store, resident.turns, mailbox, "p") == 0
    assert mailbox.pushed == []


def test_what_the_outbox_had_is_held_with_the_answer_that_told_it(
    resident: Resident, store: RedisStore, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(store, resident.turns, kinds="j")
    resident.connected = False
    assert resident.say("天气不错").text.startswith("【已停用】")
    resident.connected = True
    told = resident.say("帮助")
    assert told.text.count("【已停用】") == 1
    assert told.says[-1] == "common.help"


def test_what_is_held_waits_no_longer_than_anything_else(cut_off: Resident, store: RedisStore) -> None:
    """A timer comes by: it tells nothing, and what was held waits in the outbox for as long as that lasts."""
    owner = store.owner(cut_off.openid)
    begun = store.begin(owner, "")
    plan = CommitRequest(begun.version, begun.session, begun.now, unconfirmed=begun.unconfirmed)
    assert store.commit(owner, "", plan) == "done"
    assert not store.client.exists(owner.key("h", owner.tag))
    assert 0 < store.client.ttl(owner.key("o", owner.tag)) <= SESSION_TTL
    assert cut_off.say("天气不错").text.startswith("【已停用】")


def test_nothing_of_it_outlives_a_deletion(cut_off: Resident, store: RedisStore) -> None:
    cut_off.connected = False
    cut_off.say("删除我的信息")  # too long to carry it
    assert "【已停用】" in cut_off.say("确认删除").text
    owner = store.owner(cut_off.openid)
    assert not store.begin(owner, "").session
    cut_off.connected = True
    cut_off.say("天气不错")
    assert not store.client.exists(owner.key("h", owner.tag), owner.key("o", owner.tag))


def test_repetitions_of_a_message_that_met_trouble_take_nothing_out_of_the_outbox(
    make_turns: Make, lossy: LossyStore, clerk: Clerk
) -> None:
    """WeChat shows the first answer; what a late repetition says, nobody sees."""
    resident = Resident(make_turns(lossy))
    resident.to_the_summary()
    resident = moved(resident, make_turns(lossy, Skips()))
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(lossy, resident.turns, kinds="j")
    lossy.away = True
    assert resident.say("天气不错").says == ("common.trouble",)
    lossy.away = False
    assert resident.settled(lambda: lossy.begin(lossy.owner(resident.openid), resident.last[0]).reply)
    assert resident.again().says == ("common.trouble",)
    assert resident.say("天气不错").text.startswith("【已停用】")


def test_a_change_that_a_message_in_trouble_led_to_is_told_by_the_next_one(
    make_turns: Make, lossy: LossyStore
) -> None:
    """Delivered twice at once: one meets trouble and is shown, the other is told the result, which is not."""
    resident = Resident(make_turns(lossy))
    resident.to_the_summary()
    resident = moved(resident, make_turns(lossy, Skips()))
    assert resident.say("确认停用").text.startswith("【已停用】")  # heard, as far as its process can know
    lossy.away = True
    assert resident.again().says == ("common.trouble",)
    lossy.away = False
    assert resident.settled(lambda: resident.again().says == ("common.trouble",))
    assert resident.say("天气不错").text.startswith("【已停用】")
    assert "【已停用】" not in resident.say("天气不错").text


def test_a_change_under_way_for_a_message_in_trouble_waits_for_the_next_one(
    make_turns: Make, lossy: LossyStore, clerk: Clerk
) -> None:
    resident = Resident(make_turns(lossy))
    resident.to_the_summary()
    resident = moved(resident, make_turns(lossy, Skips()))
    resident = moved(resident, make_turns(lossy, Skips(), inline=0))
    clerk.says[LOSS] = [Unknown("no answer")]
    lossy.away_after = 1  # written, and nobody learns it
    assert resident.say("确认停用").says == ("common.trouble",)
    lossy.away = False
    assert resident.settled(lambda: resident.again().says == ("common.trouble",))
    work(lossy, resident.turns, kinds="j")
    work(lossy, resident.turns, kinds="j")
    assert resident.again().says == ("common.trouble",)
    assert "【已停用】" in resident.say("天气不错").text


def test_a_message_in_trouble_whose_answer_reached_nobody_is_done_by_its_repetition(
    make_turns: Make, lossy: LossyStore
) -> None:
    resident = Resident(make_turns(lossy, Skips()))
    resident.connected, lossy.away = False, True
    event = TextReceived(resident.later(), 5, "帮助")
    assert resident.send(event, "one").says == ("common.trouble",)
    resident.connected, lossy.away = True, False
    assert resident.send(event, "one").says == ("common.help",)


def test_a_deletion_that_met_trouble_is_done_by_its_repetition(
    make_turns: Make, lossy: LossyStore, store: RedisStore
) -> None:
    resident = Resident(make_turns(lossy))
    resident.to_the_summary()
    resident = moved(resident, make_turns(lossy, Skips()))
    resident.connected, lossy.away = False, True  # the webhook does not count it as answered
    resident.send(Unsubscribed(resident.later()), "gone")
    lossy.away = False
    resident.send(Unsubscribed(resident.at), "gone")
    assert store.begin(store.owner(resident.openid), "").session is None


def test_what_has_waited_too_long_is_turned_away_at_once_and_not_done_when_it_is_repeated(
    make_turns: Make, store: RedisStore
) -> None:
    turns = make_turns(budget=4.0)
    resident = Resident(turns)
    resident.say("你好")
    delivery, event = "late", TextReceived(resident.later(), text="帮助")
    ran = scripts_run(store.client)
    told = turns.handle(resident.openid, "gh_1", delivery, event, waited=2.6)
    assert told.reply.says == ("common.too_busy",)
    assert scripts_run(store.client) == ran, "the store has enough to do"
    told.on_sent()
    assert resident.settled(lambda: store.begin(store.owner(resident.openid), delivery).reply)
    assert resident.send(event, delivery).says == ("common.too_busy",)
    assert resident.say("帮助").says == ("common.help",)


def test_who_leaves_is_heard_however_long_it_waited(make_turns: Make, store: RedisStore) -> None:
    turns = make_turns()
    resident = Resident(turns)
    resident.say("你好")
    assert turns.handle(
        resident.openid, "gh_1", "gone", Unsubscribed(resident.later()), waited=0.8 * PLENTY
    ).done
    assert store.begin(store.owner(resident.openid), "").session is None


def test_what_a_delivery_has_waited_is_taken_from_its_budget(make_turns: Make, store: RedisStore) -> None:
    class Noting(RedisStore):
        def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
            deadlines.append(plan.not_after)
            return super().commit(owner, delivery, plan)

    deadlines: list[float] = []
    turns = make_turns(Noting(store.client, store.seal), budget=PLENTY)
    resident = Resident(turns)
    said = TextReceived(resident.later(), text="你好")
    turns.handle(resident.openid, "gh_1", "waited", said, waited=PLENTY / 2)
    assert deadlines[0] < server_time(store.client) + 1 + PLENTY / 2


def test_what_came_too_fast_is_not_done_when_it_is_repeated(make_turns: Make, store: RedisStore) -> None:
    resident = Resident(make_turns(per_minute=1))
    resident.say("你好")
    assert resident.say("帮助").says == ("common.too_fast",)
    delivery, event = resident.last
    assert resident.settled(lambda: store.begin(store.owner(resident.openid), delivery).reply)
    slower = moved(resident, make_turns())
    assert slower.send(event, delivery).says == ("common.too_fast",)
    assert slower.say("帮助").says == ("common.help",)
