"""One value is replaced where it stands: what is typed is read back as it was, and nothing else moves."""

from __future__ import annotations

import difflib
import re

import pytest
import yaml
from conftest import ROOT

from bot.content.edits import NoPlace, with_values
from bot.content.messages import STRINGS
from bot.content.read.files import OUTLETS, POLICY, collect
from bot.content.values import entries, entry

FILES = collect(ROOT)
TYPED = (
    *("改了", "a: b #c", "- 不是列表", "第一行\n\n第三行", "  前面有空格\n第二行", "'单' \"双\"", "[x"),
    *("{card.until}", "是", "0571", "*x"),
)


@pytest.mark.quick(3)
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


TOLD = "source: 示例, checked: 2026-11-22"
WRITTEN = [
    f"fee: {{value: 20元, {TOLD}}}   # 每张\n",
    f"fee: {{value: 20元, {TOLD}}}",
    "fee:\n  value: 20元\n  source: 示例   # 旧的\n  checked: 2026-11-22\n\n# 别的\n",
    f"fee:\n  - {{value: 20元, {TOLD}}}\n",
    f"fee:\n- {{value: 20元, {TOLD}}}\n\n# 别的\n",
    "fee:\n    - value: 20元\n      source: 示例\n      checked: 2026-11-22\n",
    f"fee: [{{value: 20元, {TOLD}}}]\n",
    f"fee: [\n  {{value: 20元, {TOLD}}},\n]\n",
]


@pytest.mark.parametrize("after", ["", "\n", "postage: {value: 12元, source: 示例, checked: 2026-11-22}\n"])
@pytest.mark.parametrize("written", WRITTEN)
def test_what_comes_on_a_day_is_typed_below_what_holds_now(written: str, after: str) -> None:
    """However it was written; the next one below that, and what stands there can be changed."""
    text = written + (after if written.endswith("\n") else after and f"\n{after}")
    files = {POLICY: text.encode()}
    for day, value in (("2027-01-01", "15元"), ("2028-02-29", '一口价: "9元", 可减免')):
        found = entry(files, POLICY, ("fee",))
        assert found
        typed = (day, value, "某发〔2026〕9号", "2026-11-23")
        assert [field.text for field in found.fields[-4:]] == [""] * 4
        places = [field.path for field in found.fields[-4:]]
        files = dict(with_values(files, POLICY, dict(zip(places, typed, strict=True))))
        found = entry(files, POLICY, ("fee",))
        assert found
        assert tuple(field.text for field in found.fields[-8:-4]) == typed
    made = files[POLICY].decode()
    data = yaml.load(made, Loader=STRINGS)  # noqa: S506 - builds no objects
    assert [one["value"] for one in data["fee"]] == ["20元", "15元", '一口价: "9元", 可减免']
    assert all(note in made for note in re.findall("#.*", text))
    changed = with_values(files, POLICY, {("fee", 1, "value"): "16元"})
    assert changed[POLICY].decode() == made.replace("15元", "16元")


def test_nothing_typed_for_later_changes_nothing() -> None:
    found = entry(FILES, POLICY, ("express",))
    assert found
    assert found.fields[-3].of == ("", "offered", "none"), "one of the closed set, or nothing"
    assert [field.path for field in found.fields[:3]] == [
        ("express", part) for part in ("value", "source", "checked")
    ]
