"""What is somebody's own goes from recordings and from kept questions alike; what is nobody's stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.masking import masked
from bot.engine.events import TextReceived
from bot.kit.replay.fakes import Fakes
from bot.kit.replay.fixture import load
from bot.kit.replay.play import play
from bot.kit.replay.recorder import Recorder
from bot.kit.replay.seen import Bare, Seen, unlike

from .kit import stage

AT = 1_795_000_000
OWN = [
    ("我叫欧阳静怡，卡丢了", "欧阳静怡"),
    ("欧阳静怡的卡丢了", "欧阳静怡"),
    ("我是司马懿想挂失", "司马懿"),
    ("老李的卡丢了", "李"),
    ("我是老李", "李"),
    ("王大爷的卡丢了", "王"),
    ("王大爷丢卡了", "王"),
    ("请找李建国先生", "李建国"),
    ("我妈李秀英的卡", "李秀英"),
    ("阿卜杜拉·测试丢卡了", "阿卜杜拉"),
    ("护照E12345678", "12345678"),
    ("电话一三八零零一三八一二三", "三八零零"),
    ("我的电话138 0013 8000", "8000"),
    ("住在平安区和平路12号3单元501", "和平路12号"),
    ("My name is John Smith, help", "Smith"),
    ("I am Quentin Testington, help", "Testington"),
]
NOBODYS = [
    "我的卡丢了怎么办", "关于我的卡", "小程序打不开", "老年卡怎么办", "小区门口有网点吗", "我是外地人",
    "高龄补贴",
    "我是方便的时候来", "孩子上学的社保", "这张卡不能用", "2036-05-20", "20360520", "2036年5月20日",
    "12333", "3 2 9 7",
]  # fmt: skip


@pytest.mark.parametrize(("words", "own"), OWN)
def test_one_list_serves_recordings_and_questions(words: str, own: str) -> None:
    assert own not in Fakes(1).text(words)
    assert own not in masked(words)


@pytest.mark.parametrize("words", NOBODYS)
def test_what_is_nobodys_stays_in_a_recording(words: str) -> None:
    assert Fakes(1).text(words) == words


@pytest.mark.parametrize("words", ["卡号62220212345678", "6222 0212 3456 78", "1234 5678 9012", "X12345"])
def test_a_number_with_a_known_one_inside_is_replaced_whole(words: str) -> None:
    fakes = Fakes(3)
    short = fakes.value("number", "1234")
    made = fakes.text(words)
    assert "5678" not in made
    assert "6222" not in made
    assert short not in made or words == "X12345"
    assert fakes.text("尾号1234的卡") == f"尾号{short}的卡"


def test_a_date_is_a_date_whatever_number_is_known() -> None:
    fakes = Fakes(3)
    fakes.value("number", "2036")
    fakes.value("number", "20360520")
    assert fakes.text("到2036-05-20为止，20360520") == "到2036-05-20为止，20360520"
    row = fakes.answer(
        "card.find", {"id": "c-77", "number": "2036", "until": "2036-05-20", "state": "normal"}
    )
    assert isinstance(row, dict)
    assert row["until"] == "2036-05-20"
    assert row["id"] != "c-77"
    assert row["number"] != "2036"


# --- a recording is what was seen, or it fails ---------------------------------------------------
def recorder() -> Recorder:
    made = Recorder(stage(), seed=1)
    made.heard(TextReceived(AT, 1, "帮助"), None)
    return made


def said() -> tuple[tuple[str, str], ...]:
    """What the content answers to it."""
    from bot.kit.replay.written import as_conversation

    (came,) = play(as_conversation(recorder().data()), stage(), update=True).came
    assert came.facts
    return came.facts.says


def test_what_was_seen_is_green(tmp_path: Path) -> None:
    made = recorder()
    made.saw(said(), "nothing")
    assert made.write(tmp_path / "same.yaml", stage().root) == ""


@pytest.mark.parametrize(
    ("says", "after", "why"),
    [
        ((("sign_in.hello", "张*，您好"),), "nothing", "was told sign_in.hello, in the replay common.help"),
        (
            (("common.help", "别的话"),),
            "nothing",
            "told common.help, in the replay common.help in other words",
        ),
        ((), "nothing", "was told nothing more, in the replay common.help"),
        (None, "report_loss.kind", "stood at report_loss.kind, in the replay at nothing"),
    ],
)
def test_another_conversation_fails_and_names_the_turn(
    tmp_path: Path, says: tuple[tuple[str, str], ...] | None, after: str, why: str
) -> None:
    made, path = recorder(), tmp_path / "other.yaml"
    made.saw(said() if says is None else says, after)
    differs = made.write(path, stage().root)
    assert "turn 1: not what was seen" in differs
    assert why in differs
    assert path.read_text().startswith(f"# {path}:")
    load(path, stage().root)


def test_values_are_no_difference_but_words_are() -> None:
    bare = Bare(stage().words, lambda words: words)
    assert bare("本人（张*）的社保卡") == bare("本人（甲**）的社保卡")
    assert unlike([Seen(1, (("a.b", "好"),), "x")], [], bare) == (
        1,
        "the resident was told a.b, in the replay nothing more",
    )
