"""One-answer pages, outlets, the menu and the first hello."""

from collections.abc import Callable

import pytest
from phone import Phone

from bot.app import Bot

from .kit import weekday_at

Phones = Callable[..., Phone]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("卡丢了怎么看病", "可以用电子社保卡看病、买药"),
        ("看病的钱怎么报销", "到医保窗口报销"),
        ("第一次办社保卡", "带身份证到网点，填申请表"),
        ("谁可以办社保卡", "未满16岁由监护人办"),
        ("外地的社保卡丢了", "请打发卡地区号加12333挂失"),
        ("自助机在哪", "刷身份证就能用"),
        ("自助机怎么用", "挂失、补卡、启用、重设密码"),
        ("办卡要带什么", "双方身份证和委托书"),
        ("补卡要多少钱", "补卡换卡20元"),
        ("怎么缴费", "7天内缴"),
        ("补卡要多久", "审核大约3个工作日"),
        ("在哪里领卡", "带身份证到选的网点领"),
        ("社保卡有什么用", "领养老金"),
        ("封存是什么意思", "不是停保"),
        ("法律依据", "第二、三、七、十四、十五、十六条"),
        ("法律依据", "《社会保险法》第五十八条"),
        ("银行卡那边也要挂失吗", "只停社保功能"),
        ("电话打不通", "可以在这里挂失"),
        ("挂失后又找到了", "临时挂失的，可以在这里恢复"),
        ("临时挂失管几天", "临时挂失停7天"),
        ("挂失后电子社保卡还能用吗", "打开时要您本人授权"),
        ("社保卡密码锁了", "密码输错6次会锁"),
        ("可以不刷脸吗", "临时挂失不用刷脸"),
        ("我是台湾人", "港澳台居民居住证"),
        ("能代办吗", "委托书"),
        ("儿童社保卡怎么办理", "给家里人办"),
        ("立等可取", "当场拿新卡"),
        ("医保报销", "12393"),
        ("有人要我发验证码", "那是骗子"),
        ("為什麼要身份證號", "只用来核对是不是您本人"),
        ("去哪里办", "12333"),
        ("急", "卡丢了先停用"),
        ("急死我了！！", "卡丢了先停用"),
    ],
)
def test_a_question_in_the_residents_own_words_has_its_answer(phone: Phone, typed: str, words: str) -> None:
    phone.say(typed)
    if words not in phone.bubble and phone.bubble.answers:  # a near phrase: offered, one tap away
        phone.tap(next(iter(phone.bubble.answers)))
    assert words in phone.bubble


@pytest.mark.parametrize(
    "typed", ["你们是不是骗子", "你们是骗子吧", "是不是骗子", "这个公众号是真的吗", "are you a scam?"]
)
def test_whoever_doubts_us_is_told_who_we_are(phone: Phone, typed: str) -> None:
    phone.say(typed)
    if "12333" not in phone.bubble:  # a near phrase: offered, one tap away
        phone.tap(next(iter(phone.bubble.answers)))
    assert "清风市人社局的社保卡服务。不放心，请打12333核实" in phone.bubble
    assert "那是骗子" not in phone.bubble


def test_every_page_is_reached_by_its_title(bot: Bot, make_phone: Phones) -> None:
    phone = make_phone()
    language = bot.content.languages["zh-CN"]
    for name, words in language.pages.items():
        target = bot.content.triggers.get(words.title)
        if target is not None and target.page != name:
            continue  # the title is also a flow's: the flow goes first
        phone.say(words.title)
        assert phone.bubble.kind == "text", name
        shown = phone.bubble.text.splitlines()
        assert len([line for line in shown if line]) <= 12, name


@pytest.mark.slow
def test_every_phrase_of_every_flow_begins_or_answers_something(bot: Bot, once_phone: Phones) -> None:
    """Nothing typed from the words in messages/ ends in “not understood”."""
    phone = once_phone()
    for phrase in sorted(bot.content.triggers):
        phone.say(phrase)
        assert "这句没看懂" not in phone.bubble, phrase
        phone.say("取消")
        if "想做哪一样" in phone.bubble:
            phone.say("2")


def test_menu_buttons_answer_with_pages(phone: Phone) -> None:
    phone.tap("带什么材料")
    assert "本人办" in phone.bubble
    phone.tap("费用和时间")
    assert "补卡换卡20元" in phone.bubble


def test_every_menu_button_leads_somewhere(bot: Bot, make_phone: Phones) -> None:
    for top in bot.loaded.menu:
        for button in (top, *top.sub):
            if button.key:
                phone = make_phone(name=button.key)
                phone.tap(button.name)
                assert phone.bubble.kind == "text", button.name
                assert "没看懂" not in phone.bubble


def test_the_card_home_lists_what_can_be_done_and_numbers_work(phone: Phone) -> None:
    phone.tap("社保卡")
    assert "卡丢了（挂失）" in phone.bubble.answers
    phone.say("6")
    phone.sign_in()
    assert "【正常】" in phone.bubble


def test_something_unheard_of_is_met_with_what_can_be_done(phone: Phone) -> None:
    phone.say("哈哈哈哈")
    assert "没看懂" in phone.bubble
    assert phone.bubble.answers


@pytest.mark.parametrize("word", ["急", "快点", "救命"])
def test_who_is_in_a_hurry_is_offered_the_loss_report_then_a_person(phone: Phone, word: str) -> None:
    phone.say(word)
    assert list(phone.bubble.answers) == ["卡丢了（挂失）", "找工作人员"]


def test_yes_alone_begins_no_change_that_was_suggested(phone: Phone) -> None:
    phone.say("我的钱包在菜市场给人偷走了呀")
    assert next(iter(phone.bubble.answers)) == "卡丢了（挂失）"
    phone.say("是的")
    assert "现在没有办到一半的事" in phone.bubble
    assert "卡丢了（挂失）" in phone.bubble.answers


def test_no_to_what_is_suggested_leads_to_a_person(phone: Phone) -> None:
    phone.at = weekday_at(1, 10)
    phone.say("我的钱包在菜市场给人偷走了呀")
    assert list(phone.bubble.answers)[-1] == "都不是，找工作人员"
    phone.say("都不是")
    assert "要接通工作人员吗" in phone.bubble


# --- outlets ----------------------------------------
def test_outlets_near_a_location(phone: Phone) -> None:
    phone.tap("附近网点")
    phone.location(30.0450, 110.0720)
    assert "• 长乐区社保卡服务点（0.1公里）" in phone.bubble
    assert "电话000-12345602" in phone.bubble
    assert "可办挂失" in phone.bubble


def test_a_location_sent_unasked_shows_the_outlets_near_it(phone: Phone) -> None:
    phone.location(29.7900, 109.8200)
    assert "• 星河市社保卡服务中心" in phone.bubble


@pytest.mark.parametrize(
    ("typed", "outlet"),
    [
        ("平安区", "平安区社保卡服务中心"),
        ("我在和平路附近", "平安区社保卡服务中心"),
        ("永宁", "永宁县社保卡服务中心"),
    ],
)
def test_outlets_of_a_typed_district_or_road(phone: Phone, typed: str, outlet: str) -> None:
    phone.tap("附近网点")
    phone.say(typed)
    assert f"• {outlet}" in phone.bubble


def test_all_outlets_and_self_service_terminals_are_listed(phone: Phone) -> None:
    phone.tap("附近网点")
    told = str(phone.tap("列出全部网点"))
    while "回复“更多”" in phone.bubble:
        told += str(phone.say("更多"))
    assert "清风火车站自助机" in told
    assert "和平路12号，电话000-12345678" in told, "where to go and whom to ask"


def test_an_unknown_place_leads_to_the_hotline_in_the_end(phone: Phone) -> None:
    phone.tap("附近网点")
    phone.say("月亮上面")
    assert "换个区名或路名" in phone.bubble
    phone.say("火星那边")
    assert "12333" in phone.bubble


# --- arriving ----------------------------------------
def test_whoever_follows_is_greeted_and_can_begin_at_once(phone: Phone) -> None:
    phone.event("subscribe")
    assert "不会向您要密码" in phone.bubble
    phone.say("1")
    assert "您同意吗" in phone.bubble


def test_a_scanned_poster_begins_the_loss_report(phone: Phone) -> None:
    phone.event("subscribe", EventKey="qrscene_loss")
    assert "您同意吗" in phone.bubble
    phone.sign_in()
    assert "卡要怎么停" in phone.bubble


def test_following_again_or_scanning_does_not_lose_what_is_open(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.event("SCAN", EventKey="loss")
    assert "请核对" in phone.bubble


def test_outlets_and_what_to_do_next_are_not_both_numbered(phone: Phone) -> None:
    """Whoever replies 1 to a numbered list means the list's first line."""
    phone.tap("附近网点")
    phone.say("平安区")
    assert phone.bubble.text.count("\n1. ") == 1


def test_the_list_of_all_outlets_does_not_call_them_near(phone: Phone) -> None:
    phone.tap("附近网点")
    phone.tap("列出全部网点")
    assert "离您近的网点" not in phone.bubble
    assert "距离不详" not in phone.bubble
