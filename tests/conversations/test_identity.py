"""Signing in: what is taken, what is refused kindly, and what tells a stranger nothing."""

from collections.abc import Callable

import pytest
from phone import Phone

from .kit import changes

Phones = Callable[..., Phone]
LOCKED = "现在先不核对"


def try_to_sign_in(phone: Phone, id_number: str, name: str) -> str:
    """From the question for the number; what the check says."""
    phone.say(id_number)
    phone.say(name)
    return phone.code().text


def test_consent_is_asked_before_any_personal_data(phone: Phone) -> None:
    phone.tap("卡的状态")
    assert "用您的姓名和证件号码" in phone.bubble
    phone.say("660101198001010018")
    assert "姓名，和证件上一样" not in phone.bubble, "a number sent before the consent is not taken"
    phone.tap("不同意")
    assert "没有用您的姓名和号码" in phone.bubble
    assert "12333" in phone.bubble


def test_who_agreed_before_is_not_asked_again(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.wait(1801)
    phone.tap("卡的状态")
    assert "18位证件号码" in phone.bubble


@pytest.mark.parametrize("person", ["港居民", "澳居民", "台居民", "ANNA MARIA SAMPLE", "𠮷生僻", "古丽·示例"])
def test_permits_rare_names_and_foreigners_sign_in(make_phone: Phones, person: str) -> None:
    phone = make_phone(person)
    phone.tap("卡的状态")
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    assert person not in phone.bubble, "the name is masked"


@pytest.mark.parametrize(
    ("person", "number", "name"),
    [
        ("古丽·示例", "６６０１０３　１９８８０１０１　００２７", "古丽•示例"),
        ("古丽·示例", "660103-19880101-0027", "古丽・示例"),
        ("ANNA MARIA SAMPLE", "96699919820416002x", "Anna Maria  Sample"),
        ("张三", "我的号码是660101198001010018", "我叫张三"),
    ],
)
def test_what_people_really_type_is_understood(
    make_phone: Phones, person: str, number: str, name: str
) -> None:
    phone = make_phone(person)
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    assert "已核对是您本人" in try_to_sign_in(phone, number, name)


def test_a_15_digit_number_is_refused_kindly(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    phone.say("660101800101001")
    assert "15位的旧号码不能用了" in phone.bubble
    phone.say(phone.person.id_number)
    assert "您的姓名" in phone.bubble


def test_an_impossible_number_is_asked_again_in_other_words_until_a_person_helps(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    phone.say("660101198001010019")
    first = phone.bubble.text
    assert "18位" in first
    phone.say("660101198013010018")
    assert phone.bubble.text != first
    assert "再试一次" in phone.bubble
    phone.say("660101209901010014")
    assert "试了几次都不对" in phone.bubble
    assert "12333" in phone.bubble or "工作人员" in phone.bubble


def test_who_has_no_18_characters_is_shown_another_way(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.tap("同意，继续")
    phone.tap("我没有18位号码")
    assert "带证件到网点" in phone.bubble
    assert "港澳台居民、外国人" in phone.bubble.answers


def test_a_wrong_name_and_an_unknown_number_read_the_same(make_phone: Phones) -> None:
    """Nobody learns here who is registered."""
    heard = []
    for person, number, name in (
        ("张三", "660101198505200026", "张三"),
        ("吕查无", "660101199208140017", "吕查无"),
    ):
        phone = make_phone(person)
        phone.tap("卡的状态")
        phone.tap("同意，继续")
        heard.append(try_to_sign_in(phone, number, name))
    assert "还没有对上" in heard[0]
    assert heard[0] == heard[1]


def test_three_mismatches_end_the_attempt_and_five_delay_the_next(make_phone: Phones) -> None:
    phone = make_phone("何写错")
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    for _ in range(3):
        try_to_sign_in(phone, phone.person.id_number, phone.person.name)
    assert "几次都没有对上" in phone.bubble
    assert "卡丢了着急，请马上打12333" in phone.bubble
    phone.tap("卡的状态")
    for _ in range(2):
        assert LOCKED not in try_to_sign_in(phone, phone.person.id_number, phone.person.name)
    assert LOCKED in try_to_sign_in(phone, phone.person.id_number, phone.person.registered_as)
    other = make_phone("何写错", name="another-phone")
    other.tap("卡的状态")
    other.tap("同意，继续")
    assert LOCKED in try_to_sign_in(other, phone.person.id_number, phone.person.registered_as), (
        "many accounts do not help to probe one number"
    )


def test_unfollowing_does_not_give_new_tries(make_phone: Phones) -> None:
    phone = make_phone("何写错")
    for _ in range(2):
        phone.tap("卡的状态")
        if "您同意吗" in phone.bubble:
            phone.tap("同意，继续")
        for _ in range(3):
            try_to_sign_in(phone, phone.person.id_number, phone.person.name)
        phone.event("unsubscribe")
        phone.event("subscribe")
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    assert LOCKED in try_to_sign_in(phone, "660101198001010018", "张三")


def test_a_wrong_code_thrice_leads_to_another_way(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    phone.say(phone.person.id_number)
    phone.say(phone.person.name)
    shown = [phone.bubble.text]
    for _ in range(2):
        phone.say("12")
        shown.append(phone.bubble.text)
    assert len(set(shown)) == 3, "every time another code"
    assert "再试一次" in phone.bubble
    phone.say("12")
    assert "试了几次都不对" in phone.bubble


def test_a_code_is_good_for_ten_minutes(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    phone.say(phone.person.id_number)
    phone.say(phone.person.name)
    phone.wait(601)
    phone.code()
    assert "刚才那组数字过期了" in phone.bubble
    phone.code()
    assert "已核对是您本人" in phone.bubble


def test_minors_are_turned_to_their_guardian(make_phone: Phones) -> None:
    phone = make_phone("张小宝")
    phone.tap("挂失停用")
    phone.sign_in()
    assert "父母或监护人" in phone.bubble
    assert "12333" in phone.bubble
    assert changes(phone.bot) == []


def test_a_person_who_does_not_sign_in_again_is_asked_before_anything_is_done(phone: Phone) -> None:
    """The sign-in is looked at again before a change."""
    phone.tap("挂失停用")
    phone.sign_in()
    phone.wait(1000)
    phone.choose("先停用")
    phone.wait(1000)
    phone.tap("确认停用")
    assert "18位证件号码" in phone.bubble
    assert changes(phone.bot) == []
    phone.sign_in()
    assert "已临时挂失" in phone.bubble


def test_somebody_else_who_signs_in_later_does_not_confirm_for_the_first(make_phone: Phones) -> None:
    """The summary named the first person's card: another person's sign-in must not carry it out."""
    phone, other = make_phone("张三"), make_phone("李小芳")
    phone.tap("挂失停用")
    phone.sign_in()
    phone.wait(1000)
    phone.choose("先停用")
    assert "尾号1234" in phone.bubble
    phone.wait(1000)
    phone.tap("确认停用")
    phone.say(other.person.id_number)
    phone.say(other.person.name)
    phone.code()
    assert changes(phone.bot) == []
