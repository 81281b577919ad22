"""What a publish changes, part by part and step by step."""

from __future__ import annotations

import pytest
from conftest import ROOT

from bot.content.changes import Change, Step, changes, other_steps
from bot.content.edits import NoPlace, with_phrase
from bot.content.load import load_files
from bot.content.read.files import Files, collect
from bot.content.values import entries
from bot.engine.flow import Target

LOSS = "flows/report_loss.yaml"
WORDS = "messages/zh-CN/report_loss.yaml"


@pytest.fixture(scope="module")
def shipped() -> Files:
    return collect(ROOT)


def edited(files: Files, file: str, old: str, new: str) -> Files:
    text = files[file].decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return {**files, file: text.replace(old, new).encode()}


def fates(old: Files, new: Files) -> list[Step]:
    before, after = (load_files(files) for files in (old, new))
    assert before.content is not None
    assert after.content is not None, [str(f) for f in after.findings]
    return other_steps(before.content, after.content)


def test_nothing_changes_but_a_comment(shipped: Files) -> None:
    assert changes(shipped, {**shipped, LOSS: shipped[LOSS] + b"# why\n"}) == []


BOMB = "a: &a0 x\n" + "".join(
    f"b{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(9))}}}\n" for n in range(1, 10)
)
WILD = {"deep": "a: " + "[" * 2_000 + "]" * 2_000, "around itself": "a: &a {b: *a}", "more than fits": BOMB}


@pytest.mark.parametrize("text", WILD.values(), ids=WILD)
def test_what_nobody_can_compose_is_shown_as_it_stands(text: str) -> None:
    """A draft may hold it. Composed, it ends the web process, or never ends."""
    raw = text.encode()
    assert changes({}, {WORDS: raw}) == [Change(WORDS, "", "", text)]
    assert list(entries({WORDS: raw})) == []
    with pytest.raises(NoPlace):
        with_phrase({WORDS: raw}, Target(flow="report_loss"), "zh-CN", "卡飞走了")


def test_a_text_is_named_by_its_path(shipped: Files) -> None:
    new = edited(shipped, WORDS, "卡是怎么没的？", "卡怎么不见了？")
    assert changes(shipped, new) == [Change(WORDS, "slots.reason.ask", "卡是怎么没的？", "卡怎么不见了？")]
    assert changes(shipped, new)[0].what == "changed"
    assert fates(shipped, new) == []  # wording alone moves nobody


@pytest.mark.slow
def test_a_value_that_comes_later_is_a_change_of_its_own(shipped: Files) -> None:
    """What holds now is as it was; below its name and day stands what comes."""
    told = "source: 示例, checked: 2026-11-22}"
    later = f"{{from: 2027-01-01, value: 15元, {told}"
    old = f"{{value: 20元, {told}"
    new = edited(
        shipped, "config/policy.yaml", f"fee_reissue: {old}", f"fee_reissue:\n  - {old}\n  - {later}"
    )
    (change,) = changes(shipped, new)
    assert (change.name, change.what) == ("fee_reissue.2027-01-01", "added")
    assert "15元" in change.after
    assert fates(shipped, new) == [], "nobody is moved before that day"


def test_a_step_is_one_part(shipped: Files) -> None:
    new = edited(
        shipped, LOSS, "  formal:\n    set: {kind: formal}\n", "  formal:\n    set: {kind: temporary}\n"
    )
    (change,) = changes(shipped, new)
    assert (change.file, change.name, change.what) == (LOSS, "steps.formal", "changed")
    assert "formal" in change.before
    assert "temporary" in change.after
    assert fates(shipped, new) == [Step("report_loss", "formal", "asked")]


def test_a_renamed_step_is_followed(shipped: Files) -> None:
    text = shipped[LOSS].decode().replace("ask_upgrade", "want_upgrade")
    text = text.replace("  want_upgrade:\n", "  want_upgrade:\n    renamed: ask_upgrade\n")
    assert fates(shipped, {**shipped, LOSS: text.encode()}) == [
        Step("report_loss", "ask_upgrade", "renamed", "want_upgrade"),
    ]


def test_a_flow_that_is_gone_is_said_of_each_of_its_steps(shipped: Files) -> None:
    before, after = (load_files(shipped).content for _ in range(2))
    assert before is not None
    assert after is not None
    flows = {name: flow for name, flow in after.flows.items() if name != "rate"}
    found = other_steps(before, type(after)(**{**vars(after), "flows": flows}))
    assert {step.fate for step in found} == {"gone"}
    assert {step.step for step in found} == set(before.flows["rate"].steps)


def test_policy_menu_and_outlets_are_named_by_what_operators_call_them(shipped: Files) -> None:
    new = edited(shipped, "config/policy.yaml", 'temporary_days: {value: "7"', 'temporary_days: {value: "10"')
    assert [c.name for c in changes(shipped, new)] == ["temporary_days"]
    new = edited(
        shipped, "config/menu.yaml", "{name: 查进度, flow: progress}", "{name: 进度, flow: progress}"
    )
    assert [(c.name, c.what) for c in changes(shipped, new)] == [
        ("卡丢了.buttons.查进度.name", "removed"),
        ("卡丢了.buttons.查进度.flow", "removed"),
        ("卡丢了.buttons.进度.name", "added"),
        ("卡丢了.buttons.进度.flow", "added"),
    ]
    new = edited(shipped, "config/outlets.yaml", "address: 和平路12号", "address: 和平路14号")
    assert [c.name for c in changes(shipped, new)] == ["pa-heping.address"]


def test_a_file_that_is_new_or_gone_is_told_part_by_part(shipped: Files) -> None:
    without = {name: raw for name, raw in shipped.items() if name != "flows/rate.yaml"}
    assert {c.what for c in changes(shipped, without)} == {"removed"}
    assert {c.what for c in changes(without, shipped)} == {"added"}
    assert all(c.file == "flows/rate.yaml" for c in changes(shipped, without))
