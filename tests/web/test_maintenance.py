"""The page of those on duty that switches services off and on."""

from __future__ import annotations

import pytest
from flask import Flask
from moment import china
from phone import Phone

from bot.actions import switches
from bot.app import Bot, create_app
from bot.engine.events import Maintenance
from web.operator import Operator, written


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


def test_what_is_switched_off_here_is_told_to_residents_at_once(bot: Bot) -> None:
    app = create_app(bot)
    phone, anna = Phone(app.test_client(), bot, "张三"), Operator(app)
    assert "nothing is planned" in anna.see("maintenance")
    page = anna.send("maintenance/off", service="card", until="2199-01-02T06:00").text
    assert "every process knows" in page
    assert "现在办不了" in phone.say("卡丢了")
    (off,) = bot.store.switches.all()
    assert "On again" in anna.send("maintenance/on", service="card", since=str(off.since)).text
    assert "现在办不了" not in phone.say("卡丢了")
    about = f"card {china(off.since):%Y-%m-%d %H:%M:%S} – 2199-01-02 06:00:00"
    assert written(bot) == [("anna", "switch_on", about, "done"), ("anna", "switch_off", about, "done")]


def test_a_plan_stands_there_and_can_be_given_up(bot: Bot, console_app: Flask) -> None:
    anna = Operator(console_app)
    page = anna.send("maintenance/off", service="photos", since="2199-01-01T22:00").text
    assert "planned" in page
    assert "Give up the plan" in page
    assert "2199-01-01 22:00" in page
    (planned,) = bot.store.switches.all()
    anna.send("maintenance/on", service="photos", since=str(planned.since))
    assert bot.store.switches.all() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": "cards"}, "There is no such service"),
        ({"service": "<script>"}, "There is no such service"),
        ({"service": "card", "since": "tonight"}, "Write a time as"),
        ({"service": "card", "since": "2199-01-02T06:00", "until": "2199-01-01T06:00"}, "before it begins"),
        ({"service": "card", "until": "2001-01-01T06:00"}, "is over already"),
    ],
)
def test_what_cannot_be_meant_is_said_and_kept(
    bot: Bot, console_app: Flask, fields: dict[str, str], words: str
) -> None:
    came = Operator(console_app).send("maintenance/off", **fields)
    assert came.status_code == 422
    assert words in came.text
    assert "<script>" not in came.text
    assert bot.store.switches.all() == []


def test_who_only_looks_cannot_switch(bot: Bot, console_app: Flask) -> None:
    bot.store.switches.off(Maintenance("card", switches()["card"], 0))
    bo = Operator(console_app, "bo")
    page = bo.see("maintenance")
    assert "The card system" in page
    assert "maintenance/on" not in page
    assert bo.send("maintenance/on", service="card", since="0").status_code == 403
    assert Operator(console_app).send("maintenance/on", service="card", since="7").status_code == 404
    assert len(bot.store.switches.all()) == 1
