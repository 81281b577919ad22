"""What is meant at the shipped questions that have answers to choose from."""

import pytest
from loaded import shipped_content

from bot.reading.choices import Choice, spoken
from bot.reading.clean import hear
from bot.reading.find import find
from bot.reading.results import Invalid

from .test_corpus import MONDAY


@pytest.mark.parametrize(
    ("place", "said", "value"),
    [
        ("report_loss.kind", "不选正式 怕反悔", "temporary"),
        ("report_loss.kind", "别选正式", "temporary"),
        ("report_loss.kind", "唔要正式", "temporary"),
        ("report_loss.kind", "不选正式 等我想想", None),
        ("reissue.delivery", "先寄 不行我再去拿", "express"),
        ("reissue.delivery", "先邮寄，实在不行的话我就去取", "express"),
        ("reissue.delivery", "我自个儿取", "outlet"),
        ("reissue.delivery", "不邮了 怕丢 我去柜台", "outlet"),
        ("reissue.reason", "磨得看不见号", "damaged"),
        ("rate.stars", "打个4吧 留一分怕你骄傲", "s4"),
        ("rate.stars", "五分扣一分", None),
        ("rate.stars", "最低分", "s1"),
        ("rate.stars", "0分", "s1"),
        ("rate.stars", "10分", "s5"),
        ("rate.stars", "20分", None),
        ("rate.stars", "二十分", None),
        ("rate.stars", "100分给你们", "s5"),
        ("rate.stars", "100分必须的", "s5"),
        ("rate.stars", "打十分", "s5"),
        ("rate.stars", "办得十分慢", None),
        ("rate.stars", "十分差", None),
        ("rate.stars", "等了10分钟", None),
        ("rate.stars", "扣10分", None),
    ],
)
def test_of_two_words_for_answers_the_one_that_is_meant_is_taken(
    place: str, said: str, value: str | None
) -> None:
    """Not one that is refused, a second resort, or within another word."""
    content = shipped_content()
    flow, asked = place.split(".")
    words = content.languages["zh-CN"].flows[flow].slots[asked]
    shown = tuple(
        Choice(v, str(words.values[v]), at, words=spoken(words.words.get(v, ())))
        for at, v in enumerate(content.flows[flow].slots[asked].values, 1)
    )
    found = find(content.flows[flow].slots[asked], hear(said), shown, MONDAY)
    assert (None if isinstance(found, Invalid) else found) == value
