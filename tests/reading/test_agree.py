"""What agrees, and what does not: corpora of real wordings, and that nothing outside the list ever does."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from engine.kit import Talk, make_id
from hypothesis import given, settings
from hypothesis import strategies as st
from loaded import read_yaml, shipped_content

from bot.engine.events import TextReceived
from bot.reading.agree import Answer, decided
from bot.reading.clean import hear
from reading.stands import standing_at

CONTENT = shipped_content()
WORDS = CONTENT.plain
HERE = Path(__file__).parent
CHECK = CONTENT.languages["zh-CN"].flows["report_loss"].texts["check"].words
ANSWERS = {
    "confirm": (Answer("确认停用", CHECK["agreed"]), Answer("先不停", CHECK["refused"])),
    "consent": (Answer("同意，继续"), Answer("不同意")),
}
MEANS = {"agreed": True, "refused": False, "neither": None}
SAID = {name: read_yaml(HERE / f"{name}.yaml") for name in ANSWERS}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_wording_of_the_corpus_decides_what_it_says(name: str) -> None:
    wrong = [
        (said, meant)
        for meant, wordings in SAID[name].items()
        for said in wordings
        if decided(hear(str(said)), *ANSWERS[name], WORDS) is not MEANS[meant]
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ANSWERS)
def test_the_corpus_is_large_enough_to_mean_something(name: str) -> None:
    assert len(SAID[name]["agreed"]) >= 40
    assert len(SAID[name]["refused"]) + len(SAID[name]["neither"]) >= 40


# --- the property: nothing outside the closed list ever makes a change ---
LABEL = ("确认停用", "停用")
OWN = (*LABEL, *CHECK["agreed"])
TURNS = (
    "？",
    "?",
    "不",
    "别",
    "吗",
    "的话",
    "等等再",
    "先",
    "再想想",
    "谁",
    "没",
    "…",
    "👌",
    "/:ok",
    "❌",
    "要钱",
    "1",
    "卡",
    "停",
    "停一下",
    "挂",
    "",
    " ",
    "，",
)
PIECES = st.lists(st.sampled_from([*OWN, *sorted(WORDS.yes), *sorted(WORDS.fillers), *TURNS]), max_size=5)
TEXTS = PIECES.map("".join) | PIECES.map("，".join) | st.text(max_size=12)


def on_the_list(text: str) -> bool:
    """The grammar of a plain yes, written down a second time."""
    kindly = ("👌", "/:ok")
    for sign in kindly:
        text = text.replace(sign, " ")

    def some(words: Iterable[str]) -> str:
        return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"

    done = {"了", "啦", "嘞", "的", "好"}
    yes, own, beside = some(WORDS.yes), some(LABEL), some(WORDS.fillers - done)
    before = some(("那", "那就", "就", "请", "麻烦", "麻烦你", "快", "快点", "赶紧", "赶快", "马上", "立刻"))
    before = f"(?:{before}|立即|即刻|现在就?|直接|please)*"
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not re.search("[\u4e00-\u9fff]", folded):  # no other English word by a dash or an apostrophe
        folded = re.sub("['’-]", "", folded)
    said = [p for p in re.split(r"[\s，。！]+", folded) if p]
    said = [p for whole in said for p in re.split(r"[,!.]", whole) if p]
    named = [
        p
        for p in said
        if re.fullmatch(f"{before}{some(CHECK['agreed'])}吧?|{yes}{own}", p)
        or (
            re.fullmatch(f"{beside}*{own}(?:{own}|{beside})*", p)
            and not re.fullmatch("(?:我|就)?要.*[吧啊呀哦哈噻]", p)
        )
    ]
    rest = [p for p in said if p not in named]
    if named and not set(said) <= {"停用"}:
        return all(re.fullmatch(f"(?:{yes}|{beside})+", p) for p in rest)
    hurry = "(?:搞|麻烦|请|要)?(?:快[点些]儿?|赶紧的?|赶快|抓紧)(?:办|弄|吧|啊|呀|哈|嘛)?"
    return bool(rest) and rest[0] in WORDS.yes and all(p in WORDS.yes or re.fullmatch(hurry, p) for p in rest)


@pytest.mark.parametrize(
    "said", ["快点", "快点儿", "赶紧的", "好的 马上", "快点 好", "不快点", "好 快点还是慢点"]
)
def test_to_hurry_is_no_yes(at_the_summary: Talk, said: str) -> None:
    talk = again(at_the_summary)
    talk.say(said)
    assert not talk.calls


@pytest.mark.parametrize(
    "said", ["不要停，停电子卡就行", "不要停 是不是要钱", "别停 好的停吧", "不要停？我要看病"]
)
def test_a_refusal_beside_its_contrary_or_a_question_decides_nothing(at_the_summary: Talk, said: str) -> None:
    talk = again(at_the_summary)
    talk.say(said)
    assert not talk.calls
    assert talk.stack == ["report_loss"]


@pytest.fixture(scope="module")
def at_the_summary() -> Talk:
    """Signed in; the summary of a temporary loss report stands open."""
    talk = Talk(CONTENT)
    talk.menu("CARD_LOSS")
    talk.say("同意", make_id("66010119800101001"), "张三")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"name": "张三", "age_group": "adult"})
    talk.answer(
        "found", {"id": "c1", "number": "1234", "holder": "张三", "state": "normal", "bank": "某银行"}
    )
    talk.say("1")
    assert talk.said[-1] == "report_loss.check"
    return talk


def again(stood: Talk) -> Talk:
    talk = replace(stood)
    talk.session = stood.session
    return talk


@given(TEXTS)
@settings(max_examples=3 * settings.default.max_examples)
def test_nothing_but_a_plain_yes_executes_a_change(at_the_summary: Talk, text: str) -> None:
    talk = again(at_the_summary)
    talk.say(text)
    if any(call.once for call in talk.calls):
        assert on_the_list(text), text


@pytest.mark.parametrize("said", SAID["confirm"]["neither"])
def test_what_is_neither_yes_nor_no_changes_nothing_and_ends_nothing(at_the_summary: Talk, said: str) -> None:
    talk = again(at_the_summary)
    talk.say(str(said))
    assert not talk.calls
    assert talk.text


def test_a_voice_never_decides(at_the_summary: Talk) -> None:
    talk = again(at_the_summary)
    talk.voice("确认停用")
    assert not talk.calls
    assert talk.said == ["common.voice", "report_loss.check"]


@pytest.mark.parametrize("said", ["同意刷脸", "不刷脸，用别的办法", "不刷脸"])
def test_a_spoken_answer_is_told_to_be_typed_whatever_page_is_about_the_same(said: str) -> None:
    talk = standing_at("reissue.why")
    talk.say("坏了", "同意")
    talk.voice(said)
    assert talk.said == ["common.voice", "face_check.face"]


def test_something_like_a_yes_is_told_how_and_costs_no_try(at_the_summary: Talk) -> None:
    talk = again(at_the_summary)
    for said in ("确认停用？", "/:ok", "👌", "是确认停用吗", "停用？"):
        talk.say(said)
        assert talk.said == ["common.plain_yes", "report_loss.check"], said
    assert talk.session.frames[-1].wrong == 0
    talk.say("是的，确认停用")
    assert talk.call.once


ALREADY = (
    "{}啦", "我{}啦", "{}了", "{}的", "{}嘞", "已经{}了", "{}好了", "给我{}了", "给我{}了啊", "把卡{}了啊",
)  # fmt: skip
WONDERS = ("{}吗", "要{}吧", "要{}啊", "我要{}吧", "就要{}哦", "{}", "{}？", "是不是{}", "{}的话")
HURRIES = (
    "得快点", "得赶紧", "得抓紧啊", "可以快点", "可以快点吧", "可以搞快点吧", "是要快点", "要得快点",
    "就这样", "得",
)  # fmt: skip
MEANT = (
    "停用", "停卡", "停", "挂失", "冻结", "锁", "解挂", "恢复使用", "解封", "领", "领取", "授权", "启用",
    "激活", "开通", "提交", "交", "撤回", "撤销",
)  # fmt: skip
CHANGES = [
    (f"{path.stem}.{name}", text)
    for path in sorted((ROOT / "messages" / "zh-CN").glob("*.yaml"))
    for name, text in (read_yaml(path).get("texts") or {}).items()
    if isinstance(text, dict) and "words" in text
]


@pytest.mark.quick(4)
@pytest.mark.parametrize("text", [text for _, text in CHANGES], ids=[name for name, _ in CHANGES])
def test_what_is_done_already_or_wondered_or_hurried_agrees_to_nothing(text: dict[str, Any]) -> None:
    """At every question that content has other words for."""
    words = text["words"]
    answers = (
        Answer(text["agreed"], words.get("agreed", ())), Answer(text["refused"], words.get("refused", ()))
    )  # fmt: skip
    said = [form.format(word) for form in ALREADY + WONDERS for word in MEANT] + [*HURRIES]
    label = text["agreed"].split("，")
    assert [one for one in said if one not in label and decided(hear(one), *answers, WORDS)] == []
    assert decided(hear(words["agreed"][0]), *answers, WORDS)


def test_a_yes_that_was_sent_before_the_outcome_agrees_to_nothing_that_it_led_to() -> None:
    """Sent to “please wait”, and delivered by WeChat only after the summary had been pushed."""
    talk = standing_at("reissue.address")
    talk.say("平安区和平路12号3单元501")
    asked_at = talk.at
    talk.at += 30
    talk.answer("known", {"fee": "20元", "postage": "12元", "total": "32元", "days": "7"})
    told_at = talk.at
    talk.hear(TextReceived(asked_at + 1, 1, text="确认提交"))
    assert talk.said == ["common.redo", "reissue.check"]
    assert not talk.calls
    talk.hear(TextReceived(told_at + 5, 1, text="确认提交"))
    assert talk.call.action == "card.apply"
