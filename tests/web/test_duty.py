"""What those on duty see: traffic beside last week's, who waits, how changes ended, a conversation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from conversations.kit import weekday_at
from flask import Flask
from moment import Clock, china
from phone import Phone

from bot.app import Bot, create_app
from bot.store.packing import day_of, slot_of
from web.operator import Operator, written
from web.test_figures import rows
from web.town import dead_letter, report_loss

WORKING = weekday_at(1, 10)
"""When the staff is there, and no midnight near."""


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


def traffic(bot: Bot, at: int, messages: int) -> None:
    bot.client.hincrby(f"sb:{{s{at % 64}}}:a:{day_of(at)}", slot_of(at), messages)


def test_traffic_stands_beside_that_of_last_week(bot: Bot) -> None:
    """Of the last hour that is over, of each ten minutes and of each day; today as far as it has come."""
    week = 7 * 86400
    traffic(bot, WORKING - 600, 30)
    traffic(bot, WORKING - 3600, 4)
    traffic(bot, WORKING - 4200, 500)
    traffic(bot, WORKING - week - 600, 80)
    traffic(bot, WORKING - week + 3600, 1000)
    traffic(bot, WORKING - week - 86400, 20)
    traffic(bot, WORKING - 86400, 30)
    dora = Operator(create_app(replace(bot, now=Clock(WORKING))))
    page = dora.see("duty")
    assert "34 messages" in page
    assert "the same hour last week: 80 (-57%)" in page
    assert "Less than half of the usual" in page
    tens = {row[0]: row[1:] for row in rows(page, "tens")}
    assert tens[f"{china(WORKING - 600):%H:%M}"[:4] + "0"] == ["30", "80"]
    days = rows(page, "days")
    assert days[0] == [f"{china(WORKING).date()} (so far)", "534", "80", "+568%"]
    assert days[1][1:] == ["30", "20", "+50%"]
    assert len(days) == 7


def test_who_waits_for_the_bureau_and_for_what(bot: Bot, console_app: Flask) -> None:
    """A change whose answer was lost; the conversation is one click away, and the look is recorded."""
    phone, _ = report_loss(bot, "没回音")
    tag = bot.store.owner(phone.openid).tag
    anna = Operator(console_app)
    page = anna.see("duty")
    assert re.search(r"Waiting for the bureau</span></h2><p class=\"big\">1</p>", page)
    assert f'name="asked" value="{tag}"' in page
    assert "Lost card" in page
    assert phone.openid not in page
    assert "卡丢了" in anna.send("resident", asked=tag).text
    assert written(bot) == [("anna", "look", tag, "done")]


def test_who_is_with_the_staff_since_when_and_with_what(bot: Bot) -> None:
    app = create_app(replace(bot, now=Clock(WORKING)))
    phone = Phone(app.test_client(), bot, "张三")
    phone.at = WORKING
    phone.say("挂失")
    phone.say("人工")
    phone.tap("接通")
    anna = Operator(app)
    page = anna.see("duty")
    assert "Sign in" in page or "Lost card" in page
    assert bot.store.owner(phone.openid).tag in page
    phone.say("返回")
    assert bot.store.owner(phone.openid).tag not in anna.see("duty")


def test_somebody_without_a_receipt_is_found_by_time_and_outcome(bot: Bot) -> None:
    phone, _ = report_loss(bot, at=WORKING)
    tag, at = bot.store.owner(phone.openid).tag, china(WORKING)
    app = create_app(replace(bot, now=Clock(WORKING)))
    anna = Operator(app)
    before, after = (f"{at + timedelta(minutes=m):%H:%M}" for m in (-5, 5))
    for query, found in (
        ("", True),
        (f"from={before}&to={after}", True),
        (f"from={after}", False),
        ("action=card.report_loss&outcome=done", True),
        ("outcome=refused", False),
        ("action=card.enable", False),
        (f"day={at.date() - timedelta(days=1)}", False),
        ("day=1999-01-01", True),
        ("day=<script>&from=<script>&action=<script>", False),
    ):
        page = anna.see(f"outcomes?{query}")
        assert (tag in page) == found, query
        assert "<script>" not in page
    row = anna.see("outcomes")
    assert "Lost card" in row
    assert "card.report_loss<" not in row
    zh = Operator(app, language="zh").see("outcomes")
    assert "办好了" in zh


def test_a_conversation_reads_as_one(bot: Bot, console_app: Flask) -> None:
    """Two sides, oldest first; the resident's words, masked answers under their labels, titles for ids."""
    phone, _ = report_loss(bot)
    page = Operator(console_app, language="zh").send("resident", asked=phone.openid).text
    chat = page[page.index('class="chat"') :]
    said = [" ".join(re.sub(r"<[^>]+>", " ", li).split()) for li in re.findall(r"<li.*?</li>", chat, re.S)]
    theirs = [one for one in said if one.startswith("居民：")]
    assert theirs[0] == "居民： 卡丢了"
    assert [one for one in theirs if "身份证" in one or "证件" in one or "姓名" in one]
    assert phone.person.id_number not in page
    assert phone.person.name not in page
    assert said.index(theirs[0]) < said.index(theirs[-1])
    assert not re.findall(r"\b(?:report_loss|sign_in)\.\w+", chat), "ids"


@pytest.mark.parametrize("page", ["duty", "outcomes"])
def test_without_anything_the_pages_say_so(console_app: Flask, page: str) -> None:
    assert 'class="empty"' in Operator(console_app).see(page)


def test_a_letter_that_is_stuck_is_counted(bot: Bot, console_app: Flask) -> None:
    dead_letter(bot)
    assert re.search(r"stuck</span></h2><p class=\"big\">1</p>", Operator(console_app).see("duty"))
