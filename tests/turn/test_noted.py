"""What a turn leaves for those on duty: words as far as they are nobody's, and the day's notes."""

from __future__ import annotations

from typing import Any

from conversations.kit import weekday_at
from moment import china
from msgspec.structs import replace
from phone import Phone
from web.town import report_loss

from bot.app import Bot
from bot.engine.steps.transfer import PERSON_SECONDS
from bot.store import days
from bot.store.packing import slot_of
from bot.store.redis import SHARDS


def today(phone: Phone) -> days.Day:
    day = china(phone.at).date()
    return days.Days(phone.bot.client, phone.bot.store.seal, SHARDS).read(day, day)


def turns(phone: Phone) -> list[dict[str, Any]]:
    return list(phone.bot.store.trace(phone.bot.store.owner(phone.openid)))


def wrote(phone: Phone) -> list[str]:
    return [turn.get("wrote", "") for turn in turns(phone)]


def test_words_that_are_nobodys_stand_in_the_trace_and_no_others(phone: Phone) -> None:
    """The content's own and no others: no mask knows every name, and a trace becomes evidence."""
    phone.say("挂失")
    phone.say("同意")
    phone.say("6601011980010100189")  # no number, and the question is about somebody
    phone.say(phone.person.id_number)
    phone.say("我不想说")
    phone.say("取消")
    phone.tap("不办了") if "不办了" in phone.bubble.answers else phone.say("是")
    phone.say("我叫张三，电话13912345678，养老金哪天发")
    phone.say("我的密码是a135791咋办")
    phone.say("给李建国办一下那个啥")
    kept = wrote(phone)
    assert kept[:2] == ["挂失", "同意"]
    assert kept[2:5] == ["", "", ""]
    assert kept[5] == "取消"
    assert kept[7:] == ["", "", ""]
    assert not [word for word in ("13579", "养老金", "李建国", "张三") if word in str(kept)]


def test_messages_are_counted_by_ten_minutes(phone: Phone) -> None:
    before = today(phone)
    phone.say("帮助")
    phone.again()
    slot = int(slot_of(phone.at)[2:])
    assert today(phone).messages[slot] == before.messages[slot] + 1, "a repetition is no message"
    phone.wait(600)
    phone.say("帮助")
    assert today(phone).messages[slot + 1] == 1
    assert today(phone).total == before.total + 2


def test_it_is_noted_sealed_how_a_change_ended_and_for_whom(bot: Bot) -> None:
    phone, _ = report_loss(bot)
    (one,) = today(phone).ended
    tag = bot.store.owner(phone.openid).tag
    assert (one.tag, one.action, one.outcome) == (tag, "card.report_loss", "done")
    held = [v for key in bot.client.scan_iter("sb:*:a:*") for v in bot.client.hgetall(key).values()]
    assert not [value for value in held if b"report_loss" in value or tag.encode() in value]


def test_it_is_noted_until_when_somebody_is_with_the_staff(phone: Phone) -> None:
    phone.at = weekday_at(1, 10)
    phone.say("人工")
    assert today(phone).staff == ()
    phone.tap("接通")
    owner = replace(phone.bot.store.owner(phone.openid), openid="")
    assert today(phone).staff == ((owner, phone.at + PERSON_SECONDS),)
    phone.say("我叫张三")
    assert wrote(phone)[-1] == "", "what is said to the staff is theirs"
    phone.say("返回")
    assert today(phone).staff == ((owner, 0),)


def test_a_comment_is_kept_masked_with_what_was_chosen_and_without_who(phone: Phone) -> None:
    phone.say("评价")
    phone.say("2")
    phone.say("4")
    assert today(phone).comments == (), "no comment was asked for"
    phone.say("评价")
    phone.say("1分")
    phone.say("窗口的王小明让我等了两个小时，电话13912345678没人接")
    (comment,) = today(phone).comments
    assert (comment.slot, comment.rated) == ("rate.why", "s1")
    assert comment.text.endswith("让我等了两个小时,电话＊没人接")
    assert phone.bot.store.owner(phone.openid).tag not in str(comment)
    phone.say("评价")
    phone.say("1分")
    phone.tap("不说了")
    assert len(today(phone).comments) == 1
