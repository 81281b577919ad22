"""The bureau is slow, away, or does not say what became of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from phone import Phone
from store.servers import until

from bot.app import Bot, create_app

from .kit import changes, report_formally, report_temporarily, work

Phones = Callable[..., Phone]
NOT_SURE = "还不知道卡有没有停用，不是您的问题"


@pytest.mark.slow
def test_a_slow_service_is_answered_in_time_and_its_result_told_at_the_next_message(
    once_phone: Phones,
) -> None:
    """With the real budget: the report takes 6 s."""
    phone = once_phone("慢先生")
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.tap("确认停用")
    assert "正在办，请稍等" in phone.bubble, "it was not waited for"
    assert "【已停用】" not in phone.bubble, "nothing is said to be done before the bureau has said so"
    assert until(lambda: waits(phone))
    phone.say("好了没")
    assert "【已停用】" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def waits(phone: Phone) -> object:
    """What is to be told with the next message."""
    return phone.bot.store.begin(phone.bot.store.owner(phone.openid), "").outbox


@pytest.fixture
def hurried(tmp_path: Path, make_bot: Callable[..., Bot]) -> Phone:
    """At the confirmation of a loss report that takes longer than the second that this process has for it."""
    for folder in ("flows", "messages", "config"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    people = tmp_path / "config" / "stub.yaml"
    text = people.read_text("utf-8")
    slow = 'card.report_loss: {slow: "6"}, card.find: {slow: "1.5"}'
    assert slow in text
    people.write_text(text.replace(slow, 'card.report_loss: {slow: "2"}'), "utf-8")
    patient, hasty = make_bot(tmp_path), make_bot(tmp_path, budget=1.0)
    phone = Phone(create_app(patient).test_client(), hasty, "慢先生")
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.client = create_app(hasty).test_client()
    return phone


@pytest.mark.slow
def test_a_slow_result_is_told_at_the_next_message(hurried: Phone) -> None:
    hurried.tap("确认停用")
    assert "正在办，请稍等" in hurried.bubble
    assert "12333" in hurried.bubble
    slow = hurried.bubble.xml
    assert until(lambda: waits(hurried))
    assert hurried.again().xml == slow, "WeChat's second delivery gets the answer of the first"
    hurried.say("好了没")
    assert hurried.bubble.text.startswith("【已停用】")
    assert changes(hurried.bot) == ["report_loss"]
    hurried.say("取消")
    assert "您想做哪一样" in hurried.bubble, "right after a receipt, however late it came"


def test_while_it_is_being_submitted_nothing_stops_or_repeats_it(hurried: Phone) -> None:
    hurried.tap("确认停用")
    for word in ("返回", "取消", "重来"):
        if "【已停用】" in hurried.say(word):
            break  # this machine stood still until the bureau was through
        assert "已经在提交了" in hurried.bubble
    else:
        assert "【已停用】" in hurried.tap("挂失停用") or until(lambda: waits(hurried))
    assert changes(hurried.bot) == ["report_loss"]


# --- surely not taken ----------------------------------------
def test_a_service_that_is_away_says_the_card_is_not_stopped_and_the_hotline(make_phone: Phones) -> None:
    phone = make_phone("断先生")
    phone.tap("挂失停用")
    phone.sign_in()
    assert "卡还没有停用" in phone.bubble
    assert "不是您的问题" in phone.bubble
    assert "12333" in phone.bubble
    assert changes(phone.bot) == []


def test_what_was_filled_in_is_kept_for_the_word_continue(make_phone: Phones) -> None:
    phone = make_phone("断先生")
    phone.tap("卡的状态")
    phone.sign_in()
    assert "请过几分钟回复“继续”" in phone.bubble
    phone.say("继续")
    assert "接着办“查卡的状态”" in phone.bubble
    assert "证件号码" not in phone.bubble, "nobody has to sign in again"


def test_an_identity_check_that_is_away_says_that_nothing_was_checked(make_phone: Phones) -> None:
    phone = make_phone("登不上")
    phone.tap("挂失停用")
    phone.sign_in()
    assert "还没有核对" in phone.bubble
    assert "12333" in phone.bubble


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ("卡找到了", "这次还没有恢复卡"),
        ("补卡换卡", "申请还没有交"),
        ("查进度", "现在连不上社保卡系统"),
        ("卡的状态", "现在连不上社保卡系统"),
        ("新卡启用", "卡还没有启用"),
        ("电子社保卡", "还没有领"),
    ],
)
def test_every_flow_says_what_an_outage_means_for_the_card(
    make_phone: Phones, button: str, words: str
) -> None:
    phone = make_phone("断先生")
    phone.tap(button)
    phone.sign_in()
    assert words in phone.bubble
    assert "12333" in phone.bubble


def test_a_report_that_was_surely_not_taken_is_tried_again_and_told(once_phone: Phones) -> None:
    phone = once_phone("断一次")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert "【已停用】" not in phone.bubble
    work(phone.bot)
    phone.say("好了没")
    assert phone.bubble.text.startswith("【已停用】")
    assert changes(phone.bot) == ["report_loss"]


# --- unknown ----------------------------------------
@pytest.mark.parametrize("person", ["没回音", "没办成"])
def test_an_unknown_result_is_called_unknown_and_told_when_it_is_known(
    once_phone: Phones, person: str
) -> None:
    phone = once_phone(person)
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert NOT_SURE in phone.bubble
    assert "12333" in phone.bubble
    phone.say("好了没")
    assert "【已停用】" not in phone.bubble
    work(phone.bot)
    work(phone.bot)
    phone.say("好了没")
    assert phone.bubble.text.startswith("【已停用】")
    assert changes(phone.bot) == ["report_loss"], "sent again with the same key, done once"


def test_a_result_by_callback_is_told_when_it_is_known(once_phone: Phones) -> None:
    phone = once_phone("等通知")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert "正在办" in phone.bubble
    work(phone.bot)
    phone.say("好了没")
    assert "【已停用】" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def test_an_unknown_application_is_told_when_it_is_known(once_phone: Phones) -> None:
    phone = once_phone("没回音")
    phone.tap("挂失停用")
    phone.sign_in()
    report_formally(phone)
    while work(phone.bot):
        pass
    phone.say("好了没")
    assert "已正式挂失" in phone.bubble
    phone.tap("补卡换卡")
    phone.tap("同意，开始办")
    for _ in range(2):
        phone.image()
    phone.tap("长期")
    phone.say("13800138000")
    phone.image()
    phone.say("1")
    phone.say("平安区和平路12号3单元501")
    phone.tap("确认提交")
    assert "还不知道申请有没有交成" in phone.bubble
    work(phone.bot)
    phone.say("好了没")
    assert "【待缴费】" in phone.bubble
    assert changes(phone.bot) == ["report_loss", "apply"]


def test_a_late_receipt_can_be_answered_like_any_other(once_phone: Phones) -> None:
    """Its numbers, its taps and 取消 mean what they mean under a receipt that comes at once."""
    phone = once_phone("没回音")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    while work(phone.bot):
        pass
    phone.say("好了没")
    assert "1. 卡丢了要看病" in phone.bubble
    phone.tap("卡丢了要看病")
    assert "先自己付钱" in phone.bubble


def test_the_numbers_under_a_late_receipt_are_its_own(once_phone: Phones) -> None:
    phone = once_phone("没回音")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    while work(phone.bot):
        pass
    phone.say("好了没")
    phone.say("1")
    assert "先自己付钱" in phone.bubble


def test_cancel_after_a_late_receipt_asks_which_one_is_meant(once_phone: Phones) -> None:
    phone = once_phone("没回音")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    while work(phone.bot):
        pass
    phone.say("好了没")
    phone.say("取消")
    assert "您想做哪一样" in phone.bubble


def test_an_open_report_is_not_made_a_second_time(once_phone: Phones) -> None:
    phone = once_phone("没办成")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    phone.tap("挂失停用")
    assert "正在办" in phone.bubble
    for word in ("取消", "返回", "重来"):
        phone.say(word)
        assert "已经在提交了" in phone.bubble
    phone.say("费用和时间")
    assert "补卡换卡20元" in phone.bubble, "other questions are answered meanwhile"
    while work(phone.bot):
        pass
    phone.say("好了没")
    assert "【已停用】" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def test_what_is_said_while_waiting_says_it_once(once_phone: Phones) -> None:
    phone = once_phone("等通知")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert phone.bubble.text.count("正在办") == 1, "one sentence, not two that begin alike"
