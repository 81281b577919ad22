"""Several answers in one message: what the next questions of the flow ask is taken, and shown back."""

import pytest
from msgspec import json

from reading.stands import ID, standing_at

MOBILE = "13800138000"


@pytest.mark.parametrize(
    "said",
    [
        f"张三，{ID}，{MOBILE}",
        f"{ID} 张三",
        f"姓名：张三，身份证号：{ID}，手机：{MOBILE}",
        f"我叫张三,身份证{ID}",
        f"张三\n{ID}\n{MOBILE}",
    ],
)
def test_what_the_next_questions_ask_is_taken_too(said: str) -> None:
    talk = standing_at("sign_in.id_number")
    talk.say(said)
    assert talk.said == ["common.also_taken", "sign_in.code.ask"]
    assert "张*" in talk.text
    assert "张三" not in talk.text
    slots = talk.session.frames[-1].slots
    assert (slots["id_number"], slots["name"]) == (ID, "张三")
    assert MOBILE not in json.encode(talk.session).decode(), "the rest is dropped unstored"
    talk.say("改姓名")
    assert talk.said == ["sign_in.name.ask"]


@pytest.mark.parametrize(
    "said", [f"我的号码是{ID}", f"{ID}，谢谢", f"{ID} 快点", f"{ID}，对吗", f"{ID}，卡丢了"]
)
def test_other_words_beside_an_answer_are_no_answer(said: str) -> None:
    talk = standing_at("sign_in.id_number")
    talk.say(said)
    assert talk.said == ["sign_in.name.ask"]


def test_nothing_is_taken_for_a_question_behind_a_picture_an_action_or_a_consent() -> None:
    talk = standing_at("reissue.valid_to")
    talk.say(f"2036年5月20日，{MOBILE}，平安区和平路12号3单元501")
    assert talk.said == ["common.also_taken", "reissue.portrait.ask"]
    assert "address" not in talk.session.frames[-1].slots
    assert "和平路" not in json.encode(talk.session).decode()


def test_a_code_is_never_taken_from_elsewhere() -> None:
    talk = standing_at("sign_in.id_number")
    talk.say(f"{ID}，张三，1234")
    assert talk.session.frames[-1].step == "code"
