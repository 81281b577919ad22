"""From the menu to a loss receipt, temporary and formal; what a loss report does not depend on."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from moment import china
from phone import Phone

from .kit import changes, operations, report_formally, report_temporarily, show_face, work

Phones = Callable[..., Phone]


def test_from_the_menu_to_a_temporary_loss_receipt_in_seven_messages(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    first = next(a for a in phone.bubble.answers if "先停用" in a)
    phone.tap(first)
    assert "请核对" in phone.bubble
    phone.tap("确认停用")
    assert phone.bubble.text.startswith("【已停用】")
    assert "受理号" in phone.bubble
    assert "95000" in phone.bubble
    assert phone.sent <= 7


def test_the_source_articles_path_menu_e_card_sign_in_issue_loss_receipt(phone: Phone) -> None:
    phone.tap("社保卡")
    phone.tap("电子社保卡")
    assert "您同意吗" in phone.bubble, "consent is asked before any personal data is taken"
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    phone.tap("授权领取")
    assert "【已领好】" in phone.bubble
    before = phone.sent
    phone.tap("卡丢了（挂失）")
    report_temporarily(phone)
    assert phone.sent - before <= 3, "three messages where the resident is signed in"
    assert phone.bubble.text.startswith("【已停用】张*的社保卡（尾号1234）已临时挂失。\n银行功能还没有停")
    assert re.search(r"受理号：\d{10}\n", phone.bubble.text)
    until = china(phone.at) + timedelta(days=7)
    assert (
        f"{until.year}年{until.month}月{until.day}日（周{'一二三四五六日'[until.weekday()]}）自动恢复"
        in phone.bubble
    )
    assert "银行功能还没有停，请马上打清风银行95000。" in phone.bubble
    assert "电子社保卡的还能用" in phone.bubble, "what still works"
    assert changes(phone.bot) == ["issue_e_card", "report_loss"]
    assert operations(phone.bot)[-1]["number"] in phone.bubble, "the receipt number is the bureau's own"


def test_a_loss_is_reported_in_three_messages_when_signed_in(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    before = phone.sent
    phone.say("卡丢了")
    phone.say("1")
    phone.say("确认停用")
    assert "【已停用】" in phone.bubble
    assert phone.sent - before <= 3


def test_the_summary_before_a_loss_report_names_the_card_and_masks_the_holder(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    assert "把您本人（张*）的社保卡（尾号1234）停用7天" in phone.bubble
    assert "张三" not in phone.bubble
    assert changes(phone.bot) == [], "nothing is done before the summary is confirmed"
    phone.tap("先不停")
    assert "卡还没有停用" in phone.bubble
    assert changes(phone.bot) == []


def test_a_formal_report_with_a_face_check_and_straight_on_to_a_new_card(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.tap("被偷了")
    assert "不刷脸也能办" in phone.bubble, "separate consent, with a way round it"
    phone.tap("同意刷脸")
    phone.image()
    assert "照片我们没有留" in phone.bubble
    assert "不会自动恢复" in phone.bubble
    phone.tap("确认停用")
    assert phone.bubble.text.startswith("【已停用】张*的社保卡（尾号1234）已正式挂失。\n银行功能还没有停")
    assert "清风银行95000" in phone.bubble
    phone.tap("补卡、换卡")
    assert "工本费20元" in phone.bubble, "papers, time and fee before the first question"
    assert "为什么要办新卡" not in phone.bubble, "the reason is known from the loss report"


def test_refusing_the_face_leads_to_a_temporary_report_instead(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.tap("丢了")
    phone.tap("不刷脸，用别的办法")
    assert "卡还没有停用" in phone.bubble
    assert "停用7天" in phone.bubble
    phone.tap("确认停用")
    assert "已临时挂失" in phone.bubble


def test_refusing_the_photo_after_agreeing_leads_to_a_temporary_report_too(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.tap("丢了")
    phone.tap("同意刷脸")
    phone.tap("我不想刷脸")
    phone.tap("确认停用")
    assert "已临时挂失" in phone.bubble


def test_a_face_that_never_matches_does_not_stop_a_loss_report(make_phone: Phones) -> None:
    phone = make_phone("施不像")
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.tap("丢了")
    phone.tap("同意刷脸")
    phone.image()
    phone.image()
    assert "再试一次" in phone.bubble, "running out of tries is said aloud"
    phone.image()
    assert "几次都没有核对上" in phone.bubble
    phone.tap("确认停用")
    assert "已临时挂失" in phone.bubble


def test_a_loss_is_reported_although_the_e_card_was_refused(make_phone: Phones) -> None:
    """The bureau refuses this person's e-card; the loss report is asked for all the same."""
    phone = make_phone("被拒绝")
    phone.tap("电子社保卡")
    phone.sign_in()
    phone.tap("授权领取")
    assert "电子社保卡没有领成" in phone.bubble
    phone.tap("挂失停用")
    phone.choose("先停用")
    assert "请核对" in phone.bubble


def test_a_loss_is_reported_without_an_e_card(phone: Phone) -> None:
    phone.tap("电子社保卡")
    phone.sign_in()
    phone.tap("先不领")
    phone.tap("卡丢了（挂失）")
    report_temporarily(phone)
    assert "【已停用】" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def test_a_refused_report_says_that_the_card_still_works_and_why(make_phone: Phones) -> None:
    phone = make_phone("被拒绝")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert phone.bubble.text.startswith("卡还没有挂失成。按本市规定，要到网点办。")
    assert "12333" in phone.bubble
    assert changes(phone.bot) == []


def test_reporting_a_temporary_loss_again_offers_the_formal_report(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("挂失停用")
    phone.sign_in()
    assert "【已停用】这张卡是临时挂失" in phone.bubble
    phone.tap("不改")
    assert "还是临时挂失" in phone.bubble
    assert changes(phone.bot) == []
    phone.tap("卡丢了（挂失）")
    phone.tap("改成正式挂失")
    phone.tap("被偷了")
    show_face(phone)
    phone.tap("确认停用")
    assert "已正式挂失" in phone.bubble


def test_refusing_the_face_for_an_upgrade_leaves_the_temporary_report_standing(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("挂失停用")
    phone.sign_in()
    phone.tap("改成正式挂失")
    phone.tap("丢了")
    phone.tap("不刷脸，用别的办法")
    assert "【已停用】现在是临时挂失" in phone.bubble
    assert "带身份证到网点办" in phone.bubble
    assert changes(phone.bot) == []


def test_reporting_a_formal_loss_again_says_already_done(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("挂失停用")
    phone.sign_in()
    assert "【已停用】这张卡已经挂失了，不用再办" in phone.bubble
    assert changes(phone.bot) == []


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("郑未启", "还没有启用"),
        ("冯注销", "已经注销，谁也用不了"),
        ("卫制卡", "新卡还在做"),
        ("蒋待领", "还没有领走"),
        ("沈无卡", "没有查到您在本市的社保卡"),
    ],
)
def test_a_card_that_cannot_be_lost_is_told_apart(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("挂失停用")
    phone.sign_in()
    assert words in phone.bubble
    assert changes(phone.bot) == []


def test_a_card_with_a_locked_pin_can_be_reported_lost(make_phone: Phones) -> None:
    phone = make_phone("陈锁定")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert "【已停用】" in phone.bubble


def test_before_a_temporary_report_ends_the_card_is_looked_at_and_the_resident_told(
    make_phone: Phones,
) -> None:
    """A timer that nobody waits for: the worker asks the bureau, the next message tells it, once."""
    phone = make_phone()
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    for _ in range(4):  # first the sign-in runs out, then the day comes
        work(phone.bot, "t")
    assert work(phone.bot, "j") == 1
    phone.say("谢谢")
    assert phone.bubble.text.startswith("【快到期】尾号1234的社保卡")
    phone.say("谢谢")
    assert "【快到期】" not in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


# --- finding it again ----------------------------------------
def test_a_found_card_is_restored_with_a_face_check(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("卡找到了")
    phone.sign_in()
    show_face(phone)
    assert "尾号3301" in phone.bubble
    phone.tap("在我手里，恢复使用")
    assert phone.bubble.text.startswith("【已恢复】")
    assert "银行功能" in phone.bubble
    phone.tap("卡找到了")
    assert "【可以用】这张卡没有挂失" in phone.bubble
    assert changes(phone.bot) == ["cancel_loss"]


def test_a_found_card_is_restored_at_an_outlet_without_a_face_check(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("卡找到了")
    phone.sign_in()
    phone.tap("不刷脸，用别的办法")
    assert "卡还没有恢复" in phone.bubble
    assert "网点" in phone.bubble
    assert changes(phone.bot) == []


def test_a_formally_lost_card_is_not_restored_where_the_city_forbids_it(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("卡找到了")
    phone.sign_in()
    assert "正式挂失的卡不能恢复" in phone.bubble
    assert "补卡、换卡" in phone.bubble.answers


def test_not_restoring_leaves_the_card_stopped(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("卡找到了")
    phone.sign_in()
    show_face(phone)
    phone.tap("先不恢复")
    assert "还是停用的" in phone.bubble
    assert changes(phone.bot) == []


def test_the_shown_formal_receipt_is_the_bureaus(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    report_formally(phone)
    (line,) = operations(phone.bot)
    assert f"受理号：{line['number']}" in phone.bubble
