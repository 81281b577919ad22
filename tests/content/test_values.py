"""One value is replaced where it stands: what is typed is read back as it was, and nothing else moves."""

from __future__ import annotations

import difflib

import pytest
import yaml
from conftest import ROOT

from bot.content.messages import STRINGS
from bot.content.phrases import NoPlace
from bot.content.read.files import collect
from bot.content.values import OUTLETS, POLICY, entries, entry, with_values

FILES = collect(ROOT)
TYPED = (
    *("改了", "a: b #c", "- 不是列表", "第一行\n\n第三行", "  前面有空格\n第二行", "'单' \"双\"", "[x"),
    *("{card.until}", "是", "0571", "*x"),
)


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_typed_is_read_back_and_the_rest_stays(typed: str) -> None:
    for file, path in [
        ("messages/zh-CN/report_loss.yaml", ("slots", "reason", "ask")),
        ("messages/zh-CN/report_loss.yaml", ("slots", "kind", "again", 1)),
        ("messages/zh-CN/pages.yaml", ("first_card", "text")),
        (POLICY, ("fee_reissue", "value")),
        (POLICY, ("hours", "agents", 0, "to")),
        (OUTLETS, (0, "hours", 0, "from")),
    ]:
        made = with_values(FILES, file, {path: typed})
        was, now = (yaml.load(files[file], Loader=STRINGS) for files in (FILES, made))  # noqa: S506
        was_there, now_there = was, now
        for part in path[:-1]:
            was_there, now_there = was_there[part], now_there[part]
        assert now_there[path[-1]] == typed
        was_there[path[-1]] = typed
        assert was == now
        before, after = (files[file].decode().splitlines() for files in (FILES, made))
        spots = [
            one for one in difflib.SequenceMatcher(None, before, after).get_opcodes() if one[0] != "equal"
        ]
        assert len(spots) == 1, "lines elsewhere stay, and so do comments"


def test_every_file_of_words_can_be_changed_in_a_form() -> None:
    seen = {one.file: one for one in entries(FILES)}
    assert seen.keys() == {name for name in FILES if name.startswith("messages/")} | {POLICY, OUTLETS}
    for one in seen.values():
        field = one.fields[0]
        changed = entry(with_values(FILES, one.file, {field.path: f"{field.text}！"}), one.file, one.path)
        assert changed
        assert changed.fields[0].text == f"{field.text}！"


def test_what_serves_a_form_is_no_phrase_and_no_condition() -> None:
    texts = {field.text for one in entries(FILES) for field in one.fields}
    assert "卡是怎么没的？" in texts
    assert "20元" in texts
    assert not {"钱包掉了", "没看清", "normal"} & texts


def test_what_is_written_otherwise_is_left_alone() -> None:
    files = {"messages/zh-CN/x.yaml": "texts: {a: &n 一, b: *n}\n".encode()}
    for path in (("texts", "a"), ("texts", "b"), ("texts", "c"), ("texts",), ("texts", 0)):
        with pytest.raises(NoPlace):
            with_values(files, "messages/zh-CN/x.yaml", {path: "二"})


def test_a_mark_of_windows_and_a_last_line_without_an_end_are_kept() -> None:
    files = {"messages/zh-CN/x.yaml": "\ufefftexts:\n  a: |-\n    一\n    二".encode()}
    made = with_values(files, "messages/zh-CN/x.yaml", {("texts", "a"): "三\r\n四\n"})
    assert made["messages/zh-CN/x.yaml"].decode() == "\ufefftexts:\n  a: |-\n    三\n    四"
