"""A session of a newer schema: left as it is, and its resident is not left alone with it."""

from collections.abc import Callable

import pytest
from conftest import ROOT, SEAL_KEY, TAG_KEY
from conversations.kit import changes, report_temporarily, work
from phone import Phone

from bot.account.diagnostics import of_directory
from bot.account.doctor import examine
from bot.account.health import look
from bot.app import Bot
from bot.store.records import ResidentKey
from stored.later import as_it_was, of_a_newer_schema, rewrite


@pytest.fixture
def summary(phone: Phone, bot: Bot) -> Phone:
    """Somebody at the summary of a report, when a newer release came and went."""
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    assert "确认停用" in phone.bubble.answers
    rewrite(bot.store, of_a_newer_schema)
    return phone


def owner(phone: Phone, bot: Bot) -> ResidentKey:
    return bot.store.owner(phone.openid)


def kept(phone: Phone, bot: Bot) -> object:
    return bot.client.hget(owner(phone, bot).key("s", owner(phone, bot).tag), "d")


def test_the_words_that_always_work_do(summary: Phone, bot: Bot) -> None:
    before = kept(summary, bot)
    assert "人工" in summary.say("帮助").text
    summary.say("人工")
    summary.tap("接通")
    assert summary.bubble.kind == "person"
    assert summary.say("我的卡丢了").kind == "person", "with a person until that ends"
    assert "人" in summary.say("返回").text
    assert kept(summary, bot) == before


def test_a_card_can_be_reported_lost(summary: Phone, bot: Bot) -> None:
    before = kept(summary, bot)
    assert "查不了" in summary.say("确认停用").text, "an answer to what cannot be read"
    assert changes(bot) == []
    summary.tap("挂失停用")
    summary.sign_in()
    report_temporarily(summary)
    assert "【已停用】" in summary.bubble
    assert "查不了" in summary.say("我的信息").text, "what is held cannot be listed"
    assert kept(summary, bot) == before


def test_the_newer_release_goes_on_where_it_was(summary: Phone, bot: Bot) -> None:
    summary.say("帮助")
    summary.say("人工")
    rewrite(bot.store, as_it_was)
    assert "【已停用】" in summary.say("确认停用")
    assert changes(bot) == ["report_loss"]
    found = owner(summary, bot)
    assert not bot.client.hexists(found.key("s", found.tag), "b")


def test_deleting_deletes_it(summary: Phone, bot: Bot) -> None:
    summary.say("帮助")
    assert "删" in summary.say("删除我的信息").text
    found = owner(summary, bot)
    assert not bot.client.exists(found.key("s", found.tag))


@pytest.mark.parametrize("said", ["帮助", "在吗"])
def test_what_waits_is_told(bot: Bot, make_phone: Callable[..., Phone], said: str) -> None:
    """A change that the newer release began: this one's worker carries it out and tells its end; the newer
    one, back again, does not wait for it for ever."""
    slow = make_phone("没回音", "Slow")
    slow.tap("挂失停用")
    slow.sign_in()
    report_temporarily(slow)
    rewrite(bot.store, of_a_newer_schema)
    slow.wait(3600)
    while work(bot):
        pass
    assert "【已停用】" in slow.say(said)
    assert changes(bot).count("report_loss") == 1
    rewrite(bot.store, as_it_was)
    assert "提交" not in slow.say("返回").text
    slow.tap("挂失停用")
    assert "正在提交" not in slow.bubble


def test_health_and_doctor_tell_of_it(summary: Phone, bot: Bot, redis_url: str) -> None:
    assert look(bot.store, bot.revisions, 0) == ("ok", "")
    summary.say("在吗")
    bot.store.fleet.say()
    status, why = look(bot.store, bot.revisions, 0)
    assert status == "ok"
    assert "cannot be read" in why
    env = {"SHEBAO_REDIS_URL": redis_url, "SHEBAO_SEAL_KEYS": SEAL_KEY, "SHEBAO_TAG_KEY": TAG_KEY}
    lines = [sign for sign in examine(of_directory(ROOT, env)) if sign.code.startswith("sessions.")]
    assert [sign.code for sign in lines] == ["sessions.unread"]
    assert "1个会话中有1个" in lines[0].line_in("zh-CN")
