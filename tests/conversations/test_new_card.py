"""A new card: applied for with photos, paid, followed, withdrawn, handed in again, collected."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from moment import china, epoch
from phone import Phone

from bot.ports import Request
from bot.turn.bureau_events import BureauEvent, record_of

from .kit import (
    ADDRESS,
    MOBILE,
    apply_by_express,
    card_service,
    changes,
    operations,
    papers,
    report_formally,
    show_face,
)

Phones = Callable[..., Phone]


def application_of(phone: Phone, number: str) -> str:
    """The id of the application with that receipt number, as the bureau's desk would know it."""
    service = card_service(phone.bot)
    found = service.perform(
        Request("card.applications", {"id_number": phone.person.id_number}, "desk", "desk", 5)
    )
    ids = [row["id"] for row in found.value if isinstance(row, dict)]
    for one in ids:
        progress = service.perform(Request("card.progress", {"application": one}, "desk", "desk", 5)).value
        if isinstance(progress, dict) and progress["number"] == number:
            return one
    raise AssertionError(number)


def test_lost_card_to_new_card_by_express_in_one_conversation(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    report_formally(phone)
    phone.tap("补卡、换卡")
    assert "同意吗" in phone.bubble, "separate consent for the photos"
    apply_by_express(phone)
    for words in (
        *("给谁办：张*（旧卡尾号1234）", "原因：丢了", "工本费20元，邮费12元，共32元"),
        *(f"手机号：{MOBILE}\n", f"寄到：{ADDRESS}\n"),
    ):
        assert words in phone.bubble, "what cannot be seen cannot be checked"
    owner = phone.bot.store.owner(phone.openid)
    told = str(phone.bot.store.trace(owner)[-1])
    assert "138****8000" in told
    assert MOBILE not in told
    assert ADDRESS not in told
    phone.say("改手机号")
    assert MOBILE not in phone.bubble, "only in the summary"
    phone.say("13912345678")
    assert "手机号：13912345678\n" in phone.bubble
    phone.say("改手机号")
    phone.say(MOBILE)
    assert changes(phone.bot) == ["report_loss"], "nothing is submitted before the summary is confirmed"
    phone.tap("确认提交")
    assert phone.bubble.text.startswith("【待缴费】")
    assert "缴多少：32元" in phone.bubble
    assert "到哪缴：微信“城市服务—社保缴费”" in phone.bubble
    last = china(phone.at) + timedelta(days=7)
    assert f"最晚：{last.year}年{last.month}月{last.day}日" in phone.bubble
    assert "不会发链接让您转账" in phone.bubble
    assert changes(phone.bot) == ["report_loss", "apply"]
    assert f"受理号：{operations(phone.bot)[-1]['number']}" in phone.bubble


def test_a_new_card_collected_at_an_outlet_chosen_by_location(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    papers(phone)
    phone.choose("自己到网点领")
    phone.location(30.0451, 110.0721)
    assert "1. 长乐区社保卡服务点" in phone.bubble, "the nearest first"
    assert "自助机" not in phone.bubble, "only where a card can be collected"
    phone.choose("长乐区社保卡服务点")
    assert "到这里领：长乐区社保卡服务点" in phone.bubble
    assert "费用：20元" in phone.bubble
    phone.tap("确认提交")
    assert "缴多少：20元" in phone.bubble


def test_a_new_card_collected_at_an_outlet_of_a_typed_district(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    papers(phone)
    phone.say("2")
    phone.say("永宁县")
    phone.say("1")
    assert "到这里领：永宁县社保卡服务中心" in phone.bubble
    phone.say("确认提交")
    assert "【待缴费】" in phone.bubble


def test_a_place_without_outlets_is_asked_again(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    papers(phone)
    phone.say("2")
    phone.say("月亮上面")
    assert "没有找到这个地方附近的网点" in phone.bubble
    phone.tap("列出全部网点")
    assert "到哪个网点领" in phone.bubble


def test_payment_review_making_and_collection_are_followed(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    apply_by_express(phone)
    phone.tap("确认提交")
    number = operations(phone.bot)[-1]["number"]
    bureau, application = card_service(phone.bot), application_of(phone, number)
    phone.tap("查进度")
    assert "【待缴费】" in phone.bubble
    for state, words in (
        ("reviewing", "【正在审核】"),
        ("approved", "【制卡中】审核通过了"),
        ("making", "做好。"),
    ):
        bureau.advance(application, state)
        phone.tap("查进度")
        assert words in phone.bubble
        assert number in phone.bubble
    bureau.advance(application, "posted", tracking="QF42")
    phone.tap("查进度")
    assert "【已寄出】新卡寄出了，快递单号QF42" in phone.bubble
    bureau.advance(application, "collected")
    phone.tap("查进度")
    assert "【已领】" in phone.bubble
    phone.tap("新卡启用")
    if "核对您的脸" in phone.bubble:
        show_face(phone)
    phone.tap("确认启用")
    assert "【已启用】" in phone.bubble
    assert changes(phone.bot) == ["apply", "enable"]


def test_what_becomes_of_the_application_is_told_without_being_asked(make_phone: Phones) -> None:
    """The bureau reports it; it is told with the next message, and the next thing can be done at once."""
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    apply_by_express(phone)
    phone.tap("确认提交")
    number = operations(phone.bot)[-1]["number"]
    bureau, application = card_service(phone.bot), application_of(phone, number)
    bureau.advance(application, "reviewing")
    bureau.advance(application, "rejected", reject_reason="照片背景不是白色。")
    found = bureau.perform(Request("card.progress", {"application": application}, "desk", "desk", 5)).value
    noon = epoch(f"{china(phone.at) + timedelta(days=1):%Y-%m-%d} 12:00:00")
    event = BureauEvent("event-0001", "card.application", noon, record_of("card.application", found))
    assert phone.bot.turns.background.bureau_events.take(event, noon)
    phone.say("你好")
    assert "【没有通过】" in phone.bubble
    assert f"受理号：{number}" in phone.bubble
    assert "原因：照片背景不是白色。" in phone.bubble
    phone.tap("补卡、换卡")
    assert "为什么要办新卡" not in phone.bubble, "the reason comes along"
    phone.say("你好")
    assert "【没有通过】" not in phone.bubble, "told once"


def test_an_application_made_by_mistake_is_withdrawn(make_phone: Phones) -> None:
    phone = make_phone("杨审核")
    phone.tap("查进度")
    phone.sign_in()
    assert "【正在审核】" in phone.bubble
    phone.tap("撤回申请")
    assert "要撤回这个申请" in phone.bubble
    phone.tap("不撤回")
    assert "申请还在" in phone.bubble
    assert changes(phone.bot) == []
    phone.say("撤回补卡申请")
    phone.tap("确认撤回")
    assert phone.bubble.text.startswith("【已撤回】")
    assert "旧卡还是挂失的" in phone.bubble
    assert changes(phone.bot) == ["withdraw"]
    phone.tap("查进度")
    assert "没有查到您的办卡申请" in phone.bubble


def test_an_approved_application_can_no_longer_be_withdrawn(make_phone: Phones) -> None:
    phone = make_phone("秦制作")
    phone.say("撤回补卡申请")
    phone.sign_in()
    assert "不能撤回了" in phone.bubble
    assert changes(phone.bot) == []


def test_a_rejected_application_is_handed_in_again_with_its_reason(make_phone: Phones) -> None:
    phone = make_phone("朱驳回")
    phone.tap("查进度")
    phone.sign_in()
    assert "【没有通过】" in phone.bubble
    assert "原因：照片背景不是白色。" in phone.bubble
    phone.tap("补卡、换卡")
    assert "为什么要办新卡" not in phone.bubble, "the reason comes along"
    apply_by_express(phone)
    assert "原因：换照片" in phone.bubble
    phone.tap("确认提交")
    assert "【待缴费】" in phone.bubble
    assert changes(phone.bot) == ["apply"]


def test_a_rejected_application_needs_no_withdrawal(make_phone: Phones) -> None:
    phone = make_phone("朱驳回")
    phone.say("撤回申请")
    phone.sign_in()
    assert "不用撤回" in phone.bubble
    assert "补卡、换卡" in phone.bubble.answers


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("韩缴费", "【待缴费】"),
        ("杨审核", "【正在审核】"),
        ("秦制作", "【制卡中】"),
        ("尤寄出", "快递单号QF0000012345678"),
    ],
)
def test_progress_is_told_by_state(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("查进度")
    phone.sign_in()
    assert words in phone.bubble


def test_of_several_applications_the_resident_chooses(make_phone: Phones) -> None:
    phone = make_phone("许两单")
    phone.tap("查进度")
    phone.sign_in()
    assert "看哪一个" in phone.bubble
    phone.say("1")
    assert "【正在审核】" in phone.bubble
    phone.tap("查进度")
    phone.say("第二个")
    assert "【已领】" in phone.bubble


def test_nobody_applies_twice(make_phone: Phones) -> None:
    phone = make_phone("韩缴费")
    phone.tap("补卡换卡")
    phone.sign_in()
    assert "已经有一个申请在办" in phone.bubble
    assert "【待缴费】" in phone.bubble
    assert changes(phone.bot) == []


def test_a_lost_card_has_to_be_reported_before_it_is_replaced(phone: Phone) -> None:
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("丢了")
    assert "卡还没有正式挂失" in phone.bubble
    report_formally(phone)
    assert "【已停用】" in phone.bubble


def test_a_damaged_card_is_replaced_without_a_loss_report(phone: Phone) -> None:
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("坏了")
    apply_by_express(phone)
    assert "原因：坏了" in phone.bubble
    phone.tap("确认提交")
    assert changes(phone.bot) == ["apply"]


def test_an_expired_card_is_replaced(make_phone: Phones) -> None:
    phone = make_phone("褚到期")
    phone.tap("卡的状态")
    phone.sign_in()
    assert "【已到期】" in phone.bubble
    phone.tap("补卡、换卡")
    phone.tap("到期了")
    apply_by_express(phone)
    assert "原因：到期了" in phone.bubble


def test_a_new_number_is_a_matter_for_a_person(phone: Phone) -> None:
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("证件号码改了")
    assert "申请还没有交" in phone.bubble


def test_without_a_face_check_the_application_is_made_at_an_outlet(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    phone.tap("不刷脸，用别的办法")
    assert "申请还没有交。没关系" in phone.bubble
    assert "附近网点" in phone.bubble.answers


def test_an_unreadable_photo_is_asked_for_again(make_phone: Phones) -> None:
    phone = make_phone("孔模糊")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    assert "看不清脸" in phone.bubble
    phone.image()
    assert "再试一次" in phone.bubble
    phone.image()
    assert "已核对是您本人" in phone.bubble
    phone.image()
    phone.image()
    assert "照片看不清" in phone.bubble
    phone.image()
    phone.image()
    assert "身份证有效期" in phone.bubble


def test_another_persons_id_card_is_not_taken(make_phone: Phones) -> None:
    phone = make_phone("曹别人")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    for _ in range(2):
        phone.image()
        phone.image()
        assert "不是同一个人" in phone.bubble
    phone.image()
    phone.image()
    assert "申请还没有交" in phone.bubble
    assert "网点" in phone.bubble


def test_an_expired_id_card_is_said_to_be_expired(make_phone: Phones) -> None:
    phone = make_phone("严过期")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    phone.image()
    phone.image()
    assert "您的身份证过期了，申请还没有交" in phone.bubble


def test_a_validity_in_the_past_is_not_taken_and_long_term_is(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    phone.image()
    phone.image()
    phone.say("2016年5月20日")
    assert "请写年月日" in phone.bubble
    phone.say("长期")
    assert "联系手机号" in phone.bubble
    phone.say("1380013800")
    assert "手机号是11位" in phone.bubble
    phone.say("００８６１３８００１３８０００")
    assert "印在新卡上的照片" in phone.bubble


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("郑未启", "这张卡还没有启用"),
        ("冯注销", "已经注销"),
        ("卫制卡", "正在做，不用再申请"),
        ("蒋待领", "还没有领，不用再申请"),
        ("沈无卡", "请先第一次办卡"),
        ("孙临时", "还没有正式挂失"),
    ],
)
def test_who_cannot_apply_is_told_why(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("补卡换卡")
    phone.sign_in()
    assert words in phone.bubble
    assert changes(phone.bot) == []


# --- activation and the card's state ----------------------------------------
def test_a_sealed_card_is_activated_with_a_face_check(make_phone: Phones) -> None:
    phone = make_phone("郑未启")
    phone.tap("卡的状态")
    phone.sign_in()
    assert "这不是停保" in phone.bubble
    phone.tap("新卡启用")
    show_face(phone)
    phone.tap("确认启用")
    assert "【已启用】社保功能可以用了。" in phone.bubble
    assert "明月银行" in phone.bubble, "the bank function is opened at the bank"
    phone.tap("新卡启用")
    assert "已经启用了" in phone.bubble
    assert changes(phone.bot) == ["enable"]


def test_a_card_is_activated_at_an_outlet_without_a_face_check(make_phone: Phones) -> None:
    phone = make_phone("澳居民")
    phone.tap("新卡启用")
    phone.sign_in()
    phone.tap("不刷脸，用别的办法")
    assert "到网点启用" in phone.bubble
    assert changes(phone.bot) == []


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("卫制卡", "领到手以后再启用"),
        ("蒋待领", "领到手以后再启用"),
        ("孙临时", "【已停用】"),
        ("吴正式", "请补办新卡"),
        ("冯注销", "【已注销】"),
        ("沈无卡", "没有查到"),
    ],
)
def test_what_cannot_be_activated_is_told_apart(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("新卡启用")
    phone.sign_in()
    assert words in phone.bubble


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("张三", "【正常】张*的卡（尾号1234）可以使用"),
        ("陈锁定", "【密码锁了】卡没有坏"),
        ("褚到期", "【已到期】"),
        ("卫制卡", "【制卡中】"),
        ("蒋待领", "【可以领】新卡（尾号3308）做好了。请带身份证到平安区社保卡服务中心领"),
        ("孙临时", "自动恢复"),
        ("吴正式", "不会自动恢复"),
        ("冯注销", "【已注销】"),
        ("沈无卡", "没有查到"),
    ],
)
def test_the_cards_state_is_told_in_plain_words(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("卡的状态")
    phone.sign_in()
    assert words in phone.bubble


# --- rating ----------------------------------------
def test_the_service_is_rated_after_a_receipt(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.tap("确认停用")
    phone.tap("评价这次服务")
    phone.tap("非常满意")
    assert "谢谢您的评价" in phone.bubble
    phone.say("评价")
    phone.say("4")
    assert "哪里不好" in phone.bubble
    phone.say("等得太久了")
    assert "谢谢您告诉我们" in phone.bubble
