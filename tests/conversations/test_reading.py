"""An open question takes what answers it, however it is put, and nothing else."""

from __future__ import annotations

import pytest
from phone import Phone

NUMBER, NAME = "660101198001010018", "张三"


def asked_for_number(phone: Phone) -> Phone:
    phone.tap("卡的状态")
    phone.tap("同意，继续")
    assert "18位证件号码" in phone.bubble
    return phone


def asked_for_name(phone: Phone) -> Phone:
    asked_for_number(phone).say(NUMBER)
    assert "请回复您的姓名" in phone.bubble
    return phone


@pytest.mark.parametrize(
    "said", ["收费吗", "等一下", "号码打错了", "手机号", "同意，继续", "补卡要带什么材料"]
)
def test_a_sentence_is_no_name(phone: Phone, said: str) -> None:
    asked_for_name(phone).say(said)
    assert "这4个数字" not in phone.bubble


def test_a_long_name_without_a_dot_is_shown_back_once_and_costs_no_try(phone: Phone) -> None:
    asked_for_name(phone)
    for name in ("尼玛次仁", "扎西多吉", "尼玛扎西", "扎西次仁"):
        phone.say(name)
        assert f"名字是“{name}”吗？" in phone.bubble
    phone.tap("是的")
    assert "这4个数字" in phone.bubble


@pytest.mark.parametrize("yes", ["是的", "对", "尼玛次仁", "我叫尼玛次仁。"])
def test_a_name_that_was_shown_back_is_taken_by_a_yes_or_the_same_words(phone: Phone, yes: str) -> None:
    asked_for_name(phone).say("尼玛次仁")
    phone.say(yes)
    assert "这4个数字" in phone.bubble


def test_who_says_no_to_the_name_is_asked_again(phone: Phone) -> None:
    asked_for_name(phone).say("尼玛次仁")
    phone.say("不是")
    assert "请回复您的姓名" in phone.bubble
    phone.say(NAME)
    assert "这4个数字" in phone.bubble


def test_a_name_that_looks_like_talk_is_taken_when_it_comes_again(phone: Phone) -> None:
    asked_for_name(phone).say("何时")
    assert "这4个数字" not in phone.bubble
    phone.say("何时")
    assert "这4个数字" in phone.bubble


def test_the_name_that_is_shown_back_is_masked_in_the_trace(phone: Phone) -> None:
    asked_for_name(phone).say("尼玛次仁")
    told = str(phone.bot.store.trace(phone.bot.store.owner(phone.openid)))
    assert "名字是" in told
    assert "尼玛次仁" not in told


def test_a_number_that_does_not_add_up_says_so_and_never_where(phone: Phone) -> None:
    asked_for_number(phone).say("身份证660101198001010019")
    assert "可能有一位输错了" in phone.bubble
    phone.say("660101198001010018和660223196511050049")
    assert "不止一个" in phone.bubble
    phone.say("六六零一零一一九八零零一零一零零一八")
    assert "请回复您的姓名" in phone.bubble


@pytest.mark.parametrize("sticker", ["【收到不支持的消息类型，暂无法显示】", "/:rose", "[微笑]"])
def test_a_sticker_costs_no_try(phone: Phone, sticker: str) -> None:
    asked_for_number(phone)
    for _ in range(4):
        phone.say(sticker)
    phone.say(NUMBER)
    assert "请回复您的姓名" in phone.bubble


def test_a_secret_in_a_sentence_is_warned_of_and_kept_nowhere(phone: Phone) -> None:
    asked_for_number(phone).say(f"{NUMBER}，密码是a135791")
    assert "请不要发密码和验证码" in phone.bubble
    assert "请回复您的姓名" in phone.bubble, "what else was said is taken"
    phone.say("张三，验证码135792")
    assert "请不要发密码和验证码" in phone.bubble
    assert "这4个数字" not in phone.bubble, "free words that a secret was a part of are not"
    owner = phone.bot.store.owner(phone.openid)
    kept = str(phone.bot.store.trace(owner)) + str(phone.bot.store.begin(owner, "").session)
    assert "13579" not in kept
    phone.say(NAME)
    assert "请不要发" not in phone.code().text, "the shown digits are no secret"


def test_a_secret_with_nothing_open_is_warned_of_beside_what_was_meant(phone: Phone) -> None:
    phone.say("卡丢了，密码是135791，快停")
    assert "请不要发密码和验证码" in phone.bubble
    assert "挂失" in phone.bubble
