"""Counts and unanswered questions, as the commits write them and the console reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import redis
from conftest import ROOT, settings
from moment import Clock
from phone import Phone

from bot.app import Bot, create_app, create_bot
from bot.engine.scope import china_time
from bot.store.counts import Counts
from bot.store.packing import QUESTIONS_MOST, QUESTIONS_TTL
from bot.store.redis import SHARDS
from store.servers import cluster

Phones = Callable[..., Phone]
ASKED = "我叫测试丰，抚恤金怎么发？"


def days_of(phone: Phone) -> list[date]:
    """Around now: a phone's clock runs ahead of ours."""
    today = china_time(phone.at).date()
    return [today - timedelta(days=1), today, today + timedelta(days=1)]


@pytest.fixture
def counts(bot: Bot) -> Counts:
    return Counts(bot.client, bot.store.seal)


def test_every_turn_is_counted_by_day_and_revision(counts: Counts, phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.say("同意")
    phone.say("取消")
    days = days_of(phone)
    found = [held for held in counts.read(days, days[-1]).values() if held]
    assert len(found) == 1
    assert list(found[0]) == [phone.bot.content.revision]
    names = found[0][phone.bot.content.revision]
    assert names["report_loss.begun"] == names["asked:sign_in.consent"] == names["word.cancel"] == 1
    assert names["edge:sign_in.consent>id_number:agreed"] == 1
    assert names["left:sign_in.id_number:cancel"] == names["dropped:report_loss:cancel"] == 1


def test_the_counts_of_residents_add_up_over_the_shards(counts: Counts, make_phone: Phones) -> None:
    phones = [make_phone(name=f"resident{n}") for n in range(5)]
    for phone in phones:
        phone.say("你们有没有量子服务")
    assert len({phone.bot.store.owner(phone.openid).shard for phone in phones}) > 1
    days = days_of(phones[0])
    names = counts.read(days, days[-1])[days[1]][phones[0].bot.content.revision]
    assert names["unknown"] == 5


def test_past_days_are_asked_for_once(counts: Counts, bot: Bot) -> None:
    today = date(2026, 11, 22)
    past = today - timedelta(days=3)
    for at in (past, today):
        bot.client.hset(f"sb:{{s7}}:c:{at:%Y%m%d}", "r|unknown", 2)
        assert counts.read([at], today) == {at: {"r": {"unknown": 2}}}
        bot.client.hset(f"sb:{{s9}}:c:{at:%Y%m%d}", "r|unknown", 3)
    assert counts.read([past, today], today) == {past: {"r": {"unknown": 2}}, today: {"r": {"unknown": 5}}}


def test_a_question_shows_when_several_residents_asked_it_and_masked(
    counts: Counts, make_phone: Phones
) -> None:
    asking = [make_phone(name=f"resident{n}") for n in range(3)]
    days = days_of(asking[0])
    for _ in range(4):
        asking[0].say(ASKED)
    assert counts.questions(days) == (), "one resident's words, however often, are nobody's business"
    asking[1].say(ASKED.replace("，", ", "))
    asking[2].say("请问一下，抚恤金怎么发")
    [question] = counts.questions(days)
    assert question.text.replace(" ", "") == "我叫＊,抚恤金怎么发?"
    assert (question.times, question.residents) == (5, 2)
    assert question.last in days


def test_answers_to_an_open_question_are_no_questions(counts: Counts, make_phone: Phones) -> None:
    for n in range(3):
        phone = make_phone(name=f"resident{n}")
        phone.tap("挂失停用")
        phone.say("我有一个别的问题")
        assert not list(phone.bot.client.scan_iter(match="sb:*:u:*"))


def test_what_was_written_instead_of_an_answer_shows_where_masked(counts: Counts, make_phone: Phones) -> None:
    for n in range(3):
        phone = make_phone(name=f"resident{n}")
        phone.tap("挂失停用")
        phone.say("不想说可以吗")
        phone.say("同意")
        phone.say("身份证号码我不记得了")
        phone.say("身份证没带，电话13912345678")
        phone.say("66010119800101001X")  # a wrong one: nothing is left of it
        if n == 0:
            phone.say("只有我一个人这样写")
    found = {(q.at, q.text): (q.times, q.residents) for q in counts.instead(days_of(phone))}
    assert found == {
        ("sign_in.consent", "不想说可以吗"): (3, 3),
        ("sign_in.id_number", "身份证号码我不记得了"): (3, 3),
        ("sign_in.id_number", "身份证没带,电话＊"): (3, 3),
    }
    assert counts.questions(days_of(phone)) == ()


@pytest.mark.parametrize("words", ["王小明~", "我叫王小明王", "赵钱孙", "密码是123456"])
def test_what_tries_to_be_a_name_is_not_kept(bot: Bot, make_phone: Phones, words: str) -> None:
    phone = make_phone(name="resident1")
    phone.tap("挂失停用")
    phone.say("同意")
    phone.say(phone.person.id_number)
    phone.say(words)
    held = [value for key in bot.client.scan_iter(match="sb:*:i:*") for value in bot.client.hvals(key)]
    assert not held


def test_what_is_kept_names_nobody_and_goes_by_itself(bot: Bot, make_phone: Phones) -> None:
    phone = make_phone(name="resident1")
    phone.say(ASKED)
    owner = bot.store.owner(phone.openid)
    [key] = bot.client.scan_iter(match="sb:*:u:*")
    assert 0 < bot.client.ttl(key) <= QUESTIONS_TTL
    held = bot.client.hgetall(key)
    everything = key + b"".join((*held, *held.values()))
    for private in (owner.tag, owner.openid, "测试丰", "养老金"):
        assert private.encode() not in everything
    phone.say("删除我的信息")
    phone.tap("确认删除")
    assert bot.client.hgetall(key) == held, "there is no way from a resident to what they asked"


def test_a_flood_fills_one_day_of_one_shard_and_no_more(bot: Bot, make_phone: Phones) -> None:
    phone = make_phone(name="resident1")
    signs = "甲乙丙丁戊己庚辛壬癸"
    for n in range(QUESTIONS_MOST + 10):
        phone.say(f"量子{signs[n // 10]}{signs[n % 10]}怎么办")
    [key] = bot.client.scan_iter(match="sb:*:u:*")
    assert bot.client.hlen(key) == 2 * QUESTIONS_MOST


def test_what_an_old_key_sealed_is_left_out(bot: Bot, counts: Counts, make_phone: Phones) -> None:
    for n in range(3):
        make_phone(name=f"resident{n}").say("抚恤金怎么发")
    days = days_of(make_phone())
    assert counts.questions(days)
    for key in bot.client.scan_iter(match="sb:*:u:*"):
        for field in bot.client.hkeys(key):
            if field.endswith(b":text"):
                bot.client.hset(key, field, b"\0" * 40)
    assert counts.questions(days) == ()


@pytest.mark.slow
def test_a_cluster_is_read_like_one_server(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in servers[:3])
        bot = create_bot(ROOT, settings(f"redis+cluster://{hosts}"), Clock())
        client = create_app(bot).test_client()
        phones = [Phone(client, bot, "张三", f"resident{n}") for n in range(6)]
        for phone in phones:
            phone.say("抚恤金怎么发")
        days = days_of(phones[0])
        counts = Counts(bot.client, bot.store.seal)
        assert counts.read(days, days[-1])[days[1]][bot.content.revision]["unknown"] == 6
        assert counts.questions(days)[0].times == 6
        bot.client.close()


def test_reading_asks_redis_few_times(redis_url: str, counts: Counts) -> None:
    with redis.Redis.from_url(redis_url) as watch:
        before = watch.info("commandstats").get("cmdstat_hgetall", {}).get("calls", 0)
        counts.read([date(2026, 1, 1)], date(2026, 1, 1))
        assert watch.info("commandstats")["cmdstat_hgetall"]["calls"] - before == SHARDS
