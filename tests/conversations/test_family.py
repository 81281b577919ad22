"""Acting for somebody else: a guardian for a child; adults come themselves or go to an outlet."""

from collections.abc import Callable

from phone import Phone

from .kit import act_for_child, apply_by_express, changes, report_formally, report_temporarily

Phones = Callable[..., Phone]


def test_a_guardian_reports_a_childs_card_lost_for_the_time_being(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    assert "接下来办的是张**的卡" in phone.bubble
    phone.tap("卡丢了（挂失）")
    phone.choose("先停用")
    assert "尾号5502" in phone.bubble, "the child's card, not the guardian's"
    phone.tap("确认停用")
    assert "已临时挂失" in phone.bubble
    phone.say("办我自己的卡")
    phone.tap("卡的状态")
    assert "【正常】张*的卡（尾号1234）" in phone.bubble, "the guardian's own card was not touched"
    assert changes(phone.bot) == ["report_loss"]


def test_a_guardian_gets_a_child_a_new_card(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.tap("卡丢了（挂失）")
    report_formally(phone)
    phone.tap("补卡、换卡")
    phone.tap("同意，开始办")
    assert "您自己的身份证" in phone.bubble, "the guardian's own papers"
    phone.image()
    phone.image()
    phone.tap("长期")
    phone.tap("用登记过的手机号")
    assert "这位家人印在新卡上的照片" in phone.bubble, "and the child's portrait"
    phone.image()
    phone.choose("寄到家里")
    phone.say("平安区和平路12号3单元501")
    assert "给谁办：张**" in phone.bubble
    phone.tap("确认提交")
    assert "【待缴费】" in phone.bubble
    phone.tap("查进度")
    assert "【待缴费】" in phone.bubble
    phone.say("办我自己的卡")
    phone.tap("查进度")
    assert "没有查到您的办卡申请" in phone.bubble
    assert changes(phone.bot) == ["report_loss", "apply"]


def test_nobody_acts_for_a_child_who_is_not_theirs(make_phone: Phones) -> None:
    phone, child = make_phone("李小芳"), make_phone("张小宝")
    act_for_child(phone, child)
    assert "没有对上" in phone.bubble
    for _ in range(2):
        phone.say(child.person.id_number)
        phone.say(child.person.name)
        phone.image()
    assert "几次都没有对上" in phone.bubble
    phone.tap("卡的状态")
    assert "尾号2046" in phone.bubble, "still their own card"


def test_a_child_who_is_grown_up_comes_in_person(make_phone: Phones) -> None:
    phone, parent = make_phone(), make_phone("张老伯")
    act_for_child(phone, parent)
    assert "已满16岁" in phone.bubble
    assert "12333" in phone.bubble
    phone.tap("卡的状态")
    assert "尾号1234" in phone.bubble


def test_adults_are_sent_to_an_outlet_with_a_proxy(phone: Phone) -> None:
    phone.tap("给家里人办")
    phone.sign_in()
    phone.tap("其他大人（要到网点代办）")
    assert "要到网点代办" in phone.bubble
    phone.tap("代办")
    assert "委托书" in phone.bubble


def test_a_guardian_who_does_not_agree_gives_no_data(phone: Phone) -> None:
    phone.tap("给家里人办")
    phone.sign_in()
    phone.choose("未满16岁")
    phone.tap("不同意")
    assert "没有用家人的信息" in phone.bubble


def test_acting_for_a_child_ends_with_the_sign_in(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.wait(1801)
    phone.tap("卡的状态")
    phone.sign_in()
    assert "尾号1234" in phone.bubble


def test_somebody_else_who_signs_in_does_not_act_for_the_first_ones_child(make_phone: Phones) -> None:
    phone, child, other = make_phone(), make_phone("张小宝"), make_phone("李小芳")
    phone.tap("卡的状态")
    phone.sign_in()
    phone.wait(1200)
    act_for_child(phone, child)
    phone.wait(700)  # the guardian's sign-in has lapsed, the guardianship not yet
    phone.tap("卡的状态")
    phone.say(other.person.id_number)
    phone.say(other.person.name)
    phone.code()
    assert "尾号5502" not in phone.bubble, "a child's card is shown to its guardian only"
    assert "尾号2046" in phone.bubble


def test_signing_out_ends_acting_for_the_child(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.say("退出登录")
    phone.tap("卡的状态")
    phone.sign_in()
    assert "尾号1234" in phone.bubble


def test_while_a_guardian_acts_for_a_child_the_state_says_whose_card_it_is(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.tap("查卡的状态")
    assert "尾号5502" in phone.bubble
    assert "您的卡" not in phone.bubble, "it is the child's"


def test_a_childs_found_card_is_restored_with_the_guardians_face(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.tap("卡丢了（挂失）")
    report_temporarily(phone)
    phone.tap("卡找到了（解挂）")
    phone.tap("同意刷脸")
    assert "拍您自己的脸" in phone.say("帮助")
    phone.image()
    phone.tap("在我手里，恢复使用")
    assert "【已恢复】" in phone.bubble
    assert changes(phone.bot) == ["report_loss", "cancel_loss"]


def test_a_childs_damaged_card_is_replaced(make_phone: Phones) -> None:
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.tap("补卡、换卡")
    phone.tap("坏了")
    apply_by_express(phone)
    assert "给谁办：张**" in phone.bubble
