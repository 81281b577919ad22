"""The same code over Redis Cluster and over Sentinel: whole conversations, a failover in the middle."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from conftest import ROOT, settings
from moment import Clock
from page.browser import LINK, SEVEN_DAYS, Page
from phone import Phone
from redis.cluster import RedisCluster

from bot.app import Bot, create_app, create_bot
from bot.services.ledger import Ledger
from bot.store.connect import connect, copies
from store.servers import PATIENCE, Server, cluster, sentinels, until

pytestmark = pytest.mark.slow


def report(phone: Phone) -> str:
    """A temporary loss report, from the menu to the receipt."""
    to_the_summary(phone)
    through(phone, lambda: phone.tap("确认停用"), "【已停用】")
    return phone.bubble.text


def to_the_summary(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    through(phone, lambda: phone.say("1"), "确认停用")  # on a busy machine a failover may come of itself


def through(phone: Phone, act: Callable[[], object], found: str) -> None:
    """Again and again, as a resident who is asked to come back in a minute."""
    end = time.monotonic() + PATIENCE
    act()
    while found not in phone.bubble:
        assert time.monotonic() < end, phone.bubble.text
        time.sleep(0.3)
        if "确认停用" in phone.bubble.answers:
            phone.tap("确认停用")
        else:
            phone.say("再说一遍")


def reports(bot: Bot) -> list[str]:
    """The keys under which losses were reported at the bureau."""
    ledger = Ledger(bot.client, bot.store.seal)
    return [o["key"] for o in ledger.operations() if o["action"] == "card.report_loss"]


def phones(bot: Bot) -> list[Phone]:
    client = create_app(bot).test_client()
    return [Phone(client, bot, name) for name in ("张三", "李小芳")]


def with_worker(bot: Bot) -> Callable[[], None]:
    worker = bot.worker()
    thread = threading.Thread(target=worker.run)
    thread.start()

    def stop() -> None:
        worker.stop()
        thread.join()

    return stop


def slot_of(bot: Bot, servers: list[Server], phone: Phone) -> tuple[int, Server, Server]:
    """The slot of a resident's keys, where it is, and where it may go."""
    owner = bot.store.owner(phone.openid)
    assert isinstance(bot.client, RedisCluster)
    key = owner.key("s", owner.tag)
    node = bot.client.get_node_from_key(key)
    assert node is not None
    here = next(s for s in servers if s.port == node.port)
    there = next(s for s in servers[:3] if s is not here)
    return int(bot.client.keyslot(key)), here, there


@contextmanager
def moving(bot: Bot, servers: list[Server], phone: Phone) -> Iterator[None]:
    slot, here, there = slot_of(bot, servers, phone)
    mine, other = (s.client.execute_command("CLUSTER", "MYID") for s in (here, there))
    there.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", mine)
    here.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", other)
    try:
        yield
    finally:
        moved_back(bot, servers, phone)


def moved_back(bot: Bot, servers: list[Server], phone: Phone) -> None:
    slot, here, there = slot_of(bot, servers, phone)
    for server in (here, there):
        server.client.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")


def test_conversations_on_a_cluster_and_a_failover_in_the_middle(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in servers[:2])
        bot = create_bot(ROOT, settings(f"redis+cluster://{hosts}"), Clock())
        assert bot.turns.settings.copies == 1
        stop = with_worker(bot)
        try:
            one, other = phones(bot)
            assert "【已停用】" in report(one)
            to_the_summary(other)
            owner = bot.store.owner(other.openid)
            assert isinstance(bot.client, RedisCluster)
            node = bot.client.get_node_from_key(owner.key("s", owner.tag))
            assert node is not None
            next(s for s in servers if s.port == node.port).kill()
            through(other, lambda: other.say("重复"), "已")
            assert re.search("【已停用】|已经", other.bubble.text)
            assert until(lambda: len(reports(bot)) >= 2)
            assert len(reports(bot)) == len(set(reports(bot))) == 2
        finally:
            stop()
            bot.client.close()


def test_the_page_on_a_cluster(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in servers[:3])
        url = f"redis+cluster://{hosts}"
        bot = create_bot(ROOT, settings(url, page="link", public_url="http://127.0.0.1/wechat"), Clock())
        app = create_app(bot)
        chat = Phone(app.test_client(), bot)
        try:
            chat.say("卡丢了")
            chat.tap("同意，继续")
            screen = Page(app).open(chat.bubble.links[LINK])
            assert screen.status == 200
            screen.fill(chat.person.id_number, chat.person.name, screen.code)
            screen.press(SEVEN_DAYS)
            screen.press("确认停用")
            assert "【已停用】" in screen.html
        finally:
            bot.client.close()


def test_conversations_with_sentinels_and_a_failover_in_the_middle(tmp_path: Path) -> None:
    with sentinels(tmp_path) as (data, watchers):
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in watchers)
        bot = create_bot(ROOT, settings(f"redis+sentinel://{hosts}/shebao"), Clock())
        stop = with_worker(bot)
        try:
            one, other = phones(bot)
            assert "【已停用】" in report(one)
            to_the_summary(other)
            data[0].kill()
            through(other, lambda: other.say("重复"), "已")
            assert until(lambda: len(reports(bot)) >= 2)
            assert len(reports(bot)) == len(set(reports(bot))) == 2
        finally:
            stop()
            bot.client.close()


def test_a_planned_failover_loses_no_report(tmp_path: Path) -> None:
    """Open connections stay on the old primary for some ten seconds; what it takes then, nobody keeps."""
    with sentinels(tmp_path) as (data, watchers):
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in watchers)
        bot = create_bot(ROOT, settings(f"redis+sentinel://{hosts}/shebao"), Clock())
        stop = with_worker(bot)
        try:
            several = phones(bot)
            for phone in several:
                to_the_summary(phone)
            watchers[0].client.execute_command("SENTINEL", "FAILOVER", "shebao")
            assert until(lambda: any(s.client.info("replication")["role"] == "master" for s in data[1:]))
            for phone in several:
                phone.tap("确认停用")
                assert "接着交" not in phone.bubble.text
                through(phone, lambda p=phone: p.say("好了吗"), "【已停用】")
            assert len(reports(bot)) == len(set(reports(bot))) == 2
        finally:
            stop()
            bot.client.close()


def test_a_primary_demoted_by_hand_is_told_of_and_leaves_nobody_in_silence(tmp_path: Path) -> None:
    with sentinels(tmp_path) as (data, watchers):
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in watchers)
        bot = create_bot(ROOT, settings(f"redis+sentinel://{hosts}/shebao"), Clock())
        try:
            phone = phones(bot)[0]
            to_the_summary(phone)
            data[0].client.replicaof("127.0.0.1", str(data[1].port))
            began = time.monotonic()
            phone.tap("确认停用")
            assert "现在查不了" in phone.bubble.text
            assert time.monotonic() - began < 15, "a budget of 4 s, and not the time-outs of each server"
            health = create_app(bot).test_client().get("/healthz")
            assert health.status_code == 503
            assert health.json["status"] == "store away"
            data[0].client.replicaof("NO", "ONE")
            through(phone, lambda: phone.say("好了吗"), "【已停用】")
            assert len(reports(bot)) == 1
        finally:
            bot.client.close()


def test_a_slot_that_is_being_moved_is_waited_for_and_told_of(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        address = f"redis+cluster://127.0.0.1:{servers[0].port}"
        bot = create_bot(ROOT, settings(address, budget=20.0), Clock())
        web = create_app(bot).test_client()
        try:
            one, other = phones(bot)
            to_the_summary(one)
            assert web.get("/healthz").status_code == 200
            with moving(bot, servers, one):
                # a busy machine may have no answer at all for it first
                assert until(lambda: web.get("/healthz").json.get("why") == "TRYAGAIN")
                assert web.get("/healthz").status_code == 503
                other.say("你好")
                assert "现在查不了" not in other.bubble.text, "another shard"
                threading.Timer(1.0, moved_back, (bot, servers, one)).start()
                one.tap("确认停用")
                assert "【已停用】" in one.bubble.text
            assert web.get("/healthz").status_code == 200
        finally:
            bot.client.close()


def test_a_change_without_a_copy_is_not_said_to_be_submitted(tmp_path: Path, redis_url: str) -> None:
    """The replica is gone: the primary alone may lose the job, so the resident must not count on it."""
    bot = create_bot(ROOT, settings(redis_url, copies=1), Clock())
    phone = phones(bot)[0]
    to_the_summary(phone)
    phone.tap("确认停用")
    assert "【已停用】" not in phone.bubble.text
    assert "已经在提交" not in phone.bubble.text
    assert "再确认一次" in phone.bubble.text
    assert "12333" in phone.bubble.text
    phone.say("好了吗")
    assert "还没有提交上去" in phone.bubble.text
    assert "确认停用" in phone.bubble.answers, "the resident stands before it"
    assert not any(bot.client.scan_iter(match="sb:*:j:*")), "nor is it sent behind their back"
    assert reports(bot) == []
    bot.client.close()


def test_addresses() -> None:
    assert copies("redis://h:1/0") == 0
    assert copies("redis+cluster://h:1") == copies("redis+sentinel://h:1/s") == 1
    for wrong in ("redis+sentinel://h:1", "redis+cluster://h:x", "redis+sentinel://,/s"):
        with pytest.raises(ValueError, match="SHEBAO_REDIS_URL"):
            connect(wrong)
    client = connect("redis+sentinel://user:p%40ss@a:1,b:2/main/3")
    assert isinstance(client, redis.Redis)
    assert client.connection_pool.connection_kwargs["password"] == "p@ss"
    assert client.connection_pool.connection_kwargs["db"] == 3
