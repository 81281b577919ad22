"""What is changed in the browser goes into a city's own files: the piece, never a copy of the whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.content.read import city
from bot.content.read.files import ORIGIN, collect, own
from bot.content.read.own_files import Shipped
from bot.content.read.source import parse
from bot.web.directory import Directory

WORDS = "messages/zh-CN/report_loss.yaml"
POLICY = "config/policy.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    city.start(tmp_path / "quancheng", "泉城市", date(2026, 11, 1))
    return tmp_path / "quancheng"


def edit(root: Path, file: str, old: str, new: str) -> str:
    """The city's own file after somebody changed the merged one and published it; "" where it has none."""
    before = collect(root)
    text = before[file].decode()
    assert old in text
    after = {**before, file: text.replace(old, new, 1).encode()}
    directory = Directory(root, "zh-CN", lambda: 0)
    settled = directory.settled(before, after)
    assert parse(file, settled[file]).data == parse(file, after[file]).data
    assert directory.save(before, settled)
    assert dict(collect(root)) == dict(settled), "what is published is what the directory would publish"
    assert {name for name in settled if settled[name] != before.get(name)} <= {file, ORIGIN}
    path = root / file
    return path.read_text("utf-8") if path.exists() else ""


@pytest.mark.slow
def test_a_sentence_is_one_piece_of_the_citys_and_going_back_leaves_no_file(root: Path) -> None:
    made = edit(root, WORDS, "卡是怎么没的？", "卡是丢了，还是被偷了？")
    assert made == "slots:\n  reason:\n    ask: 卡是丢了，还是被偷了？\n"
    made = edit(root, WORDS, "      - 请回复1或2。", "      - 回复1或者2。")
    assert made.startswith(
        "slots:\n  reason:\n    ask: 卡是丢了，还是被偷了？\n  kind:\n    again:\n      - 回复1或者2。\n"
    )
    edit(root, WORDS, "      - 回复1或者2。", "      - 请回复1或2。")
    assert edit(root, WORDS, "卡是丢了，还是被偷了？", "卡是怎么没的？") == ""
    assert WORDS not in own(root)


def test_the_citys_comments_and_other_lines_stay(root: Path) -> None:
    path = root / POLICY
    hotline = "# 本市的\nhotline: {value: '0571-12333', source: 本市, checked: 2026-11-01} # 电话\n"
    path.write_text(path.read_text("utf-8") + hotline, encoding="utf-8")
    before = path.read_text("utf-8")
    made = edit(root, POLICY, "fee_reissue: {value: 20元", "fee_reissue: {value: 25元")
    assert made.startswith(before)
    assert made.removeprefix(before) == "fee_reissue: {value: 25元, source: 示例, checked: 2026-11-22}\n"
    made = edit(root, POLICY, "0571-12333", "0572-12333")
    assert made.startswith(before.replace("0571-12333", "0572-12333"))
    assert city.based_on(root).keys() >= {f"{POLICY}#fee_reissue", f"{POLICY}#hotline"}


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("file", "old", "new", "back", "made"),
    [
        (
            *("flows/reissue.yaml", "flow: reissue\n", "flow: reissue\nenabled: no\n"),
            *(("enabled: no\n", ""), "flow: reissue\nenabled: no\n"),
        ),
        (
            *("messages/zh-CN/pages.yaml", "\nfees:\n  title: ", "\nfees:\n  title: 新"),
            *(("title: 新", "title: "), "fees:\n  title: 新"),
        ),
        (
            *(WORDS, "title: 卡丢了（挂失）", 'title: "#1: 丢"'),
            *(('title: "#1: 丢"', "title: 卡丢了（挂失）"), 'title: "#1: 丢"\n'),
        ),
    ],
)
def test_only_what_differs_is_written(
    root: Path, file: str, old: str, new: str, back: tuple[str, str], made: str
) -> None:
    found = edit(root, file, old, new)
    assert found.startswith(made)
    assert len(found) < 40
    assert edit(root, file, *back) == ""


def test_a_flow_is_whole_and_a_new_file_is_the_citys(root: Path) -> None:
    whole = collect(root)["flows/report_loss.yaml"].decode()
    assert edit(root, "flows/report_loss.yaml", "times: 5", "times: 4") == whole.replace(
        "times: 5", "times: 4"
    )
    assert edit(root, "flows/report_loss.yaml", "times: 4", "times: 5") == ""
    before = collect(root)
    after = {**before, "flows/mine.yaml": b"flow: mine\n"}
    directory = Directory(root, "zh-CN", lambda: 0)
    assert directory.save(before, directory.settled(before, after))
    assert (root / "flows/mine.yaml").read_bytes() == b"flow: mine\n"
    assert directory.save(collect(root), before)
    assert not (root / "flows/mine.yaml").exists()


def test_phrases_are_added(root: Path) -> None:
    before = collect(root)
    text = before[WORDS].decode().replace("words: [", "words: [卡飞走咧, ", 1)
    directory = Directory(root, "zh-CN", lambda: 0)
    settled = directory.settled(before, {**before, WORDS: text.encode()})
    assert "卡飞走咧" in settled[WORDS].decode()
    assert directory.save(before, settled)
    assert (root / WORDS).read_text("utf-8") == "words: [卡飞走咧]\n"
    assert directory.save(settled, before)
    assert not (root / WORDS).exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [("    label: 挂失方式\n", ""), ("  挂失, 卡丢了", "  卡丢了"), ("\ntitle: 卡丢了（挂失）", "")],
)
def test_what_the_release_says_cannot_be_taken_away(root: Path, old: str, new: str) -> None:
    before = collect(root)
    after = {**before, WORDS: before[WORDS].decode().replace(old, new, 1).encode()}
    assert after != before
    with pytest.raises(Shipped, match=WORDS):
        Directory(root, "zh-CN", lambda: 0).settled(before, after)
    assert city.takes_away(before, after).startswith(WORDS)
    assert not Directory(root, "zh-CN", lambda: 0).save(before, after)
    gone = {name: raw for name, raw in before.items() if name != "flows/report_loss.yaml"}
    assert city.takes_away(before, gone) == "flows/report_loss.yaml"
    assert not city.takes_away(before, before)


def test_a_directory_with_other_changes_is_left_as_it_is(root: Path) -> None:
    before = collect(root)
    (root / POLICY).write_text((root / POLICY).read_text("utf-8").replace("泉城市人社局", "泉城人社局"))
    held = own(root)
    after = {**before, WORDS: before[WORDS].replace("卡是怎么没的？".encode(), "卡呢？".encode())}
    directory = Directory(root, "zh-CN", lambda: 0)
    assert directory.settled(before, after) == after
    assert not directory.save(before, after)
    assert own(root) == held
