"""What comes while the page is open: it is shown there, whatever the chat is told; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conversations.kit import work
from flask import Flask
from phone import Phone

from bot.app import Bot, create_app
from bot.engine.effects import Reply
from bot.store.records import CommitRequest

from .browser import SEVEN_DAYS, Page
from .test_page import URL, at_id_number, signed_in

SLOW = "正在办，请稍等"
DONE = "【已停用】"


@pytest.fixture
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(page="link", public_url=URL, push="yes")


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


@pytest.fixture
def chat(app: Flask, bot: Bot) -> Phone:
    return Phone(app.test_client(), bot)


@pytest.fixture
def screen(app: Flask, chat: Phone, make_bot: Callable[..., Bot]) -> Page:
    """The report is with the bureau, which takes its time."""
    screen = signed_in(Page(app).open(at_id_number(chat)), chat).press(SEVEN_DAYS)
    busy = Page(create_app(make_bot(page="link", public_url=URL, push="yes", inline_calls=0)))
    busy.client.set_cookie(*screen.cookie)
    busy.get().press("确认停用")
    assert SLOW in busy
    assert "data-waits" in busy.html
    return busy


def waits(bot: Bot, chat: Phone) -> list[tuple[str, bool]]:
    return [(r.text[:5], r.shown) for r in bot.store.begin(bot.store.owner(chat.openid), "").outbox]


def push(bot: Bot, chat: Phone) -> None:
    """Its time comes."""
    owner = bot.store.owner(chat.openid)
    bot.store.jobs.sooner(60, [owner])
    bot.worker().take(owner.shard, f"p:{owner.tag}")


def test_a_late_result_is_shown_without_being_asked_for(screen: Page, chat: Phone, bot: Bot) -> None:
    """What said that it takes a while is over; the button that looked for it does nothing else."""
    look = screen.form("看看好了没有")
    work(bot)
    assert DONE in screen.get()
    assert SLOW not in screen
    assert "data-waits" not in screen.html
    assert DONE in screen.send(look, "看看好了没有")
    assert "没有算数" not in screen
    assert waits(bot, chat) == [(DONE, False)], "looking confirms nothing"


def test_it_still_stands_on_the_page_when_the_chat_was_told(screen: Page, chat: Phone, bot: Bot) -> None:
    work(bot)
    push(bot, chat)
    assert waits(bot, chat) == []
    assert screen.get().text.count(DONE) == 1
    assert SLOW not in screen


def test_a_page_that_is_closed_loses_nothing(screen: Page, chat: Phone, bot: Bot) -> None:
    work(bot)
    assert DONE in chat.say("谢谢")


def commit(bot: Bot, chat: Phone, reply: Reply) -> None:
    owner = bot.store.owner(chat.openid)
    begun = bot.store.begin(owner, "")
    plan = CommitRequest(begun.version, begun.session, begun.now, outbox=reply, pushes=True)
    assert bot.store.commit(owner, "", plan) == "done"


def test_what_the_page_took_is_told_in_the_chat_only_if_it_is_a_result(
    app: Flask, chat: Phone, bot: Bot
) -> None:
    """The next submit proves that the browser has it."""
    screen = Page(app).open(at_id_number(chat))
    aside, result = Reply(text="查到了：一张卡", says=("report_loss.x",)), Reply(
        text="【已停用】", says=("report_loss.y",), notice="挂失"
    )  # fmt: skip
    for reply in (aside, result):
        commit(bot, chat, reply)
    screen.get()
    assert aside.text in screen
    assert result.text in screen
    screen.fill(chat.person.id_number, chat.person.name)
    assert aside.text not in screen
    assert result.text not in screen
    assert waits(bot, chat) == [("【已停用】", True)]
    told = chat.say("再说一遍")
    assert result.text in told
    assert aside.text not in told


def test_what_came_after_the_page_was_shown_is_not_taken(app: Flask, chat: Phone, bot: Bot) -> None:
    """Nor what another one has made up."""
    screen = Page(app).open(at_id_number(chat))
    form = screen.form("提交")
    commit(bot, chat, Reply(text="【已停用】", says=("report_loss.y",)))
    data = {**form.fields, "told": "0" * 16 + ",x,," + "1" * 900, "f.id_number": chat.person.id_number}
    assert "【已停用】" in screen.post("/card", data)
    assert waits(bot, chat) == [("【已停用】", False)]
