"""The words that always work, digressions, stale taps, wrong answers, and time."""

from collections.abc import Callable

import pytest
from phone import Phone

from .kit import (
    ADDRESS,
    apply_by_express,
    changes,
    operations,
    report_temporarily,
    show_face,
    weekday_at,
    work,
)

Phones = Callable[..., Phone]


def to_the_loss_summary(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    assert "请核对" in phone.bubble


# --- back and change ----------------------------------------
def test_back_asks_the_last_question_again(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.say("返回")
    assert "卡要怎么停" in phone.bubble
    phone.say("上一步")
    assert "已经是第一个问题了" in phone.bubble
    phone.choose("先停用")
    phone.tap("确认停用")
    assert "已临时挂失" in phone.bubble


def test_back_leads_out_of_the_face_check_too(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.tap("丢了")
    phone.tap("同意刷脸")
    phone.say("返回")
    assert "卡是怎么没的" in phone.bubble
    phone.say("返回")
    phone.choose("先停用")
    assert "停用7天" in phone.bubble


def test_back_never_goes_past_a_done_change(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("返回")
    assert "没有办到一半的事" in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def test_change_and_a_label_at_the_summary_asks_only_that_again(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    apply_by_express(phone)
    phone.say("改手机号")
    assert "联系手机号" in phone.bubble
    phone.say("13912345678")
    assert "手机号：13912345678" in phone.bubble
    assert "寄到：平安区和平路" in phone.bubble, "the other answers still hold"
    phone.say("改收件地址")
    phone.say("长乐区东风路1号8栋202")
    assert "寄到：长乐区东风路" in phone.bubble
    phone.say("改领卡方式")
    phone.choose("自己到网点领")
    phone.say("平安区")
    phone.say("1")
    assert "到这里领：平安区社保卡服务中心" in phone.bubble
    assert "费用：20元" in phone.bubble, "the price is asked for anew"
    phone.say("改领卡方式")
    phone.choose("寄到家里")
    if "收件地址，写到门牌号" in phone.bubble:
        phone.say(ADDRESS)
    assert "共32元" in phone.bubble
    phone.tap("确认提交")
    assert "【待缴费】" in phone.bubble
    assert changes(phone.bot) == ["apply"]


def test_change_at_the_loss_summary(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.say("改挂失方式")
    phone.choose("正式挂失")
    assert "卡是怎么没的" in phone.bubble


# --- cancel, restart, help, repeat ----------------------------------------
@pytest.mark.parametrize("word", ["取消", "退出", "算了", "不办了"])
def test_cancel_in_mid_conversation_stops_it(phone: Phone, word: str) -> None:
    to_the_loss_summary(phone)
    phone.say(word)
    assert phone.bubble.text.startswith("在这里卡还没有停用，着急请马上打12333")
    assert "已经停下" in phone.bubble
    phone.say("确认停用")
    assert changes(phone.bot) == []


def test_cancel_right_after_a_loss_receipt_asks_which_cancelling_is_meant(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("取消")
    assert "您的卡现在是停用的。您想做哪一样？" in phone.bubble
    phone.tap("卡找到了，恢复使用")
    show_face(phone)
    phone.tap("在我手里，恢复使用")
    assert "【已恢复】" in phone.bubble
    assert changes(phone.bot) == ["report_loss", "cancel_loss"]


def test_stopping_there_says_that_the_card_stays_stopped(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("取消")
    phone.tap("不恢复，到此为止")
    assert "停用" in phone.bubble, "“没有改动” alone would read as: the card was never stopped"
    assert "没有改动" not in phone.bubble
    assert changes(phone.bot) == ["report_loss"]


def test_cancel_after_a_change_never_says_that_nothing_was_changed(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("卡丢了怎么看病")
    phone.say("取消")
    assert "没有改动" not in phone.bubble


def test_restart_begins_from_the_first_question(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("正式挂失")
    phone.say("重来")
    assert "卡要怎么停" in phone.bubble


def test_help_explains_the_open_question_and_repeats_it(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("不懂")
    assert "先停用叫“临时挂失”" in phone.bubble
    assert "卡要怎么停" in phone.bubble
    phone.choose("先停用")
    phone.say("帮助")
    assert "人工" in phone.bubble
    assert "请核对" in phone.bubble


def test_repeat_says_the_question_once_more(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    before = phone.bubble.text.split("\n\n", 1)[1]
    phone.say("再说一遍")
    assert phone.bubble.text == before


@pytest.mark.parametrize("word", ["返回", "重来", "再说一遍", "继续"])
def test_with_nothing_open_the_words_say_so(phone: Phone, word: str) -> None:
    phone.say(word)
    assert "现在没有办到一半的事" in phone.bubble


# --- digressions ----------------------------------------
def test_a_question_in_between_is_answered_and_the_open_one_repeated(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.say("卡丢了怎么看病")
    assert "可以用电子社保卡看病" in phone.bubble
    assert "请核对" in phone.bubble
    phone.tap("确认停用")
    assert "【已停用】" in phone.bubble


def test_another_flow_in_between_comes_back(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("附近网点")
    phone.say("平安区")
    assert "平安区社保卡服务中心" in phone.bubble
    assert "接着办“卡丢了（挂失）”" in phone.bubble
    assert "请核对" in phone.bubble
    phone.tap("确认停用")
    assert "【已停用】" in phone.bubble


def test_a_location_in_mid_conversation_is_not_lost(phone: Phone) -> None:
    phone.tap("附近网点")
    phone.location(30.0, 110.0)
    assert "平安区社保卡服务中心" in phone.bubble


def test_follow_ups_beside_a_question_stand_under_their_own_words(phone: Phone) -> None:
    """They are no answers to the question: a lead must part them from those."""
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("卡丢了怎么看病")
    own, _, others = phone.bubble.text.partition("接下来可以：")
    assert "2. 正式挂失" in own
    assert "医保的事" in others


def test_another_changing_flow_asks_which_one_first(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("新卡启用")
    assert "您还在办“卡丢了（挂失）”，没有办完" in phone.bubble
    phone.choose("接着办")
    assert "请核对" in phone.bubble
    phone.tap("新卡启用")
    phone.choose("先不办了")
    assert "已经启用了" in phone.bubble
    phone.say("确认停用")
    assert changes(phone.bot) == [], "the loss report was left for good"


def test_the_same_button_again_repeats_its_question(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.tap("挂失停用")
    assert "卡要怎么停" in phone.bubble
    phone.choose("先停用")
    phone.tap("挂失停用")
    assert "请核对" in phone.bubble


# --- taps on older bubbles ----------------------------------------
def test_a_tap_on_an_older_question_is_told_to_be_over(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    label, old = next((a, t) for a, t in phone.bubble.answers.items() if "正式挂失" in a)
    phone.choose("先停用")
    phone.say(label, old)
    assert "不是现在这一步" in phone.bubble
    assert "停用7天" in phone.bubble, "the open question is repeated"
    assert changes(phone.bot) == []


def test_a_confirmation_tapped_twice_does_nothing_twice(phone: Phone) -> None:
    to_the_loss_summary(phone)
    old = phone.bubble.answers["确认停用"]
    phone.tap("确认停用")
    phone.say("确认停用", old)
    assert "【已停用】这张卡已经挂失了，不用再办" in phone.bubble
    assert "卡找到了（解挂）" in phone.bubble.answers, "the receipt's follow-ups stand again"
    assert changes(phone.bot) == ["report_loss"]


def test_a_confirmation_typed_again_is_told_that_it_is_done(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    for _ in range(2):
        phone.say("确认停用")
        assert "【已停用】这张卡已经挂失了，不用再办" in phone.bubble
    phone.say("2")
    assert "核对您的脸" in phone.bubble, "its numbers are those of the receipt"
    assert changes(phone.bot) == ["report_loss"]


def test_a_yes_after_the_receipt_is_no_riddle(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("好的")
    assert "刚才办好的事不变" in phone.bubble
    assert "卡找到了（解挂）" in phone.bubble.answers
    phone.say("好的")
    assert "现在没有办到一半的事" in phone.bubble


def test_a_flows_own_phrase_goes_before_a_part_of_a_follow_ups_words(phone: Phone) -> None:
    """Under the receipt stands “卡丢了要看病”."""
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    phone.say("卡丢了")
    assert "要改成正式挂失吗" in phone.bubble


def test_a_summary_of_before_a_correction_cannot_be_confirmed(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    apply_by_express(phone)
    old = phone.bubble.answers["确认提交"]
    phone.say("改手机号")
    phone.say("确认提交", old)
    assert changes(phone.bot) == []


def test_a_tap_on_a_follow_up_of_an_older_bubble_leads_where_it_says(phone: Phone) -> None:
    phone.say("卡丢了怎么看病")
    old = phone.bubble.answers["电子社保卡"]
    phone.say("自助机在哪")
    phone.say("电子社保卡", old)
    assert "您同意吗" in phone.bubble, "the e-card begins with signing in"


# --- wrong answers ----------------------------------------
@pytest.mark.parametrize(("hour", "then"), [(10, "要接通工作人员吗"), (20, "12333")])
def test_an_answer_that_is_none_is_asked_for_in_other_words_until_the_tries_are_over(
    phone: Phone, hour: int, then: str
) -> None:
    """Then a person is offered; when none is there, the hotline."""
    phone.at = weekday_at(1, hour)
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("嗯啊哈")
    assert "请回复1或2" in phone.bubble
    phone.say("嗯啊哈")
    assert "拿不定主意就回复1" in phone.bubble
    assert "再试一次" in phone.bubble
    phone.say("嗯啊哈")
    assert "试了几次都不对" in phone.bubble
    assert then in phone.bubble


@pytest.mark.parametrize("said", ["1", "一", "选1", "第一个", "先停用", "１"])
def test_a_choice_is_made_by_number_or_by_words(phone: Phone, said: str) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say(said)
    assert "停用7天" in phone.bubble


@pytest.mark.parametrize("said", ["1", "2", "停", "挂"])
def test_a_change_is_never_confirmed_by_a_number_or_half_a_word(phone: Phone, said: str) -> None:
    to_the_loss_summary(phone)
    phone.say(said)
    assert changes(phone.bot) == []
    assert "请核对" in phone.bubble


@pytest.mark.parametrize("said", ["确认停用", "是的", "好", "确定"])
def test_a_change_is_confirmed_by_its_label_or_a_yes(phone: Phone, said: str) -> None:
    to_the_loss_summary(phone)
    phone.say(said)
    assert changes(phone.bot) == ["report_loss"]


def test_a_yes_sent_together_with_the_answer_before_does_not_confirm(phone: Phone) -> None:
    """Sent in the same second as the message that led to the summary: nobody has read it yet."""
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.at -= 1
    phone.say("确认停用")
    assert "请先看清上面的内容" in phone.bubble
    assert changes(phone.bot) == []
    phone.say("确认停用")
    assert changes(phone.bot) == ["report_loss"]


# --- voice, pictures, codes ----------------------------------------
def test_voice_counts_as_typing_but_never_confirms(phone: Phone) -> None:
    phone.voice("社保卡丢了怎么办")
    assert "您同意吗" in phone.bubble
    phone.sign_in()
    phone.voice("选一")
    assert "请核对" in phone.bubble
    for words in ("确认停用", "是的"):
        phone.voice(words)
        assert changes(phone.bot) == []
        assert "请核对" in phone.bubble
    phone.say("确认停用")
    assert changes(phone.bot) == ["report_loss"]


def test_voice_that_was_not_recognised_is_said_so(phone: Phone) -> None:
    phone.voice("")
    assert "语音我还听不准" in phone.bubble


def test_pictures_nobody_asked_for_are_dropped(phone: Phone) -> None:
    phone.image()
    assert "现在不用发这个" in phone.bubble
    to_the_loss_summary(phone)
    phone.image()
    assert "现在不用发这个" in phone.bubble
    assert "请核对" in phone.bubble


def test_a_picture_at_a_question_that_wants_none_is_no_wrong_answer(phone: Phone) -> None:
    """Residents send all their photos at once: a stray one must not use up the tries."""
    phone.tap("挂失停用")
    phone.sign_in()
    for _ in range(3):
        phone.image()
        assert "现在不用发这个" in phone.bubble
    assert "卡要怎么停" in phone.bubble


@pytest.mark.parametrize("said", ["\U0001f44d", "[捂脸]", "？？？"])
def test_emoji_and_question_marks_get_help_and_take_no_try(phone: Phone, said: str) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    for _ in range(4):
        phone.say(said)
        assert "先停用叫“临时挂失”" in phone.bubble, "the help of this question"
        assert "卡要怎么停" in phone.bubble


def test_six_digits_nobody_asked_for_are_met_with_a_warning(phone: Phone) -> None:
    phone.say("123456")
    assert "请不要发密码和验证码" in phone.bubble
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("654321")
    assert "请不要发密码和验证码" in phone.bubble
    assert "卡要怎么停" in phone.bubble


# --- time ----------------------------------------
def test_after_half_an_hour_the_flow_is_put_aside_and_continues_on_the_word(phone: Phone) -> None:
    """By the message's own time, whether or not the worker's timer came first."""
    phone.tap("挂失停用")
    phone.sign_in()
    phone.wait(1801)
    phone.say("1")
    assert "先给您停在这里" in phone.bubble
    assert "请核对" not in phone.bubble
    phone.say("继续")
    assert "接着办“卡丢了（挂失）”" in phone.bubble
    phone.sign_in()
    report_temporarily(phone)
    assert "【已停用】" in phone.bubble


def test_after_half_an_hour_a_confirmation_is_no_longer_taken(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.wait(3600)
    phone.tap("确认停用")
    phone.say("确认停用")
    assert changes(phone.bot) == []


def test_the_timer_puts_the_flow_aside_and_the_word_continues_it(once_phone: Phones) -> None:
    phone = once_phone()
    phone.tap("挂失停用")
    phone.sign_in()
    work(phone.bot, "t")  # the reminder after 10 minutes
    work(phone.bot, "t")  # and the end after 30
    phone.wait(1801)
    phone.say("继续")
    assert "接着办“卡丢了（挂失）”" in phone.bubble
    assert "卡要怎么停" not in phone.bubble, "one question at a time: first who it is"
    phone.sign_in()
    report_temporarily(phone)
    assert "【已停用】" in phone.bubble


def test_a_reminder_that_could_not_be_pushed_is_not_told_later(once_phone: Phones) -> None:
    phone = once_phone()
    phone.tap("挂失停用")
    phone.sign_in()
    phone.wait(700)
    work(phone.bot, "t")
    phone.say("1")
    assert "您办到一半了" not in phone.bubble
    assert "卡要怎么停" not in phone.bubble, "that question was just answered"
    assert "请核对" in phone.bubble


def test_what_was_put_aside_offers_no_answers_of_its_old_question(once_phone: Phones) -> None:
    phone = once_phone()
    phone.tap("挂失停用")
    phone.sign_in()
    work(phone.bot, "t")
    work(phone.bot, "t")
    phone.wait(1801)
    phone.say("1")
    assert "先给您停在这里" in phone.bubble
    assert not [label for label in phone.bubble.answers if "先停用" in label]


def test_a_long_application_is_kept_for_an_hour(make_phone: Phones) -> None:
    phone = make_phone("吴正式")
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.tap("同意，开始办")
    show_face(phone)
    phone.image()
    phone.wait(3000)
    phone.image()
    if "证件号码" in phone.bubble:
        phone.sign_in()
    assert "身份证有效期" in phone.bubble


# --- the tool itself ----------------------------------------
def test_a_second_delivery_of_the_last_message_changes_nothing(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    first = phone.bubble.xml
    for _ in range(3):
        assert phone.again().xml == first
    assert len(operations(phone.bot)) == 1


def test_whoever_asks_is_told_again_what_came_of_it(phone: Phone) -> None:
    to_the_loss_summary(phone)
    phone.tap("确认停用")
    receipt = next(line for line in phone.bubble.text.splitlines() if line.startswith("受理号"))
    phone.say("你好")
    assert receipt not in phone.bubble
    for words in ("好了吗", "再说一遍", "is it done"):
        phone.say(words)
        assert "您办的“卡丢了（挂失）”，结果是" in phone.bubble
        assert receipt in phone.bubble
    assert len(operations(phone.bot)) == 1
