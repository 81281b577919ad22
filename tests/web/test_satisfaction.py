"""What residents say of the service reaches those who run it: ratings by day, comments masked."""

from __future__ import annotations

from flask import Flask
from phone import Phone

from bot.app import Bot, create_app
from web.operator import Operator
from web.test_figures import rows


def test_ratings_and_masked_comments_are_shown_in_both_languages(console_bot: Bot) -> None:
    phone = Phone(create_app(console_bot).test_client(), console_bot, "张三")
    for stars, why in (("5分", ""), ("1分", "等了两个小时，电话13912345678没人接"), ("4分", ""), ("5分", "")):
        phone.say("评价")
        phone.say(stars)
        if why:
            phone.say(why)
    app = create_app(console_bot)
    page = Operator(app).see("satisfaction?days=1")
    assert [row[1:] for row in rows(page, "rated-1")] == [
        ["2", "50%"], ["1", "25%"], ["0", "0%"], ["0", "0%"], ["1", "25%"],
    ]  # fmt: skip
    assert "等了两个小时,电话＊没人接" in page
    assert "13912345678" not in page
    assert console_bot.store.owner(phone.openid).tag not in page
    page = Operator(app, language="zh").see("satisfaction?days=1")
    assert [row[0] for row in rows(page, "rated-1")] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]
    assert "非常不满意</div>" in page[page.index("意见</h2>") :]


def test_without_ratings_the_page_says_so(console_app: Flask) -> None:
    assert "Nothing was rated" in Operator(console_app).see("satisfaction")
    assert (
        Operator(console_app).client.get("/console/satisfaction?days=dates&from=x&to=<b>").status_code == 200
    )
