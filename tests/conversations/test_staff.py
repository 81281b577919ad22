"""Reaching a person: within working hours by the message's own time, and outside them."""

from collections.abc import Callable

from phone import Phone

from .kit import report_temporarily, weekday_at, work

Phones = Callable[..., Phone]
PERSON = "person"


def at_work(phone: Phone) -> Phone:
    phone.at = weekday_at(1, 10)
    return phone


def test_in_working_hours_a_member_of_staff_takes_over(phone: Phone) -> None:
    at_work(phone).say("人工")
    assert "要接通工作人员吗" in phone.bubble
    phone.tap("接通")
    assert phone.bubble.kind == PERSON
    assert phone.say("我的卡丢了").kind == PERSON, "while a person has it, nothing is answered by us"
    assert phone.image().kind == PERSON
    assert phone.voice("在吗").kind == PERSON


def test_outside_working_hours_the_hours_and_the_hotline_are_said(phone: Phone) -> None:
    phone.at = weekday_at(6, 10)
    phone.say("人工")
    assert "9:00开放。卡丢了着急" in phone.bubble
    assert "12333" in phone.bubble
    phone.at = weekday_at(3, 8)
    phone.tap("找工作人员")
    assert "9:00开放。卡丢了着急" in phone.bubble
    phone.at = weekday_at(3, 17)
    phone.tap("找工作人员")
    assert "9:00开放。卡丢了着急" in phone.bubble


def test_the_person_closes_the_conversation_and_the_flow_goes_on(phone: Phone) -> None:
    at_work(phone).tap("挂失停用")
    phone.sign_in()
    phone.say("人工")
    phone.tap("接通")
    phone.say("怎么停")
    phone.event("kf_close_session", KfAccount="a@b")
    assert "和工作人员的对话结束了" in phone.bubble
    assert "接着办“卡丢了（挂失）”" in phone.bubble
    phone.choose("先停用")
    phone.tap("确认停用")
    assert "【已停用】" in phone.bubble


def test_the_flow_that_goes_on_is_called_by_what_the_resident_began(phone: Phone) -> None:
    """Not by the sign-in that stands on top of it."""
    at_work(phone).tap("挂失停用")
    phone.tap("同意，继续")
    phone.say("人工")
    phone.tap("接通")
    phone.say("在吗")
    phone.event("kf_close_session")
    assert "接着办“卡丢了（挂失）”" in phone.bubble


def test_a_menu_button_or_back_ends_it_too(phone: Phone) -> None:
    at_work(phone).say("人工")
    phone.tap("接通")
    phone.tap("附近网点")
    assert "您在哪个区" in phone.bubble
    phone.say("人工")
    phone.tap("接通")
    phone.say("返回")
    assert "和工作人员的对话结束了" in phone.bubble
    assert phone.say("你好").kind == "text"


def test_after_half_an_hour_the_bot_answers_again(phone: Phone) -> None:
    at_work(phone).say("人工")
    phone.tap("接通")
    phone.wait(1801)
    assert phone.say("你好").kind == "text"


def test_who_does_not_want_a_person_goes_on(phone: Phone) -> None:
    at_work(phone).tap("挂失停用")
    phone.sign_in()
    phone.say("人工")
    phone.tap("不接通")
    assert "卡要怎么停" in phone.bubble


def test_out_of_tries_a_person_is_offered(phone: Phone) -> None:
    at_work(phone).tap("挂失停用")
    phone.sign_in()
    for _ in range(3):
        phone.say("嗯啊哈")
    assert "试了几次都不对" in phone.bubble
    phone.tap("接通")
    assert phone.bubble.kind == PERSON


def test_it_is_not_promised_that_answers_are_kept_where_they_are_not(phone: Phone) -> None:
    at_work(phone).tap("挂失停用")
    phone.sign_in()
    for _ in range(3):
        phone.say("嗯啊哈")
    promised = "您刚才填的还在" in phone.bubble
    phone.tap("不接通")
    phone.say("继续")
    assert promised == ("没有办到一半的事" not in phone.bubble)


def test_out_of_tries_after_hours_the_first_thing_offered_is_to_go_on(phone: Phone) -> None:
    phone.at = weekday_at(6, 22)
    phone.tap("挂失停用")
    phone.sign_in()
    for _ in range(3):
        phone.say("嗯啊哈")
    assert next(iter(phone.bubble.answers)) == "接着办“卡丢了（挂失）”"
    phone.say("1")
    assert "卡要怎么停" in phone.bubble
    phone.say("嗯啊哈")
    assert "试了几次都不对" not in phone.bubble, "the tries begin anew"
    assert report_temporarily(phone).text.startswith("【已停用】")


def test_the_way_back_is_let_go_with_the_answers(phone: Phone) -> None:
    phone.at = weekday_at(6, 12)
    phone.tap("挂失停用")
    phone.sign_in()
    for _ in range(3):
        phone.say("嗯啊哈")
    phone.at += 3600
    phone.say("带什么材料")
    assert not any("接着办" in answer for answer in phone.bubble.answers)


def test_out_of_tries_where_nothing_follows_the_menu_is_offered(phone: Phone) -> None:
    at_work(phone).say("人工")
    for _ in range(3):
        phone.say("嗯啊哈")
    assert "试了几次都不对" in phone.bubble
    assert "继续" not in phone.bubble
    assert "卡丢了（挂失）" in phone.bubble.answers


def test_after_an_outage_the_word_continue_means_what_was_interrupted(make_phone: Phones) -> None:
    """“请过几分钟回复‘继续’” stands in the same bubble as the question about a person."""
    phone = at_work(make_phone("断先生"))
    phone.tap("卡的状态")
    phone.sign_in()
    assert "请过几分钟回复“继续”" in phone.bubble
    phone.say("继续")
    assert "接着办“查卡的状态”" in phone.bubble


def test_an_outcome_still_arrives_after_the_conversation_with_a_person(once_phone: Phones) -> None:
    phone = at_work(once_phone("没回音"))
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    phone.say("人工")
    phone.tap("接通")
    while work(phone.bot):
        pass
    assert phone.say("在吗").kind == PERSON
    phone.say("返回")
    assert "【已停用】" in phone.bubble


def test_with_nothing_open_the_end_of_a_conversation_does_not_promise_to_go_on(phone: Phone) -> None:
    at_work(phone).say("人工")
    phone.tap("接通")
    phone.say("在吗")
    phone.event("kf_close_session")
    assert "回复“继续”" not in phone.bubble
