"""What is said at an open question and is no answer: replied to, the question stands, no try is lost."""

import pytest
from conftest import ROOT
from engine.kit import Talk
from loaded import read_yaml

from reading.stands import standing_at

PLACES = read_yaml(ROOT / "tests/reading/offscript.yaml")


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert sum(map(len, PLACES.values())) >= 100


def judged(talk: Talk, place: str, good: list[str]) -> str:
    """What is wrong with the reply; "" if nothing."""
    top = talk.session.top
    if talk.calls:
        return "taken as an answer"
    if top is not None and f"{top.flow}.{top.step}" == place and top.wrong:
        return "a try is lost"
    came = {*talk.said, *(said.partition(".")[0] for said in talk.said)}
    if "question" in good and [said for said in talk.said if said != "common.still_open"] == [f"{place}.ask"]:
        return ""
    return "" if came & set(good) else f"not a good reply: {talk.said}"


@pytest.mark.parametrize("place", PLACES)
def test_off_script_lines_get_a_good_reply_and_cost_nothing(place: str) -> None:
    bad = []
    for said, good in PLACES[place]:
        talk = standing_at(place)
        talk.say(str(said))
        wrong = judged(talk, place, good.split())
        bad += [f"{said}: {wrong}"] if wrong else []
    assert bad == []


def test_whoever_waits_is_waited_for_and_not_asked_again() -> None:
    talk = standing_at("sign_in.code")
    code = talk.session.frames[-1].code
    talk.say("等一下")
    assert talk.said == ["common.remark_wait"]
    talk.say(code)
    assert talk.call.action == "real_name.check"


def test_many_innocent_lines_end_nothing() -> None:
    talk = standing_at("sign_in.id_number")
    for said in ("为什么要这个", "等一下", "不知道", "好的", "安全吗", "谢谢", "烦死了", "什么号码") * 2:
        talk.say(said)
        assert talk.session.frames[-1].step == "id_number"
        assert talk.session.frames[-1].wrong == 0


def test_at_a_decision_a_remark_decides_nothing() -> None:
    for said in ("停用要钱吗", "等等再确认", "为什么要停用", "我想想", "安全吗"):
        talk = standing_at("report_loss.check")
        talk.say(said)
        assert not talk.calls
        assert talk.session.frames[-1].step == "check"
        assert talk.session.frames[-1].wrong == 0
        assert any(text.startswith("common.remark_") for text in talk.said), (said, talk.said)


def test_an_opinion_in_free_words_is_no_remark() -> None:
    talk = standing_at("rate.why")
    talk.say("为什么要刷脸，太麻烦了")
    assert talk.session.top is None
