"""The same code over Redis Cluster and over Sentinel: whole conversations, a failover in the middle."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from conftest import ROOT, settings
from moment import Clock
from phone import Phone
from redis.cluster import RedisCluster

from bot.app import Bot, create_app, create_bot
from bot.services.ledger import Ledger
from bot.store.connect import connect, copies
from store.servers import cluster, sentinels

pytestmark = pytest.mark.slow


def report(phone: Phone) -> str:
    """A temporary loss report, from the menu to the receipt."""
    to_the_summary(phone)
    phone.tap("确认停用")
    return phone.bubble.text


def to_the_summary(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("1")
    assert "确认停用" in phone.bubble.answers


def through(phone: Phone, act: Callable[[], object], found: str, seconds: float = 30) -> None:
    """Again and again, as a resident who is asked to come back in a minute."""
    end = time.monotonic() + seconds
    act()
    while found not in phone.bubble:
        assert time.monotonic() < end, phone.bubble.text
        time.sleep(0.3)
        if "确认停用" in phone.bubble.answers:
            phone.tap("确认停用")
        else:
            phone.say("重复")


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
            assert len(reports(bot)) == len(set(reports(bot)))
            assert len(reports(bot)) == 2
        finally:
            stop()
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
            # one replica is left, so nothing can be copied any more: it is said, and submitted all the same
            through(other, lambda: other.say("重复"), "已")
            assert len(reports(bot)) == len(set(reports(bot))) == 2
        finally:
            stop()
            bot.client.close()


def test_a_change_without_a_copy_is_not_said_to_be_submitted(tmp_path: Path, redis_url: str) -> None:
    """The replica is gone: the primary alone may lose the job, so the resident must not count on it."""
    bot = create_bot(ROOT, settings(redis_url, copies=1), Clock())
    phone = phones(bot)[0]
    to_the_summary(phone)
    phone.tap("确认停用")
    assert "【已停用】" not in phone.bubble.text
    assert "已经在提交" not in phone.bubble.text
    assert reports(bot) == [], "it is not sent at once"
    assert any(m for m in bot.client.scan_iter(match="sb:*:j:*")), "but not forgotten either"
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
