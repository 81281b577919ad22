"""What free words may mean: whoever tells a story is offered the matter of it first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.content import Content
from bot.reading.clean import Said
from bot.reading.learn import Phrases, model_of, train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped() -> Content:
    loaded = load(ROOT)
    assert loaded.content is not None
    return loaded.content


def names(content: Content, said: str) -> list[str]:
    return list(content.guesser.guess(Said(said)).names)


@pytest.mark.parametrize(
    "said",
    [
        "昨天坐公交车的时候我的钱包在车上被人偷了里面有身份证银行卡还有社保卡我现在特别着急急死我了怎么办啊",
        "急死我了，今天早上在菜市场钱包不见了，社保卡也在里面",
        "气死我了 小偷把我包偷走了 卡都在里面 快帮我停掉",
        "哎呀小伙子我今天早上去买菜回来一摸口袋社保卡不晓得掉到哪里去了我七十八了眼睛也看不清楚你帮帮我咋个办嘛",
        "同志你好我是退休工人我的社保卡前天放在裤子口袋里面洗衣服的时候还在今天就找不到了请问要怎么办理挂失",
        "我社保咔丢了",
        "我的錢包喺車上俾人偷咗",
        "I lost my wallet yesterday on the bus and my social security card was inside, what should I do",
        "someone stole my bag with my card in it please help",
    ],
)
def test_a_long_story_of_a_loss_is_offered_the_loss_report_first(shipped: Content, said: str) -> None:
    assert names(shipped, said)[0] == "report_loss"


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("我昨天挂失了今天在沙发底下又找到了现在怎么恢复", "cancel_loss"),
        ("我孙子的社保卡丢了怎么办", "family"),
        ("我的社保卡被狗咬断了要换一张新的", "reissue"),
        ("我的新卡怎么还没到啊都半个月了", "progress"),
        ("I found my card again under the sofa", "cancel_loss"),
        ("my mother has lost her card", "family"),
        ("can I talk to a real person please", "hand_off"),
    ],
)
def test_the_longer_phrase_with_a_gap_goes_first(shipped: Content, said: str, first: str) -> None:
    assert names(shipped, said)[0] == first


@pytest.mark.parametrize(
    "said", ["卡丢了！！！快！", "急！卡丢了", "喂，社保卡丢了", "卡丢了。急。", "快，我要挂失，快"]
)
def test_a_word_of_hurry_beside_a_loss_begins_it_all_the_same(shipped: Content, said: str) -> None:
    guess = shipped.guesser.guess(Said(said))
    assert (guess.names[0], guess.sure) == ("report_loss", True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("我要挂失，不，是解挂", "cancel_loss"),
        ("要补卡，哦不是，查一下补卡进度", "progress"),
        ("卡丢了，错了，是卡找到了", "cancel_loss"),
        ("I want to report my card lost, no wait, I found it", "cancel_loss"),
    ],
)
def test_what_was_taken_back_is_not_begun(shipped: Content, said: str, meant: str) -> None:
    guess = shipped.guesser.guess(Said(said))
    assert (guess.names[0], guess.sure) == (meant, True)


@pytest.mark.parametrize(
    "said", ["卡坏了，不是我弄坏的", "挂失，不是被偷，是丢了", "卡丢了，不对，是钱包丢了"]
)
def test_a_no_that_takes_nothing_back_changes_nothing(shipped: Content, said: str) -> None:
    guess = shipped.guesser.guess(Said(said))
    assert guess.names[0] in ("reissue", "report_loss")


@pytest.mark.parametrize("said", ["卡丢了，吗", "不，卡丢了吗"])
def test_another_single_character_beside_it_does_not(shipped: Content, said: str) -> None:
    assert not shipped.guesser.guess(Said(said)).sure


@pytest.mark.parametrize(
    "said",
    ["把我的信息删了", "删除我的资料", "请删除我的信息", "清除我的信息", "删除我的数据", "delete my info",
     "remove my data", "Please delete my data", "forget me", "DELETE ALL MY DATA"],
)  # fmt: skip
def test_whoever_wants_their_data_deleted_need_not_know_the_words(shipped: Content, said: str) -> None:
    assert shipped.recovery[Said(said).normal] == "forget"


def test_a_phrase_with_a_gap_begins_nothing(shipped: Content) -> None:
    assert "卡丢" not in shipped.triggers
    assert not any("…" in phrase for phrase in shipped.triggers)


def test_a_gap_reaches_twelve_characters_and_no_further(shipped: Content) -> None:
    found = [shipped.guesser.guess(Said("皮夹" + "零" * many + "不见")).layer for many in (12, 13)]
    assert found == ["gaps", "learnt"]


@pytest.mark.parametrize("said", ["[微笑]", "\U0001f600", "？？", "123", "啊", "哈哈哈哈"])
def test_what_says_nothing_is_not_taken_for_something(shipped: Content, said: str) -> None:
    assert names(shipped, said) == []


def test_what_many_phrases_hold_says_nothing_by_itself_in_a_story(shipped: Content) -> None:
    """“社保卡” is a title, and stands in hundreds of phrases."""
    assert names(shipped, "社保卡") == ["card_home"]
    assert "card_home" not in names(shipped, "在单位领了社保卡放了很久没有管它")


def test_a_few_phrases_put_no_model_out_of_the_cache() -> None:
    """Content under construction has a handful; to train a city's again takes seconds."""
    asked = train.cache_info()
    assert model_of(Phrases((("卡丢了", "report_loss"), ("进度", "progress")))).names[:2] == (
        "progress",
        "report_loss",
    )
    assert train.cache_info() == asked
