"""--update writes what came, and touches nothing else."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.kit.replay.run import Options, one
from bot.kit.replay.written import as_turn

from .kit import ROOT, stage, written

BEFORE = """\
# 卡丢了
about: 问一问   # 只问
turns:
  # 第一句
  - say: 卡丢了
    expect: 说错了   # 以前的话
    at: nowhere.at_all

  - say: 返回   # 没有写
  # 最后
  - say: 取消
    expect: ~已经停下
"""


def test_comments_and_order_stay_and_the_result_is_green(tmp_path: Path) -> None:
    path = written(tmp_path, BEFORE)
    one(path, Options(ROOT, update=True), stage())
    after = path.read_text("utf-8")
    for comment in ("# 卡丢了", "# 只问", "# 第一句", "# 以前的话", "# 没有写", "# 最后"):
        assert comment in after
    assert "at: sign_in.consent" in after
    assert "expect: ~已经停下" in after
    assert one(path, Options(ROOT), stage()).text == ""
    one(path, Options(ROOT, update=True), stage())
    assert path.read_text("utf-8") == after, "a second time changes nothing"


def test_a_turn_in_braces_is_told_about(tmp_path: Path) -> None:
    path = written(tmp_path, "turns:\n  - {say: 卡丢了}\n")
    came = one(path, Options(ROOT, update=True), stage())
    assert "made.yaml:2" in came.text
    assert "without braces" in came.text


LIKE_YAML = "a字0=＝ \n\t\r\x00\x7f\x85\u2028\ufeff\u3000:#-'\"|~\\{}[]%，：👍"


@example("a=0")
@example("a ＝字")
@example("~")
@given(st.text(st.one_of(st.sampled_from(LIKE_YAML), st.characters(exclude_categories=["Cs"]))))
def test_whatever_is_said_is_read_again_as_it_was_written(words: str) -> None:
    assert as_turn({"say": words}).value == words
    assert as_turn({"send": {"voice": words, "label": "x\n"}}).value.voice == words
    if words.strip("\n").removeprefix("~").strip():  # ~ alone expects nothing
        assert as_turn({"say": "x", "expect": {"any": [words, "好"]}}).reply is not None


@pytest.mark.parametrize("words", ["a\x7fb", "a\x85b", "a\u2028b", "a\rb", "a\x7f\nb", "\ta\nb", " \\"])
def test_signs_that_yaml_does_not_take_are_written_all_the_same(words: str) -> None:
    assert as_turn({"say": words}).value == words


def test_half_a_character_becomes_a_question_mark() -> None:
    assert as_turn({"say": "a\ud800"}).value == "a\ufffd"


def test_a_comment_between_two_entries_does_not_keep_the_second_one(tmp_path: Path) -> None:
    path = written(
        tmp_path, "turns:\n  - say: 卡丢了\n    expect:\n      - ~甲\n# 中间\n      - ~乙\n# 最后\n"
    )
    one(path, Options(ROOT, update=True), stage())
    after = path.read_text("utf-8")
    assert "~乙" not in after
    assert after.endswith("# 最后\n")
    assert one(path, Options(ROOT), stage()).text == ""
