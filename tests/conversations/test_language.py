"""English on a word, Chinese back on a word."""

import re
from collections.abc import Callable

import pytest
from phone import Phone

from .kit import changes, work

Phones = Callable[..., Phone]
HAN = re.compile("[\u4e00-\u9fff]")


def english_sign_in(phone: Phone) -> None:
    phone.say("I agree")
    phone.say(phone.person.id_number)
    phone.say(phone.person.name)
    phone.code()


def test_english_replies_after_the_word_and_chinese_ones_after_the_other(phone: Phone) -> None:
    phone.say("English")
    assert "English" in phone.bubble
    phone.say("lost my card")
    assert "Do you agree?" in phone.bubble
    english_sign_in(phone)
    phone.choose("Block it for 7 days")
    assert "Please check" in phone.bubble
    phone.tap("Block the card")
    assert phone.bubble.text.startswith("BLOCKED")
    assert "95000" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]
    phone.say("中文")
    assert "以后用中文" in phone.bubble
    phone.tap("卡的状态")
    assert "【已停用】" in phone.bubble


def test_changing_the_language_in_mid_conversation_repeats_the_question(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("English")
    assert "How should the card be blocked?" in phone.bubble
    phone.say("1")
    assert "Please check" in phone.bubble
    phone.say("中文")
    assert "请核对" in phone.bubble
    phone.say("确认停用")
    assert changes(phone.bot) == ["report_loss"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("help", "12333"),
        ("my data", "What we hold on you now:"),
        ("continue", "Nothing is half done"),
        ("123456", "Please never send passwords"),
    ],
)
def test_recovery_words_work_in_english(phone: Phone, typed: str, words: str) -> None:
    phone.say("English")
    phone.say(typed)
    assert words in phone.bubble


def test_every_menu_button_answers_in_english(phone: Phone) -> None:
    phone.say("English")
    for top in phone.bot.loaded.menu:
        for button in (top, *top.sub):
            if button.key:
                phone.event("CLICK", EventKey=button.key)
                assert phone.bubble.kind == "text"
                assert not HAN.search(phone.bubble.text), f"{button.name}: {phone.bubble.text}"
                phone.say("cancel")


def test_pages_answer_in_english_by_their_english_titles(phone: Phone) -> None:
    """But for words as they stand on a Chinese sign, in brackets, and the name of an app."""
    phone.say("English")
    for name, words in phone.bot.content.languages["en"].pages.items():
        phone.say(words.title)
        shown = re.sub(r"\(.*?\)|掌上12333", "", phone.bubble.text)
        assert not HAN.search(shown), f"{name}: {phone.bubble.text}"


def test_a_resident_without_chinese_characters_in_the_name_is_served(make_phone: Phones) -> None:
    phone = make_phone("ANNA MARIA SAMPLE")
    phone.say("English")
    phone.say("report a loss")
    english_sign_in(phone)
    assert "Hello A***" in phone.bubble


def test_what_an_outlet_does_is_told_in_english(phone: Phone) -> None:
    """Names and addresses stay as they stand on the door."""
    phone.say("English")
    phone.tap("附近网点")
    phone.location(30.0001, 110.0001)
    assert "report a loss" in phone.bubble
    assert "今天" not in phone.bubble


def test_the_name_of_another_flow_is_no_answer_by_a_part_of_its_words(phone: Phone) -> None:
    """One answer there is “Formal report, needed for a new card …”."""
    phone.say("English")
    phone.say("lost my card")
    english_sign_in(phone)
    phone.say("New card")
    assert "You have not finished “Lost card” yet." in phone.bubble
    phone.tap("Leave it and do “New card”")
    assert "How should the card be blocked?" not in phone.bubble
    assert "new card" in phone.bubble


def test_deleting_is_confirmed_in_the_language_spoken_and_then_that_is_gone_too(phone: Phone) -> None:
    phone.say("English")
    phone.say("my card")
    phone.say("delete my data")
    phone.tap("Erase it")
    assert phone.bubble.text.startswith("Your data has been erased. These stay:")
    assert not HAN.search(phone.bubble.text)
    phone.say("我的信息")
    assert "现在留着的信息：" in phone.bubble


def test_the_end_of_a_change_under_way_is_told_in_the_language_spoken_before_deletion(
    once_phone: Phones,
) -> None:
    phone = once_phone("没回音")
    phone.say("English")
    phone.say("lost my card")
    english_sign_in(phone)
    phone.choose("Block it for 7 days")
    phone.tap("Block the card")
    phone.say("delete my data")
    phone.tap("Erase it")
    assert "What is still being submitted" in phone.bubble
    while work(phone.bot):
        pass
    phone.say("hello")
    assert "BLOCKED" in phone.bubble
    assert not HAN.search(phone.bubble.text.split("BLOCKED")[0])
    phone.say("我的信息")
    assert "现在留着的信息：" in phone.bubble


def test_after_the_switch_something_is_offered(phone: Phone) -> None:
    phone.event("subscribe")
    assert "reply “English”" in phone.bubble
    phone.say("English")
    assert "Lost card" in phone.bubble.answers
