"""A list as long as a city's: the bubble keeps room for what is asked and offered under it."""

from __future__ import annotations

import re
from pathlib import Path

from bot.engine.wording import LIST_BYTES_BESIDE

from .kit import SIGN_IN, played

ROWS = "\n".join(
    f"        - {{id: o{n}, name: 第{n}号社保卡服务中心, distance: '', address: 平安区和平路{n}号,"
    f" hours: 1-5 9:00–17:00, phone: 000-12345678, services: enable}}"
    for n in range(1, 41)
)


def test_a_list_of_forty_says_how_many_there_are_and_goes_on_and_keeps_every_tap(tmp_path: Path) -> None:
    text = (
        "resident: {person: 张三}\nservices:\n  - outlets.near:\n      outcome: found\n      list:\n"
        + ROWS + "\n  - stubs\n"
        "turns:\n  - {tap: 挂失停用, expect: ~您同意吗}\n" + SIGN_IN
        + "  - {tap: 附近网点, expect: /./}\n  - {say: 平安区, expect: /./}\n"
        + "  - {say: 更多, expect: /./}\n" * 8
    )  # fmt: skip
    came = played(tmp_path, text)
    assert came.failure is None, came.failure
    first, *others, over = (one.bubbles[0] for one in came.came[-9:])
    shown = first.text.count("号社保卡服务中心")
    assert 3 < shown < 40
    assert f"还有{40 - shown}个，回复“更多”接着看。" in first.text
    size = len(first.text.split("还有")[0].encode())
    assert LIST_BYTES_BESIDE - 200 < size < LIST_BYTES_BESIDE + 100, "the open question comes again"
    seen = [int(n) for one in (first, *others) for n in re.findall(r"第(\d+)号", one.text)]
    assert seen == list(range(1, 41)), "each once, in their order"
    last = next(one for one in others if "第40号" in one.text)
    assert "还有" not in last.text
    assert "第" not in over.text, "there is no more"
    for bubble in (first, last):
        assert "请回复这4个数字" in bubble.text
    assert set(first.answers) == {"带什么材料", "自助机", "找工作人员"}


def test_a_list_beside_an_open_question_leaves_every_answer_its_tap(tmp_path: Path) -> None:
    text = (
        "resident: {person: 张三, language: en, signed_in: yes}\nservices:\n  - stubs\n"
        "turns:\n  - {tap: 补卡换卡, expect: ~need a new card}\n  - {tap: 附近网点, expect: /./}\n"
        "  - {send: {location: [30.0001, 110.0001]}, expect: ~Outlets near you}\n"
    )
    came = played(tmp_path, text)
    assert came.failure is None, came.failure
    bubble = came.came[-1].bubbles[0]
    assert "Why do you need a new card" in bubble.text
    assert {"Lost", "Other bank", "What to bring", "Self-service machines"} <= set(bubble.answers)


def test_a_question_with_forty_answers_shows_nine_and_goes_on_and_takes_each(tmp_path: Path) -> None:
    """A bubble that was full cut an answer in two, and showed none after it."""
    rows = "\n".join(f"        - {{id: a{n}, title: 第{n}号申请, date: '2026-03-02'}}" for n in range(1, 41))
    text = (
        "resident: {person: 张三}\nservices:\n  - card.applications:\n      outcome: found\n      list:\n"
        + rows + "\n  - card.progress: none\n  - stubs\n"
        "turns:\n  - {tap: 查进度, expect: /./}\n" + SIGN_IN + '  - {say: "{code}", expect: ~看哪一个}\n'
        + ("  - {say: 更多, expect: ~看哪一个}\n" * 2 + "  - {say: 更多, expect: ~后面没有了}\n") * 2
        + "  - {say: '39', expect: /./}\n"
    )  # fmt: skip
    came = played(tmp_path, text)
    assert came.failure is None, came.failure
    first, second, third = (one.bubbles[0] for one in came.came[-8:-5])
    answered = came.came[-1].bubbles[0]
    assert "最后一次" not in came.came[-2].bubbles[0].text, "asking for more costs no try"
    assert "还有31个，回复“更多”接着看。" in first.text
    assert len(first.answers) == 9
    seen = [int(n) for one in (first, second, third) for n in re.findall(r"第(\d+)号", one.text)]
    assert seen == list(range(1, 41))
    assert "40. 第40号申请" in third.text
    assert "看哪一个" not in answered.text, "what is not on the first page can be answered with"


def test_where_there_is_no_more_it_says_so(tmp_path: Path) -> None:
    text = (
        "turns:\n  - {say: 更多, expect: ~后面没有了}\n"
        "  - {say: English, expect: /./}\n  - {say: more, expect: ~nothing more}\n"
    )
    assert played(tmp_path, text).failure is None


def test_what_is_left_of_a_list_goes_with_the_sign_in(tmp_path: Path) -> None:
    rows = "\n".join(f"        - {{id: a{n}, title: 第{n}号申请, date: '2026-03-02'}}" for n in range(1, 41))
    text = (
        "resident: {person: 张三}\nservices:\n  - card.applications:\n      outcome: found\n      list:\n"
        + rows + "\n  - stubs\n"
        "turns:\n  - {tap: 查进度, expect: /./}\n" + SIGN_IN + '  - {say: "{code}", expect: ~看哪一个}\n'
        + "  - {say: 更多, expect: ~看哪一个}\n  - {say: 取消, expect: /./}\n"
        + "  - {say: 退出登录, expect: /./}\n  - {say: 更多, expect: ~后面没有了}\n"
    )  # fmt: skip
    assert played(tmp_path, text).failure is None
