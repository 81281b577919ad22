"""A value that changes at midnight, on the page and in the chat: what is read is what is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from moment import Clock, day, epoch
from phone import Phone
from web.town import copied

from bot.app import Bot, create_app

from .browser import LINK, SEVEN_DAYS, Page

MIDNIGHT = epoch(f"{day(1)} 00:00:00")
URL = "http://127.0.0.1/wechat"
SEVEN = 'temporary_days: {value: "7", source: 示例, checked: 2026-11-22}'


def until(later: int) -> str:
    """The day on which the report ends, as the bureau counts and residents read it."""
    year, month, date = map(int, day(later).split("-"))
    return f"{year}年{month}月{date}日"


@pytest.fixture
def bot(make_bot: Callable[..., Bot], clock: Clock, tmp_path: Path) -> Bot:
    """Seven days until this midnight, then fifteen. Nobody publishes."""
    root = copied(tmp_path)
    policy = root / "config/policy.yaml"
    now = SEVEN.removeprefix("temporary_days: ")
    later = now.replace('value: "7"', f'from: {day(1)}, value: "15"')
    text = policy.read_text("utf-8")
    assert SEVEN in text
    policy.write_text(text.replace(SEVEN, f"temporary_days:\n  - {now}\n  - {later}"), "utf-8")
    clock.at = MIDNIGHT - 300
    return make_bot(root, page="link", public_url=URL)


@pytest.fixture
def chat(bot: Bot) -> Phone:
    return Phone(create_app(bot).test_client(), bot)


@pytest.mark.slow
def test_on_the_page(bot: Bot, chat: Phone, clock: Clock) -> None:
    chat.say("卡丢了")
    chat.tap("同意，继续")
    screen = Page(create_app(bot)).open(chat.bubble.links[LINK])
    screen.fill(chat.person.id_number, chat.person.name, screen.code)
    screen.press(SEVEN_DAYS)
    assert "停用7天" in screen
    clock.reach(MIDNIGHT)
    screen.press("确认停用")
    assert "这里的步骤或规定刚更新了" in screen
    screen.press("继续")
    assert "停用15天" in screen
    assert "【已停用】" not in screen
    screen.press("确认停用")
    assert "【已停用】" in screen
    assert until(1 + 15) in chat.say("好了吗")


def test_in_the_chat(chat: Phone) -> None:
    chat.say("卡丢了")
    chat.sign_in()
    chat.choose("先停用7天")
    assert "停用7天" in chat.bubble
    chat.at = MIDNIGHT - 1
    assert "停用15天" in chat.tap("确认停用")
    assert "【已停用】" not in chat.bubble
    assert "【已停用】" in chat.tap("确认停用")
    assert until(1 + 15) in chat.bubble


def test_a_second_before_midnight(chat: Phone) -> None:
    chat.say("卡丢了")
    chat.sign_in()
    chat.choose("先停用7天")
    chat.at = MIDNIGHT - 2
    assert until(7) in chat.tap("确认停用")
