"""The turn under parallel and repeated deliveries, slow and silent services, crashes, Redis being away.

A clerk plays every service: it answers what it is told to, and writes down each call with its key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW, day

from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.engine.events import ImageReceived, TextReceived, Unsubscribed
from bot.kit.embedded import EmbeddedValkey
from bot.ports import Result, Unknown
from bot.reading.clean import Said
from bot.reading.guess import Guess, Guesser
from bot.store.connect import connect
from bot.store.outbox import Outbox
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from bot.turn.jobs import Worker
from bot.turn.turns import Settings, Turns
from turn.kit import BRIEF, CARD, LOSS, PLENTY, RECEIPT, Clerk, Resident, Skips, moved, work


# --- the plain path --------------------------------------------------------------------------------
def test_a_loss_is_reported_once_and_told(resident: Resident, clerk: Clerk) -> None:
    resident.to_the_summary()
    reply = resident.say("确认停用")
    assert reply.text.startswith("【已停用】")
    assert len(clerk.made(LOSS)) == 1


def test_a_message_costs_two_round_trips_and_a_call_two_more(resident: Resident, store: RedisStore) -> None:
    resident.menu("CARD_LOSS")

    def commands() -> int:
        return int(store.client.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))

    before = commands()
    resident.say("同意")
    assert commands() - before == 2
    resident.say("660101198001010018")
    resident.say("测试人")
    before = commands()
    resident.say("没有数字")
    assert commands() - before == 2


# --- repeated and parallel deliveries ---------------------------------------------------------------
def test_the_same_delivery_again_gets_the_same_answer_and_calls_nothing(
    resident: Resident, clerk: Clerk
) -> None:
    resident.to_the_summary()
    first = resident.say("确认停用")
    calls = len(clerk.calls)
    assert resident.again() == first
    assert resident.again() == first
    assert len(clerk.calls) == calls


def test_ten_parallel_deliveries_of_one_message_make_one_report_and_one_answer(
    resident: Resident, clerk: Clerk
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [lambda _: time.sleep(0.2) or Result("done", RECEIPT)]
    event = TextReceived(resident.later(), 1, "确认停用")
    with ThreadPoolExecutor(10) as pool:
        told = list(
            pool.map(lambda _: resident.turns.handle(resident.openid, "gh_1", "one", event), range(10))
        )
    assert len(clerk.made(LOSS)) == 1
    assert {t.reply.text for t in told} == {told[0].reply.text}
    assert told[0].reply.text.startswith("【已停用】")


def test_two_different_confirmations_at_once_make_one_report(resident: Resident, clerk: Clerk) -> None:
    """An impatient resident taps twice: two messages, two deliveries, one loss report."""
    resident.to_the_summary()
    events = [TextReceived(resident.later(), 1, "确认停用"), TextReceived(resident.later(), 2, "确认停用")]
    barrier = threading.Barrier(2)

    def send(event: TextReceived) -> str:
        barrier.wait()
        return resident.turns.handle(resident.openid, "gh_1", f"d{event.at}", event).reply.text

    with ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(send, events))
    assert len(set(clerk.made(LOSS))) == 1
    assert len(clerk.made(LOSS)) == 1
    assert any(text.startswith("【已停用】") for text in texts)
    assert all(texts)


def test_thirty_parallel_messages_lose_none(make_turns: Callable[..., Turns], store: RedisStore) -> None:
    """Whoever loses the race for the session runs the step again: every message counts and is answered."""
    turns = make_turns()
    at = NOW

    def send(n: int) -> Reply:
        return turns.handle("o-made-up", "gh_1", f"d{n}", TextReceived(at + n, n, "你好")).reply

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(30)))
    assert all(r.kind == "text" and "common.trouble" not in r.says for r in replies)
    assert len(store.trace(store.owner("o-made-up"))) == 30


# --- slow, silent and absent services ------------------------------------------------------------------
def test_a_slow_call_is_answered_within_the_budget_and_told_with_the_next_message(
    resident: Resident, make_turns: Callable[..., Turns], clerk: Clerk
) -> None:
    resident.to_the_summary()
    resident = moved(resident, make_turns(budget=BRIEF))
    gate = threading.Event()
    clerk.says[LOSS] = [lambda _: gate.wait(PLENTY) and Result("done", RECEIPT)]
    reply = resident.say("确认停用")  # the call is still under way
    assert "report_loss.slow" in reply.says
    assert "已停用】" not in reply.text
    again = resident.again()
    assert again == reply, "a repeated delivery gets the answer that was given"
    gate.set()
    until = time.monotonic() + PLENTY
    while not resident.say("在吗").text.startswith("【已停用】"):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert len(clerk.made(LOSS)) == 1


def test_an_unknown_result_is_sent_again_with_the_same_key_and_never_called_done(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer"), Unknown("no answer")]
    reply = resident.say("确认停用")
    assert "report_loss.not_sure" in reply.says
    assert "【已停用】" not in reply.text
    assert "common.submitting" in resident.say("返回").says
    assert "common.submitting" in resident.say("取消").says
    assert work(store, resident.turns) >= 1
    assert work(store, resident.turns) >= 1
    assert "【已停用】" in resident.say("天气不错").text
    keys = clerk.made(LOSS)
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_surely_not_taken_is_tried_again_and_then_said(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Result("unavailable")] * 6
    assert "report_loss.slow" in resident.say("确认停用").says
    for _ in range(5):
        work(store, resident.turns)
    told = resident.say("天气不错")
    assert "report_loss.down" in told.says
    assert "还没有停用" in told.text
    assert len(set(clerk.made(LOSS))) == 1


def test_a_bug_in_an_adapter_is_no_outcome(resident: Resident, clerk: Clerk, store: RedisStore) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [ZeroDivisionError()]
    assert "report_loss.not_sure" in resident.say("确认停用").says
    assert resident.settled(
        lambda: work(store, resident.turns, kinds="j")
    )  # the bug is noted after the answer
    assert "【已停用】" in resident.say("天气不错").text


def test_beyond_the_inline_calls_a_message_is_answered_slow_at_once(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    turns = make_turns(inline=1)
    first, second = Resident(turns, "o-first"), Resident(turns, "o-second")
    for one in (first, second):
        one.to_the_summary()
    gate = threading.Event()
    clerk.says[LOSS] = [lambda _: gate.wait(PLENTY) and Result("done", RECEIPT)]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(first.say, "确认停用")
        while not clerk.made(LOSS):
            time.sleep(0.01)
        reply = second.say("确认停用")
        assert not waiting.done(), "it does not wait for the other's call"
        assert "report_loss.slow" in reply.says
        gate.set()
        assert "【已停用】" in waiting.result().text
    work(store, turns)
    assert "【已停用】" in second.say("天气不错").text
    assert len(clerk.made(LOSS)) == 2


# --- crashes -------------------------------------------------------------------------------------------
def test_a_process_that_dies_before_the_call_leaves_a_job_that_a_worker_finishes(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    resident = Resident(make_turns())
    resident.to_the_summary()
    dying = make_turns(inline=0)  # commits the job, runs nothing
    reply = Resident.say(moved(resident, dying), "确认停用")
    assert "report_loss.slow" in reply.says
    assert clerk.made(LOSS) == []
    work(store, resident.turns)
    assert len(clerk.made(LOSS)) == 1
    assert "【已停用】" in resident.say("天气不错").text


def test_two_workers_on_one_job_report_once(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    resident = Resident(make_turns())
    resident.to_the_summary()
    Resident.say(moved(resident, make_turns(inline=0)), "确认停用")
    for key in store.client.scan_iter(match="sb:*:due"):
        for member in store.client.zrange(key, 0, -1):
            store.client.zadd(key, {member: 1})
    found = [f for f in store.due() if f[1].startswith("j:")]
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda _: Worker(store, resident.turns).take(*found[0]), range(2)))
    assert sorted(taken) == [False, True]
    assert len(clerk.made(LOSS)) == 1


@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("words", ["好的", "是", "嗯"])
def test_nobody_agrees_to_a_summary_that_was_not_told_yet(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore, words: str, pushed: bool
) -> None:
    """A look-up takes long, and its outcome leads to the summary: it waits, or a push has just taken it, and
    what was read is “please wait”."""
    resident = Resident(make_turns())
    resident.to_the_summary()
    resident.say("确认停用")
    clerk.usual |= {
        "card.find": Result("found", {**CARD, "state": "temporary_loss", "until": day(8)}),
        "real_name.match_face": Result("match"),
        "card.cancel_loss": Result("done", {}),
    }
    resident.menu("CARD_FOUND")
    resident.say("同意刷脸")
    resident = moved(resident, make_turns(inline=0, can_push=pushed))
    resident.send(ImageReceived(resident.later(), resident.at, "media-1"))
    work(store, resident.turns, kinds="j")
    owner, outbox = store.owner(resident.openid), Outbox(store)
    assert "cancel_loss.check" in store.begin(owner, "").outbox[0].says
    if pushed:
        store.client.zadd(owner.key("due"), {f"p:{owner.tag}": 1})
        claimed = outbox.claim(owner.shard, f"p:{owner.tag}", 30)
        assert claimed
    assert resident.say(words).says[-2:] == ("common.redo", "cancel_loss.check")
    assert clerk.made("card.cancel_loss") == []
    if pushed:
        assert outbox.finish(claimed, 1, 1, 0)
    resident.say(words)
    work(store, resident.turns, kinds="j")
    assert len(clerk.made("card.cancel_loss")) == 1


def test_an_attempt_that_outlives_its_lease_does_not_say_that_nothing_was_done(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    """A second one is under way by then, and the bureau has taken that."""
    resident = Resident(make_turns())
    resident.to_the_summary()
    resident = moved(resident, make_turns(inline=0))
    resident.say("确认停用")
    owner, settle = store.owner(resident.openid), resident.turns.background.settle
    ((report,), _) = store.jobs_of(owner)
    for attempt in (1, 2):
        store.jobs.put_off(owner.shard, f"j:{report.member}", 0)
        claimed = store.claim(owner.shard, f"j:{report.member}", 15)
        assert claimed is not None
        assert (claimed.attempt, claimed.doubt) == (attempt, attempt > 1)
    assert not settle(owner, report, 1, Result("unavailable")).done
    assert "report_loss.down" not in resident.say("好了吗").says
    assert settle(owner, report, 2, clerk.usual[LOSS]).done
    assert "【已停用】" in resident.say("好了吗").text


def test_an_outcome_that_comes_twice_leads_on_once(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    """From a callback and a worker, or after a lease: the second makes no calls and tells nothing."""
    resident = Resident(make_turns(inline=0))
    for said in ("挂失", "同意", "660101198001010018", "测试人"):
        resident.say(said)
    resident.say("".join(c for c in resident.reply.text.partition("：")[2] if c.isdigit()))
    owner, settle = store.owner(resident.openid), resident.turns.background.settle
    ((check,), _) = store.jobs_of(owner)
    matched = clerk.usual["real_name.check"]
    (find,) = settle(owner, check, 1, matched).jobs
    assert find.call.action == "card.find"
    claimed = store.claim(owner.shard, f"j:{find.member}", 15)
    assert claimed is not None, "at once"
    assert (claimed.attempt, claimed.doubt) == (1, False)
    before = store.trace(owner)
    assert not settle(owner, check, 1, matched).done
    assert store.trace(owner) == before


def test_a_receipt_that_comes_twice_is_told_once(
    make_turns: Callable[..., Turns], clerk: Clerk, store: RedisStore
) -> None:
    """Its change outlives the session, so the session alone cannot know that it was told."""
    resident = Resident(make_turns())
    resident.to_the_summary()
    resident = moved(resident, make_turns(inline=0))
    resident.say("确认停用")
    owner, settle = store.owner(resident.openid), resident.turns.background.settle
    ((report,), _) = store.jobs_of(owner)
    done = clerk.usual[LOSS]
    assert settle(owner, report, 1, done).done
    before = store.trace(owner)
    assert "report_loss.done_temporary" in str(before[-1])
    assert not settle(owner, report, 1, done).done
    assert store.trace(owner) == before


def test_redis_away_is_said_kindly_and_over_by_itself(
    valkey: EmbeddedValkey, clerk: Clerk, shipped: Content, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # always: on a busy disk everysec may keep two seconds back
    with EmbeddedValkey(tmp_path_factory.mktemp("away"), ("--appendfsync", "always")) as own:
        store = RedisStore(connect(own.url), Seal([SEAL_KEY], TAG_KEY))
        services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
        runtime = Skips()
        turns = Turns(store, lambda _: shipped, services, Settings(PLENTY), lambda _: 1, runtime=runtime)
        resident = Resident(turns)
        resident.to_the_summary()
        own.kill()
        reply = resident.say("确认停用")
        assert 0 < runtime.skipped < PLENTY
        assert reply.says == ("common.trouble",)
        assert "没有" not in reply.text, "a trouble text never says that nothing was done"
        own.stop()
        own.start()
        assert "【已停用】" in resident.say("确认停用").text
        assert len(clerk.made(LOSS)) == 1


# --- timers, deletion, rate ------------------------------------------------------------------------------
def test_a_reminder_that_cannot_be_pushed_is_dropped(resident: Resident, store: RedisStore) -> None:
    resident.menu("CARD_LOSS")
    assert work(store, resident.turns) == 1
    assert "common.remind" not in resident.say("同意").says


def test_a_timer_that_a_message_has_moved_meanwhile_waits_its_time(
    resident: Resident, store: RedisStore
) -> None:
    resident.menu("CARD_LOSS")
    owner = store.owner(resident.openid)
    member = f"t:{owner.tag}"
    store.jobs.put_off(owner.shard, member, 0)
    claimed = store.claim(owner.shard, member, 15)
    assert claimed is not None
    resident.say("同意")
    asked = store.begin(owner, "")
    resident.turns.run_timer(owner, claimed.version)
    assert store.begin(owner, "").version == asked.version, "it neither reminds nor ends what is under way"
    assert member not in [found for _, found in store.due()]
    resident.turns.run_timer(owner, asked.version)
    assert store.begin(owner, "").version != asked.version


def test_unfollowing_deletes_everything_but_the_count_of_failed_checks(
    resident: Resident, store: RedisStore
) -> None:
    resident.to_the_summary()
    resident.send(Unsubscribed(resident.later()))
    tag = store.owner(resident.openid).tag
    left = [k.decode() for k in store.client.scan_iter(match=f"*{tag}*")]
    assert all(":d:" in key or ":r:" in key or ":t:" in key for key in left), left
    assert resident.say("1").says != ("report_loss.check",)


def test_too_many_messages_in_a_minute_are_slowed_down(make_turns: Callable[..., Turns]) -> None:
    resident = Resident(make_turns(per_minute=5))
    says = [resident.say("你好").says for _ in range(7)]
    assert says[4] != ("common.too_fast",)
    assert says[6] == ("common.too_fast",)


def test_everything_stored_is_sealed(resident: Resident, store: RedisStore) -> None:
    resident.to_the_summary()
    dump = b""
    for key in store.client.scan_iter():
        dump += key + redis.Redis.dump(store.client, key)
    for secret in ("660101198001010018", "测试人", "o-made-up"):
        assert secret.encode() not in dump
    assert len(dump) > 1000


def test_free_words_are_guessed_only_where_nothing_else_answers(turns: Turns) -> None:
    asked: list[str] = []

    class Listens(Guesser):
        def guess(self, message: Said) -> Guess:
            asked.append(message.text)
            return Guess()

    shipped = turns.content("")
    turns.content = lambda _: replace(shipped, guesser=Listens())
    resident = Resident(turns)
    resident.to_the_summary()
    assert asked == []
    resident.say("紫色的长颈鹿")
    assert asked == ["紫色的长颈鹿"]
