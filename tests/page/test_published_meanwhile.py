"""New content is published while a form of the old one is open on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from phone import Phone
from web.town import copied

from bot.app import Bot, create_app
from bot.content.read.files import collect

from .browser import SEVEN_DAYS, Page
from .test_page import URL, at_id_number, jobs, signed_in

pytestmark = pytest.mark.slow  # each publish learns from the phrases anew


@pytest.fixture
def bot(make_bot: Callable[..., Bot], tmp_path: Path) -> Bot:
    bot = make_bot(copied(tmp_path), page="link", public_url=URL)
    bot.revisions.publish(collect(tmp_path), "anna")
    return bot


@pytest.fixture
def chat(bot: Bot) -> Phone:
    return Phone(create_app(bot).test_client(), bot)


@pytest.fixture
def screen(chat: Phone, bot: Bot) -> Page:
    return Page(create_app(bot)).open(at_id_number(chat))


def publish(bot: Bot, root: Path, file: str, *changes: tuple[str, str]) -> None:
    path = root / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    bot.revisions.publish(collect(root), "anna")


def test_the_same_question_in_other_words_takes_what_was_typed(
    screen: Page, chat: Phone, bot: Bot, tmp_path: Path
) -> None:
    publish(bot, tmp_path, "messages/zh-CN/sign_in.yaml", ("姓名", "全名"))
    assert "卡要怎么停" in signed_in(screen, chat)


def test_a_question_that_is_another_one_stores_nothing_and_is_asked_as_it_is_now(
    screen: Page, chat: Phone, bot: Bot, tmp_path: Path
) -> None:
    steps = ("else: name", "else: whole_name"), ("  name:\n    collect", "  whole_name:\n    collect")
    publish(bot, tmp_path, "flows/sign_in.yaml", *steps)
    screen.fill(chat.person.id_number, chat.person.name)
    session = bot.store.begin(bot.store.owner(chat.openid), "-").session
    assert session
    assert (session.frames[-1].answers, session.frames[-1].wrong) == ((), 0)
    assert "刚更新了" in screen
    screen.press("继续")
    typed = screen.form("提交").fields
    assert (typed["f.id_number"], typed["f.name"]) == (chat.person.id_number, chat.person.name)
    assert "卡要怎么停" in signed_in(screen, chat)


def test_what_does_not_fit_any_more_stands_there_to_be_corrected(
    screen: Page, chat: Phone, bot: Bot, tmp_path: Path
) -> None:
    """The name is a mobile number now: what was typed is shown with what is wrong, and costs no try."""
    publish(bot, tmp_path, "flows/sign_in.yaml", ("name: {type: name, keep", "name: {type: mobile, keep"))
    screen.fill(chat.person.id_number, chat.person.name, screen.code)
    assert "刚才那一步没有算数" in screen
    assert screen.form("提交").fields["f.name"] == chat.person.name
    assert screen.form("提交").fields["f.id_number"] == chat.person.id_number
    assert 'id="wrong.name"' in screen.html
    session = bot.store.begin(bot.store.owner(chat.openid), "-").session
    assert session
    assert session.frames[-1].wrong == 0


def test_nothing_is_agreed_to_that_was_not_shown(screen: Page, chat: Phone, bot: Bot, tmp_path: Path) -> None:
    """The summary says something else now."""
    signed_in(screen, chat).press(SEVEN_DAYS)
    publish(bot, tmp_path, "messages/zh-CN/report_loss.yaml", ("请核对", "请再核对一遍"))
    screen.press("确认停用")
    assert not jobs(bot, chat)
    assert "刚更新了" in screen
    assert "请再核对一遍" in screen.press("继续")
    assert "【已停用】" in screen.press("确认停用")
    assert len(jobs(bot, chat)) == 1
