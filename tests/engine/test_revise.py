"""A conversation that is under way when its content is edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .flows import CHANGE, CHANGE_WORDS, LOOK, LOOK_WORDS, MEMBER, MEMBER_WORDS
from .kit import Talk, content_of, make_id

NUMBER = make_id("11010119800101001")
Edit = Callable[..., None]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(content_of(tmp_path / "old", *_texts(LOOK, LOOK_WORDS, CHANGE, CHANGE_WORDS)))


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    def make(talk: Talk, look: str = LOOK, words: str = LOOK_WORDS, change: str = CHANGE) -> None:
        talk.content = content_of(tmp_path / "new", *_texts(look, words, change, CHANGE_WORDS))

    return make


def _texts(
    look: str, look_words: str, change: str, change_words: str
) -> tuple[dict[str, str], dict[str, str]]:
    flows = {"look": look, "change": change, "member": MEMBER}
    return flows, {"look": look_words, "change": change_words, "member": MEMBER_WORDS}


def test_the_same_step_goes_on_even_if_the_words_changed(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1")
    edit(talk, words=LOOK_WORDS.replace("有什么要说的？", "还有要说的吗？"))
    assert talk.say("没有") == "哪一天？"


def test_a_changed_question_is_asked_again_and_that_is_said_once(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1", "没有")
    edit(talk, look=LOOK.replace("to: today", "from: today"))
    talk.say("2026-01-01")
    assert talk.said == ["common.changed", "look.day.ask"]
    talk.say("2036-01-01")
    assert talk.said == ["look.done"]


def test_a_tap_on_the_old_question_is_no_answer_to_the_new_one(talk: Talk, edit: Edit) -> None:
    talk.say("看一看")
    old = talk.options[0].tap
    edit(talk, look=LOOK.replace("values: [red, blue]", "values: [blue, red]"))
    talk.tap_id(old)
    assert talk.said == ["common.changed", "look.what.ask"]


def test_a_phrase_or_a_recovery_word_still_works_after_an_edit(talk: Talk, edit: Edit) -> None:
    talk.say("看一看")
    edit(talk, look=LOOK.replace("values: [red, blue]", "values: [blue, red]"))
    talk.say("登记")
    assert talk.stack == ["look", "member"]


def test_a_renamed_step_is_followed(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1")
    renamed = LOOK.replace("note: {collect: note}", "remark: {collect: note, renamed: note}")
    edit(talk, look=renamed)
    talk.say("没有")
    assert talk.stack == ["look"]
    assert talk.slots["what"] == "red"


def test_a_step_that_is_gone_is_walked_around_with_the_answers_that_hold(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1")
    gone = LOOK.replace("      note: {collect: note}\n", "").replace(
        "      note: {type: text, or: [none]}\n", ""
    )
    words = "\n".join(line for line in LOOK_WORDS.splitlines() if "备注" not in line)
    edit(talk, look=gone, words=words)
    talk.say("没有")
    assert talk.said == ["common.changed", "look.day.ask"]
    assert talk.slots == {"what": "red"}
    talk.say("返回")
    assert talk.said == ["look.what.ask"]


def test_an_answer_that_no_longer_holds_is_asked_for_again(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1", "没有")
    edit(
        talk,
        look=LOOK.replace("values: [red, blue]", "values: [green, blue]"),
        words=LOOK_WORDS.replace("red: 大红色", "green: 草绿色"),
    )
    talk.say("2026-01-01")
    assert talk.said == ["common.changed", "look.what.ask"]
    talk.say("草绿")
    assert talk.said == ["look.day.ask"]  # what was said about it still holds


def test_a_summary_is_confirmed_anew_after_an_edit(talk: Talk, edit: Edit) -> None:
    talk.say("启用卡", "A")
    edit(talk, change=CHANGE.replace("confirm: check, next: {", "confirm: check, next: {else: left, "))
    talk.say("确认启用")
    assert talk.calls == []
    assert talk.said == ["common.changed", "change.check"]
    talk.say("确认启用")
    assert talk.call


def test_a_change_under_way_ends_where_its_step_went(talk: Talk, edit: Edit) -> None:
    talk.say("启用卡", "A", "确认启用")
    call = talk.call.id
    edit(talk, change=CHANGE.replace("submit:\n", "send:\n").replace("agreed: submit", "agreed: send"))
    talk.say("好了吗")
    assert talk.said == ["common.slow"]
    assert talk.answer("done", {}, call) == "已启用。"


def test_a_flow_that_is_gone_takes_only_what_it_required_with_it(talk: Talk, tmp_path: Path) -> None:
    talk.say("看一看", "1", "登记")
    talk.content = content_of(tmp_path / "less", {"member": MEMBER}, {"member": MEMBER_WORDS})
    talk.say("同意登记")
    assert talk.stack == ["member"]
    talk.content = content_of(tmp_path / "none", {"look": LOOK}, {"look": LOOK_WORDS})
    talk.say(NUMBER)
    assert talk.said == ["common.changed"]
    assert talk.stack == []


def test_what_was_put_aside_follows_the_edit_too(talk: Talk, edit: Edit) -> None:
    talk.say("看一看", "1", "没有")
    talk.wait(1800)
    talk.say("嗯")
    edit(talk, look=LOOK.replace("what: {collect: what}", "colour: {collect: what, renamed: what}"))
    talk.say("继续")
    assert talk.said[0] == "common.resumed"
    assert talk.stack == ["look"]


def test_an_answer_whose_day_has_passed_is_asked_for_again_without_an_edit(talk: Talk, edit: Edit) -> None:
    """Said before midnight, to be used after it."""
    day_first = LOOK.replace("to: today", "from: today").replace(
        "{collect: what}", "{collect: what, next: day}"
    )
    day_first = day_first.replace("{collect: note}", "{collect: note, next: done}")
    edit(talk, look=day_first.replace("{collect: day}", "{collect: day, next: note}"))
    talk.at += 14 * 3600 - 300
    talk.say("看一看", "1", "2026-11-23")
    assert talk.said == ["look.note.ask"]
    talk.at += 600
    talk.say("没有")
    assert "look.done" not in talk.said
    assert talk.said[-1] == "look.day.ask"
