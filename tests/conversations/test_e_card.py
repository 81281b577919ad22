"""The electronic card: always the resident's own, issued and authorised by its holder."""

from collections.abc import Callable

import pytest
from phone import Phone

from .kit import act_for_child, changes

Phones = Callable[..., Phone]


def test_an_e_card_is_issued_with_the_holders_authorisation(phone: Phone) -> None:
    phone.tap("电子社保卡")
    phone.sign_in()
    assert "要您本人授权" in phone.bubble
    assert changes(phone.bot) == []
    phone.tap("授权领取")
    assert "【已领好】" in phone.bubble
    assert "微信“我—服务—城市服务—电子社保卡”" in phone.bubble, "where it is opened"
    phone.tap("电子社保卡")
    assert "不用再领" in phone.bubble
    assert changes(phone.bot) == ["issue_e_card"]


def test_who_does_not_want_an_e_card_gets_none(phone: Phone) -> None:
    phone.tap("电子社保卡")
    phone.sign_in()
    phone.tap("先不领")
    assert "这次没有领" in phone.bubble
    assert changes(phone.bot) == []


def test_a_lost_cards_e_card_goes_on_after_its_holders_authorisation(make_phone: Phones) -> None:
    phone = make_phone("孙临时")
    phone.tap("电子社保卡")
    phone.sign_in()
    phone.tap("授权使用")
    assert "实体卡还是停用的" in phone.bubble
    phone.tap("电子社保卡")
    assert "卡挂失了也能用" in phone.bubble


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("李小芳", "您已经有电子社保卡"),
        ("冯注销", "新卡领到手以后会自动恢复"),
        ("卫制卡", "还没有领到手"),
        ("沈无卡", "要先有社保卡"),
    ],
)
def test_an_e_card_that_cannot_be_issued_is_told_apart(make_phone: Phones, person: str, words: str) -> None:
    phone = make_phone(person)
    phone.tap("电子社保卡")
    phone.sign_in()
    assert words in phone.bubble
    assert changes(phone.bot) == []


def test_a_sealed_card_has_an_e_card_all_the_same(make_phone: Phones) -> None:
    phone = make_phone("郑未启")
    phone.tap("电子社保卡")
    phone.sign_in()
    phone.tap("授权领取")
    assert "【已领好】" in phone.bubble


def test_a_guardian_never_issues_a_childs_e_card(make_phone: Phones) -> None:
    """An e-card needs its holder's own authorisation: it stays the guardian's own."""
    phone, child = make_phone(), make_phone("张小宝")
    act_for_child(phone, child)
    phone.tap("电子社保卡")
    phone.tap("授权领取")
    phone.say("办我自己的卡")
    phone.tap("电子社保卡")
    assert "您已经有电子社保卡" in phone.bubble
