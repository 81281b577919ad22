"""An answer is taken back in the words that people use, and what else was answered still holds."""

import pytest
from conftest import ROOT
from engine.kit import Talk, make_id
from hypothesis import given
from hypothesis import strategies as st
from loaded import read_yaml

from bot.reading.clean import hear
from bot.reading.corrections import corrected, named
from reading.stands import ID, standing_at

PLACES = read_yaml(ROOT / "tests/reading/corrections.yaml")
QUOTE = {"fee": "20元", "postage": "12元", "total": "32元", "days": "7"}
ADDRESS, MOBILE = "平安区和平路12号3单元501", "13800138000"


def asked(talk: Talk) -> str:
    top = talk.session.frames[-1]
    step = talk.content.flows[top.flow].steps[top.step]
    return f"{top.flow}.{step.slot or step.id}"


@pytest.mark.parametrize("place", PLACES)
def test_a_correction_in_real_words_asks_that_answer_again(place: str) -> None:
    wrong = []
    for said, then in PLACES[place]:
        talk = standing_at(place)
        talk.say(said)
        if talk.calls and talk.call.action == "card.quote":
            talk.answer("known", QUOTE)
        if asked(talk) != then:
            wrong.append(f"{said}: {asked(talk)}")
    assert wrong == []


def test_the_summary_offers_what_it_shows_to_be_changed() -> None:
    talk = standing_at("reissue.check")
    assert [o.label for o in talk.options] == [
        "确认提交",
        "先不提交",
        "改办卡原因",
        "改手机号",
        "改领卡方式",
        "改收件地址",
    ]
    talk.tap("改手机号")
    assert asked(talk) == "reissue.mobile"
    talk.say("13900139000")
    talk.answer("known", QUOTE)
    assert asked(talk) == "reissue.check"
    slots = talk.session.frames[-1].slots
    assert (slots["mobile"], slots["address"]) == ("13900139000", ADDRESS)


def test_a_new_value_is_taken_at_once_and_the_summary_comes_again() -> None:
    talk = standing_at("reissue.check")
    talk.say("电话改成13900139000")
    talk.answer("known", QUOTE)
    assert talk.session.frames[-1].slots["mobile"] == "13900139000"
    assert "手机号：13900139000" in talk.text
    assert not talk.calls


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        ("我写错名字了，叫李四", "name", "李四"),
        ("名字错了，是李四", "name", "李四"),
        ("改名字 李四", "name", "李四"),
        ("我叫李四", "name", "李四"),
        ("不对，李四", "name", "李四"),
        ("不是张三是李四", "name", "李四"),
        ("不是张三，应该是李四", "name", "李四"),
        ("把张三改成李四", "name", "李四"),
        ("打错了，应该是李四", "name", "李四"),
        ("名字改成張三豐", "name", "張三豐"),  # as written, not as compared
        ("660101198505200026", "id_number", "660101198505200026"),
        ("我的身份证号是660101198505200026", "id_number", "660101198505200026"),
    ],
)
def test_an_answer_given_anew_at_the_code_is_taken_and_told(said: str, slot: str, value: str) -> None:
    talk = standing_at("sign_in.code")
    before = dict(talk.session.frames[-1].slots)
    talk.say(said)
    frame = talk.session.frames[-1]
    assert frame.slots == {**before, slot: value}
    assert talk.said == ["common.also_taken", "sign_in.code.ask"]
    assert frame.wrong == 0


@pytest.mark.parametrize(
    "said",
    [
        *("我叫我儿子来弄", "名字叫什么", "不对，看不清", "查不到", "我是香港人", "改主意了", "不用，谢谢"),
        *("不是我的是我妈的", "不是王五是李四", "不是没有是忘了", "不是张三是骗子吗"),
    ],
)
def test_talk_at_the_code_changes_no_answer(said: str) -> None:
    talk = standing_at("sign_in.code")
    before = dict(talk.session.frames[-1].slots)
    talk.say(said)
    assert dict(talk.session.frames[-1].slots) == before


def test_what_is_wrong_is_no_new_value() -> None:
    """“It is not the formal report” does not choose it."""
    talk = standing_at("report_loss.check")
    talk.say("不是正式挂失")
    assert talk.session.frames[-1].slots["kind"] == "temporary"
    assert not talk.calls


def test_another_card_is_told_where_to_go_and_nothing_is_lost() -> None:
    for said in ("不是这张卡", "这不是我的卡", "卡不对"):
        talk = standing_at("report_loss.check")
        talk.say(said)
        assert talk.said == ["report_loss.card.help", "common.still_open", "report_loss.check"], said
        assert talk.session.frames[-1].wrong == 0


def test_the_open_questions_own_name_loses_no_try() -> None:
    talk = standing_at("reissue.mobile")
    talk.say("手机号发错了")
    assert talk.session.frames[-1].wrong == 0
    assert asked(talk) == "reissue.mobile"


@pytest.mark.parametrize(
    "said", ["改手机号 13900139000", "手机号写错了，13900139000", "地址错了，平安区民主街8号", "我叫李四"]
)
def test_nothing_is_said_to_be_taken_while_a_change_is_being_submitted(said: str) -> None:
    talk = standing_at("reissue.check")
    talk.say("确认提交")
    talk.delay(sent=True)
    before = talk.session.frames[-1].slots
    talk.say(said)
    assert "common.also_taken" not in talk.said
    assert talk.session.frames[-1].slots == before


@pytest.mark.parametrize("said", ["我叫张三", ID, f"我的身份证号{ID}"])
def test_a_parents_own_name_and_number_are_not_the_childs(said: str) -> None:
    child = make_id("66010320180601001")
    talk = standing_at("report_loss.check")
    talk.say("给家里人办")
    talk.tap("16岁")
    talk.say("同意", child, "张小宝")
    talk.say(said)
    assert asked(talk) == "family.household"
    slots = talk.session.frames[-1].slots
    assert (slots["name"], slots["id_number"]) == ("张小宝", child)


@pytest.mark.parametrize("said", ["名字不对了", "卡上名字错了一个字，要改"])
def test_what_is_wrong_on_the_card_is_the_reason_for_a_new_one(said: str) -> None:
    talk = standing_at("reissue.why")
    talk.say(said)
    assert talk.session.frames[-1].slots.get("reason") == "name"


def test_an_answer_on_a_button_is_no_correction() -> None:
    talk = standing_at("reissue.why")
    talk.say("换照片")
    assert talk.session.frames[-1].slots["reason"] == "photo"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("sign_in.name", ID),
        ("sign_in.name", f"我的号码{ID}"),
        ("report_loss.check", "1"),
        ("reissue.delivery", MOBILE),
        ("reissue.address", "1"),
        ("reissue.check", MOBILE),
        ("reissue.check", ADDRESS),
    ],
)
def test_an_answer_that_is_sent_once_more_costs_no_try(place: str, said: str) -> None:
    """On a bad network residents write it again, while the next question is on its way to them."""
    talk = standing_at(place)
    before = asked(talk)
    talk.say(said)
    assert (asked(talk), talk.session.frames[-1].wrong, talk.calls) == (before, 0, [])


def test_another_value_than_before_costs_one() -> None:
    talk = standing_at("sign_in.name")
    talk.say(ID[:-3] + "000")
    assert talk.session.frames[-1].wrong == 1


@given(st.text(alphabet="改成换错了不对…手机号地址 a1", max_size=90))
def test_no_text_is_slow_or_fails(text: str) -> None:
    content = standing_at("reissue.check").content
    for what, value in corrected(hear(text), (*content.change, *content.wrong)):
        assert what
        assert isinstance(value, str)
        named(what, {"mobile": ["手机号"]})
