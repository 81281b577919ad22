"""Words about something else at an open question: answered or suggested above it, and no try is lost."""

import time

import pytest
from engine.kit import Talk, make_id
from loaded import shipped_content

from bot.engine.flow import Slot
from bot.reading.clean import Said
from bot.reading.find import read
from bot.reading.results import Doubtful
from reading.stands import CARD, ID, standing_at


@pytest.mark.parametrize("said", ["卡掉了一个角", "芯片掉了", "字掉色了", "卡磁条坏了刷不出来"])
def test_a_part_that_came_off_is_damage_and_no_loss(said: str) -> None:
    talk = standing_at("reissue.why")
    talk.say(said)
    assert talk.slots["reason"] == "damaged"


def test_a_suggestion_stands_above_the_question_and_costs_no_try() -> None:
    talk = standing_at("report_loss.kind")
    talk.say("挂失的卡我又找到了想恢复")
    assert talk.said == ["common.guess_beside", "common.still_open", "report_loss.kind.ask"]
    assert "卡找到了（解挂）" in talk.text
    assert talk.session.frames[-1].wrong == 0
    talk.tap("卡找到了")
    assert talk.said[0] == "common.busy"


def test_a_page_that_is_surely_meant_is_answered() -> None:
    talk = standing_at("report_loss.kind")
    talk.say("挂失要多久生效")
    assert talk.said == ["page.loss_rules", "common.still_open", "report_loss.kind.ask"]
    assert talk.session.frames[-1].wrong == 0


def test_what_is_about_the_open_flow_is_not_suggested() -> None:
    talk = standing_at("report_loss.kind")
    talk.say("我的社保卡今天早上丢了")
    assert "common.guess_beside" not in talk.said
    assert talk.stack == ["report_loss"]


def test_manners_are_never_suggested() -> None:
    talk = standing_at("sign_in.id_number")
    for said in ("嗯嗯呃", "啦啦啦", "你是谁啊你", "白菜豆腐"):
        talk.say(said)
        assert not [o for o in talk.options if o.label in ("谢谢", "你是谁")], said
        if talk.session.frames[-1].step != "id_number":
            break


def test_what_is_open_is_not_offered_beside_its_own_question() -> None:
    talk = standing_at("report_loss.kind")
    talk.say("急死我了")
    assert talk.said == ["page.urgent", "common.still_open", "report_loss.kind.ask"]
    assert [o.label for o in talk.options if not o.number] == ["找工作人员"]


def test_the_words_of_another_flows_button_decide_nothing() -> None:
    """Typed late, or sent again: the resident must not believe that it was done."""
    talk = standing_at("report_loss.kind")
    talk.say("授权领取")
    assert talk.said == ["common.stale", "report_loss.kind.ask"]
    assert (talk.session.frames[-1].wrong, talk.calls) == (0, [])


def test_with_nothing_open_they_begin_nothing_either() -> None:
    talk = Talk(shipped_content())
    talk.say("确认停用")
    assert talk.said == ["common.stale"]
    assert talk.options
    assert not talk.calls


@pytest.mark.parametrize("said", ["不想刷脸", "不刷脸", "不刷", "我不会刷脸", "I do not want a face check"])
def test_whoever_refuses_the_face_check_in_other_words_goes_on_without(said: str) -> None:
    """Though a page tells of it: at its own question it is the answer."""
    talk = standing_at("report_loss.kind")
    talk.say("2", "丢了", said)
    assert talk.said[-2:] == ["report_loss.temporary_instead", "report_loss.check"]


@pytest.mark.parametrize("said", ["太慢了", "不好用", "too slow"])
def test_an_opinion_is_taken_as_one_though_it_could_ask_for_something(said: str) -> None:
    talk = standing_at("rate.why")
    talk.say(said)
    assert talk.said == ["rate.sorry"]


@pytest.mark.parametrize(("said", "then"), [("卡丢了", "common.busy"), ("人工", "hand_off.connect")])
def test_a_lost_card_is_no_opinion(said: str, then: str) -> None:
    talk = standing_at("rate.why")
    talk.say(said)
    assert then in talk.said


@pytest.mark.parametrize("said", ["好了吗", "刚才那个", "done yet"])
def test_whoever_asks_whether_it_is_done_is_told_that_nothing_is_open(said: str) -> None:
    talk = Talk(shipped_content())
    talk.say(said)
    assert talk.said == ["common.nothing_open"]
    assert talk.options


@pytest.mark.parametrize("said", ["救命有人打我", "我不想活了", "我孩子丢了", "I want to die"])
def test_somebody_in_danger_is_told_whom_to_call(said: str) -> None:
    talk = Talk(shipped_content())
    talk.say(said)
    assert talk.said == ["page.danger"]


def test_whoever_turns_to_their_own_card_hears_nothing_of_the_look_up_for_the_family() -> None:
    talk = standing_at("report_loss.find")
    call = talk.call.id
    talk.say("办我自己的卡")
    assert talk.said == ["report_loss.unfinished", "own_card.done"]
    assert (talk.answer("found", CARD, call), talk.stack) == ("", [])
    talk.say("挂失")
    assert talk.call.arguments == {"id_number": ID}


@pytest.mark.parametrize("said", ["人工", "转人工", "找工作人员"])
def test_whoever_asks_for_a_person_once_more_is_connected(said: str) -> None:
    talk = Talk(shipped_content())
    talk.say("人工")
    assert talk.said == ["hand_off.connect"]
    talk.voice(said)
    assert not talk.handed_off
    talk.say(said)
    assert talk.handed_off


def test_a_whole_address_at_the_summary_is_the_one_that_is_meant() -> None:
    talk = standing_at("reissue.check")
    talk.say("寄到平安区和平路13号")
    assert talk.call.action == "card.quote"
    assert talk.slots["address"] == "平安区和平路13号"


def test_whoever_signs_in_at_a_summary_is_shown_nobody_else_s() -> None:
    talk, other = standing_at("report_loss.check"), make_id("66010119900202002")
    talk.say("重新登录", other, "李四光")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"name": "李四光", "age_group": "adult"})
    assert "report_loss.check" not in talk.said
    assert talk.call.arguments == {"id_number": other}


@pytest.mark.parametrize("said", ["算了吧", "那就算了", "请返回"])
def test_with_nothing_open_there_is_nothing_to_stop(said: str) -> None:
    talk = Talk(shipped_content())
    talk.say(said)
    assert talk.said == ["common.nothing_open"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("report_loss.check", "算了不找了，停了吧"),
        ("report_loss.check", "还是算了不找了，确认停用"),
        ("report_loss.check", "把卡关闭"),
        ("report_loss.kind", "算了不找了，先停用"),
        ("report_loss.kind", "算了不要正式的，临时吧"),
        ("report_loss.kind", "不对，不对"),
        ("report_loss.kind", "帮我关闭"),
        ("reissue.why", "算了不找了，丢了"),
        ("reissue.why", "不是，不对"),
        ("reissue.mobile", "不对，不对"),
        ("reissue.delivery", "算了，不用寄了，我自己去拿"),
        ("reissue.delivery", "算了不去了寄到家里"),
        ("sign_in.consent", "算了不问了，同意"),
        ("rate.why", "工作人员麻烦"),
        ("rate.why", "返回好麻烦"),
    ],
)
def test_what_only_begins_like_giving_up_stops_nothing(place: str, said: str) -> None:
    talk = standing_at(place)
    talk.say(said)
    assert not [name for name in talk.said if name.endswith((".stopped", ".unfinished"))]
    assert "hand_off.connect" not in talk.said
    assert talk.session.frames or place == "rate.why"


@pytest.mark.parametrize(
    "said", ["算了不挂了", "算了，不挂了", "还是算了吧，不弄", "算了不弄了吧", "那就算了吧", "不挂了"]
)
def test_whoever_gives_up_is_let_go(said: str) -> None:
    talk = standing_at("report_loss.kind")
    talk.say(said)
    assert not talk.session.frames


@pytest.mark.parametrize(
    "said",
    [
        "网点在平安区和平路99号",
        "卡丢在平安区和平路9号了",
        "不寄平安区和平路99号",
        "平安区和平路99号没错",
        "对，平安区和平路99号",
    ],
)
def test_an_address_in_other_words_is_not_where_the_card_goes(said: str) -> None:
    talk = standing_at("reissue.check")
    before = talk.slots["address"]
    talk.say(said)
    assert talk.slots["address"] == before


def test_who_signs_in_as_another_person_during_a_look_up_is_shown_nothing_of_the_first() -> None:
    """The first one's card may come after the other's match."""
    talk, other = Talk(shipped_content()), make_id("66010119900202002")
    talk.menu("CARD_LOSS")
    talk.say("同意", ID, "张三")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"name": "张三", "age_group": "adult"})
    first = talk.call
    assert first.arguments == {"id_number": ID}
    talk.say("重新登录", other, "李四光")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"name": "李四光", "age_group": "adult"})
    assert talk.call.arguments == {"id_number": other}
    second = talk.call
    talk.answer("found", CARD, first.id)
    assert talk.said == []
    talk.answer("found", {**CARD, "number": "8888", "holder": "李四光"}, second.id)
    assert talk.said[-1] == "report_loss.kind.ask"
    talk.say("先停用")
    assert "8888" in talk.text
    assert "1234" not in talk.text


@pytest.mark.parametrize("said", ["快拿到了", "马上拿到了", "就拿到了", "快在手里了"])
def test_a_card_that_is_about_to_come_back_is_not_back(said: str) -> None:
    talk = standing_at("cancel_loss.check")
    talk.say(said)
    assert not talk.calls
    assert talk.session.frames


@pytest.mark.parametrize("said", ["算了快点挂失吧", "算了，谢谢，还是挂吧", "算了麻烦你了，挂吧"])
def test_whoever_goes_on_after_giving_up_is_not_stopped(said: str) -> None:
    talk = standing_at("report_loss.check")
    talk.say(said)
    assert talk.session.frames
    assert "common.stopped" not in talk.said


@pytest.mark.parametrize("said", ["不是 1", "不是 2", "不对 1"])
def test_a_number_that_is_denied_is_not_chosen(said: str) -> None:
    talk = standing_at("report_loss.kind")
    talk.say(said)
    assert "kind" not in talk.slots


@pytest.mark.parametrize("said", ["不对。。", "选错了。", "不是 ", "我要“ "])
def test_no_words_again_and_again_take_time_that_doubles_with_each(said: str) -> None:
    talk = standing_at("report_loss.kind")
    began = time.process_time()
    talk.say(said * 24 + "卡")
    assert time.process_time() - began < 10, "seconds of computing, for a message of a hundred characters"


@pytest.mark.parametrize("said", ["👍", "😡😡", "[强]"])
def test_an_opinion_may_be_pictures_alone(said: str) -> None:
    talk = standing_at("rate.why")
    talk.say(said)
    assert talk.said == ["rate.sorry"]


@pytest.mark.parametrize(
    "said", ["找到了", "7天不够", "7天太短", "丢了一个星期了", "卡丢了一周了", "一个星期没找到"]
)
def test_words_of_a_condition_and_a_complaint_choose_nothing(said: str) -> None:
    talk = standing_at("report_loss.kind")
    talk.say(said)
    assert "kind" not in talk.slots


@pytest.mark.parametrize("said", ["快停", "“1”", "【1】"])
def test_whoever_hurries_at_the_first_choice_is_shown_the_summary(said: str) -> None:
    talk = standing_at("report_loss.kind")
    talk.say(said)
    assert talk.slots["kind"] == "temporary"


@pytest.mark.parametrize("said", ["不对，2", "不是，我要2", "改成2"])
def test_a_number_after_a_correction_is_the_one_that_is_meant(said: str) -> None:
    talk = standing_at("report_loss.kind")
    talk.say(said)
    assert talk.slots["kind"] == "formal"


@pytest.mark.parametrize("said", ["自取", "我自己去拿", "我自己去拿吧"])
def test_whoever_turns_to_the_outlet_at_the_address_is_asked_where(said: str) -> None:
    talk = standing_at("reissue.address")
    talk.say(said)
    assert talk.slots["delivery"] == "outlet"
    assert talk.said == ["reissue.place.ask"]


def test_an_address_told_with_the_choice_is_taken() -> None:
    talk = standing_at("reissue.delivery")
    talk.say("寄到平安区和平路12号3单元501")
    assert talk.said == ["common.also_taken"]
    assert talk.slots["address"] == "平安区和平路12号3单元501"


@pytest.mark.parametrize("said", ["芯片没了", "字磨没了"])
def test_what_is_worn_off_the_card_is_damage(said: str) -> None:
    talk = standing_at("reissue.why")
    talk.say(said)
    assert talk.slots["reason"] == "damaged"


@pytest.mark.parametrize("said", ["算了我去窗口", "算了我去大厅"])
def test_whoever_goes_elsewhere_instead_is_let_go(said: str) -> None:
    talk = standing_at("sign_in.consent")
    talk.say(said)
    assert "common.stopped" in talk.said


@pytest.mark.parametrize(
    ("said", "name"), [("我妈李秀英", "李秀英"), ("儿子张小宝", "张小宝"), ("张三吧", "张三")]
)
def test_of_words_around_a_name_the_name_alone_is_shown_back(said: str, name: str) -> None:
    assert read(Slot("name", "name"), Said(said), "") == Doubtful(name)


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("在手上", "card.cancel_loss"),
        ("已经拿到了", "card.cancel_loss"),
        ("在我这里", "card.cancel_loss"),
        ("还没拿到", ""),
    ],
)
def test_whether_the_card_is_back_is_answered_in_other_words(said: str, then: str) -> None:
    talk = standing_at("cancel_loss.check")
    talk.say(said)
    assert [call.action for call in talk.calls] == ([then] if then else [])
    assert bool(talk.session.frames) == bool(then)
