"""--update writes what came, and touches nothing else."""

from pathlib import Path

from bot.replay.run import Options, one

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
