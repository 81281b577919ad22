"""What an edit must not do to those who are in the middle: one example for each way it could."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.engine.events import OtherReceived, TextReceived

from .flows import CARD, CHANGE, CHANGE_WORDS, FIND, FIND_WORDS, LOOK, LOOK_WORDS, MEMBER, MEMBER_WORDS
from .kit import Talk, content_of, make_id

NUMBER = make_id("11010119800101001")
OTHER = make_id("11010119900202002")
TEXTS = {
    "look": (LOOK, LOOK_WORDS),
    "change": (CHANGE, CHANGE_WORDS),
    "member": (MEMBER, MEMBER_WORDS),
    "find": (FIND, FIND_WORDS),
}
Publish = Callable[..., None]
Change = tuple[str, str]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(_content(tmp_path / "old", TEXTS))


@pytest.fixture
def publish(tmp_path: Path, talk: Talk) -> Publish:
    """`publish(look=[(old, new)], look_words=[…])`: the flows above with these changes."""

    def make(**changes: list[Change]) -> None:
        texts = {
            name: (_changed(flow, changes.get(name, [])), _changed(words, changes.get(f"{name}_words", [])))
            for name, (flow, words) in TEXTS.items()
        }
        talk.content = _content(tmp_path / "new", texts)

    return make


def _content(root: Path, texts: dict[str, tuple[str, str]]):  # type: ignore[no-untyped-def]
    return content_of(root, {n: f for n, (f, _) in texts.items()}, {n: w for n, (_, w) in texts.items()})


def _changed(text: str, changes: list[Change]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


WHY: dict[str, list[Change]] = {
    "change": [
        ("slots: {card: {type: text}", "slots: {why: {type: text}, card: {type: text}"),
        ("      check: {confirm", "      why: {collect: why}\n      check: {confirm"),
    ],
    "change_words": [
        (
            "slots: {card:",
            "slots: {why: {label: 原因, ask: 为什么？, again: ['写一句。', '随便写。']}, card:",
        ),
        ("请核对：启用{card}。", "请核对：启用{card}，因为{why}。"),
        ("done: 已启用。", "done: 已启用，因为{why}。"),
    ],
}
"""One more question before the summary, which shows the answer; so does the receipt."""


def test_a_question_put_in_before_the_open_one_is_asked(talk: Talk, publish: Publish) -> None:
    talk.say("启用卡", "A")
    publish(**WHY)
    talk.say("确认启用")
    assert talk.said == ["common.changed", "change.why.ask"]
    assert talk.say("丢过") == "请核对：启用A，因为丢过。"


def test_a_receipt_that_counts_on_a_new_question_is_told_plainly(talk: Talk, publish: Publish) -> None:
    talk.say("启用卡", "A", "确认启用")
    call = talk.call.id
    publish(**WHY)
    talk.answer("done", {}, call)
    assert talk.said == ["common.outcome"]
    assert "办好了" in talk.text
    assert talk.stack == []


def test_the_outcome_of_a_change_is_told_after_its_flow_is_gone(talk: Talk, tmp_path: Path) -> None:
    talk.say("启用卡", "A", "确认启用")
    call = talk.call.id
    talk.content = content_of(tmp_path / "less", {"member": MEMBER}, {"member": MEMBER_WORDS})
    talk.answer("done", {}, call)
    assert talk.said == ["common.outcome"]


def test_a_renamed_step_is_the_same_question_and_so_is_the_one_before_it(
    talk: Talk, publish: Publish
) -> None:
    renamed = [("note: {collect: note}", "remark: {collect: note, renamed: note}")]
    talk.say("看一看", "1")
    old = talk.options[-1].tap
    publish(look=renamed)
    talk.tap_id(old)
    assert talk.said == ["look.day.ask"]


def test_naming_a_renamed_step_does_not_change_the_step_that_leads_to_it(
    talk: Talk, publish: Publish
) -> None:
    talk.say("启用卡", "A")
    publish(
        change=[
            ("agreed: submit", "agreed: send"),
            ("      submit:\n", "      send:\n        renamed: submit\n"),
        ]
    )
    talk.say("确认启用")
    assert talk.call.action == "card.enable"


def test_a_number_means_the_list_that_was_shown(talk: Talk, publish: Publish) -> None:
    talk.say("看一看")
    blue = [
        (
            "values: [red, blue], only: {blue: {policy.formal_loss: online}}",
            "values: [red, blue, grey], only: {red: {policy.formal_loss: outlet}}",
        )
    ]
    publish(look=blue, look_words=[("blue: 天蓝色（浅）", "blue: 天蓝色（浅）, grey: 灰色")])
    talk.say("1")
    assert talk.said == ["common.changed", "look.what.ask"]


def test_what_a_policy_put_into_a_summary_is_agreed_to_anew(talk: Talk, publish: Publish) -> None:
    talk.say("启用卡", "A")
    publish(change_words=[("启用{card}。", "启用{card}，要交20元。")])
    talk.say("确认启用")
    assert talk.said == ["common.changed", "change.check"]
    assert talk.calls == []


def test_a_new_version_of_a_consent_is_read_before_it_is_agreed_to(talk: Talk, publish: Publish) -> None:
    talk.say("登记")
    publish(
        member_words=[('version: "1", text: 同意登记吗？', 'version: "2", text: 同意登记，给各部门用吗？')]
    )
    talk.say("同意登记")
    assert talk.said == ["common.changed", "member.consent"]
    talk.say("同意登记")
    assert talk.session.consents["member.consent"].version == "2"


def _signed_in(talk: Talk) -> None:
    talk.say("登记", "同意登记", NUMBER, "张三丰")
    assert talk.said == ["member.done"]


ID: dict[str, list[Change]] = {
    "member": [
        ("{id_number: {type: id_number,", "{number: {type: id_number, renamed: id_number,"),
        ("agreed: id_number", "agreed: number"),
        ("id_number: {collect: id_number}", "number: {collect: number, renamed: id_number}"),
    ],
    "member_words": [("id_number: {label", "number: {label")],
    "find": [("member.id_number", "member.number")],
}


def test_what_lasts_follows_a_renamed_slot(talk: Talk, publish: Publish) -> None:
    _signed_in(talk)
    publish(**ID)
    talk.say("查卡")
    assert talk.call.arguments == {"id_number": NUMBER}


def test_a_renamed_lasting_slot_is_not_somebody_else(talk: Talk, publish: Publish) -> None:
    _signed_in(talk)
    talk.say("查卡")
    run = talk.session.frames[0].run
    publish(**ID)
    talk.answer("found", CARD)
    assert talk.text == f"卡{CARD['state']}，持卡人张**。" or "张" in talk.text
    assert talk.session.runs == run


def test_without_a_rename_what_lasts_is_asked_for_again(talk: Talk, publish: Publish) -> None:
    _signed_in(talk)
    changes = {
        k: [(o, n.replace("renamed: id_number,", "").replace(", renamed: id_number", "")) for o, n in v]
        for k, v in ID.items()
    }
    publish(**changes)
    talk.say("查卡", NUMBER)
    assert talk.said[-1] == "member.name.ask"


def test_what_is_no_longer_kept_goes_and_what_is_kept_shorter_ends_sooner(
    talk: Talk, publish: Publish
) -> None:
    _signed_in(talk)
    publish(member=[("name: {type: name, keep: lasting}", "name: {type: name}"), ("lasts: 30m", "lasts: 5m")])
    talk.say("帮助")
    kept = talk.session.kept["member"]
    assert set(kept.slots) == {"id_number"}
    assert kept.until <= talk.at + 300


def test_what_a_flow_requires_now_comes_first_and_that_is_said(talk: Talk, publish: Publish) -> None:
    talk.say("看一看")
    publish(look=[("flow: look\n", "flow: look\n    requires: [member]\n")])
    talk.say("1")
    assert talk.said == ["common.changed", "member.consent"]


def test_an_answer_does_not_move_into_a_slot_of_another_type(talk: Talk, publish: Publish) -> None:
    talk.say("看一看", "1", "红的这张")
    publish(
        look=[("note: {type: text, or: [none]}", "note: {type: image, or: [none]}")],
    )
    talk.say("2026-01-01")
    assert talk.said == ["common.changed", "look.note.ask"]
    assert "note" not in talk.slots


def test_a_personal_answer_does_not_become_a_plain_text(talk: Talk, publish: Publish) -> None:
    talk.say("登记", "同意登记", NUMBER)
    publish(member=[("{id_number: {type: id_number,", "{id_number: {type: text,")])
    talk.say("张三丰")
    assert talk.said == ["common.changed", "member.id_number.ask"]
    assert NUMBER not in repr(talk.session)


def test_an_answer_given_anew_to_a_retyped_slot_stands(talk: Talk, publish: Publish) -> None:
    """The type that its first answer had is not held against the next one, turn after turn."""
    talk.say("登记", "同意登记", NUMBER)
    publish(member=[("{id_number: {type: id_number,", "{id_number: {type: text,")])
    talk.say("张三丰")
    assert talk.said == ["common.changed", "member.id_number.ask"]
    talk.say("没有号码")
    assert talk.said == ["member.name.ask"]
    talk.say("张三丰")
    assert talk.said == ["member.done"]


def test_tries_follow_a_renamed_step(talk: Talk, publish: Publish) -> None:
    again = "card_again: {next: {again: card, say: once_more, times: 3, else: left}}"
    talk.say("启用卡", "A", "确认启用")
    talk.answer("refused", {})
    talk.say("B", "确认启用")
    publish(
        change=[
            (again, again.replace("card_again: {", "anew: {renamed: card_again, ")),
            ("refused: {say: refused, next: card_again}", "refused: {say: refused, next: anew}"),
        ]
    )
    talk.answer("refused", {})
    assert "common.last_try" in talk.said


def test_it_is_said_before_an_outcome_leads_to_the_changed_question(talk: Talk, publish: Publish) -> None:
    """Beside a question that changed, the result of something else comes first; then that it changed."""
    talk.say("启用卡", "A", "确认启用")
    call = talk.call.id
    talk.say("看一看")
    publish(look=[("values: [red, blue]", "values: [blue, red]")])
    talk.answer("done", {}, call)
    assert talk.said == ["change.done", "common.changed", "look.what.ask"]
    talk.say("1")
    assert talk.said == ["look.note.ask"]


def test_it_is_said_with_the_first_question_even_if_that_comes_after_help(
    talk: Talk, publish: Publish
) -> None:
    talk.say("看一看", "1")
    publish(look=[("note: {type: text, or: [none]}", "note: {type: text, max: 20, or: [none]}")])
    talk.say("帮助")
    assert talk.said == ["common.help", "common.changed", "look.note.ask"]
    talk.say("好的呀")
    assert talk.said == ["look.day.ask"]


def test_after_too_long_it_is_expired_and_nothing_else(talk: Talk, publish: Publish) -> None:
    talk.say("看一看", "1")
    publish(look=[("note: {type: text, or: [none]}", "note: {type: text, max: 20, or: [none]}")])
    talk.at += 1800
    talk.hear(OtherReceived(talk.at, 1, kind="video"))
    assert talk.said == ["common.expired"]


def test_where_nothing_is_left_to_answer_the_menu_is_offered(talk: Talk, tmp_path: Path) -> None:
    talk.say("看一看")
    talk.content = content_of(tmp_path / "less", {"member": MEMBER}, {"member": MEMBER_WORDS})
    talk.say("1")
    assert talk.said == ["common.changed"]
    assert "再答" not in talk.text
    assert talk.options


def test_a_look_up_whose_step_is_gone_is_made_anew_by_the_new_steps(talk: Talk, publish: Publish) -> None:
    _signed_in(talk)
    talk.say("查卡")
    call = talk.call.id
    publish(find=[("      find:\n        action: card.find", "      look_up:\n        action: card.find")])
    talk.answer("found", CARD, call)
    assert talk.call.action == "card.find"
    assert talk.call.id != call
    talk.answer("found", CARD)
    assert talk.said[-1] == "find.shown"


def test_answers_of_a_change_under_way_are_looked_at_when_it_is_over(talk: Talk, publish: Publish) -> None:
    """Until then they stand as they were submitted; the question after it is put under the new content."""
    talk.say("启用卡", "AB", "确认启用")
    call = talk.call.id
    publish(
        change=[
            ("{card: {type: text}", "{more: {type: text}, card: {type: text, max: 1}"),
            ("done: {say: done, next: end}", "done: {say: done, next: more}\n      more: {collect: more}"),
        ],
        change_words=[
            ("slots: {", 'slots: {more: {label: 另外, ask: 还有呢？, again: ["请写。", "再写。"]}, ')
        ],
    )
    talk.say("好了吗")
    talk.answer("done", {}, call)
    assert talk.said == ["change.done", "change.more.ask"]
    assert dict(talk.session.frames[-1].answers)["card"] == "AB"
    talk.say("没有了")
    assert talk.said == ["common.changed", "change.done", "change.more.ask"]
    assert "card" not in dict(talk.session.frames[-1].answers)


def test_a_value_shown_back_is_not_asked_about_under_a_changed_question(talk: Talk, publish: Publish) -> None:
    """Its slot is of another type now, for which there may not even be words."""
    talk.say("登记", "同意登记", NUMBER, "迪丽热巴")
    assert talk.said == ["common.check_name"]
    publish(member=[("name: {type: name,", "name: {type: address,")])
    talk.say("是的")
    assert talk.said == ["common.changed", "member.name.ask"]


MOVED_ON = [("name: {collect: name}", "called: {collect: name}")]
"""The open step is gone: the flow is walked again."""


def test_what_a_link_has_answered_stays_so_when_the_flow_is_walked_again(
    talk: Talk, publish: Publish
) -> None:
    """It may have been anybody: it counts for this run only, whoever answers the rest."""
    talk.say("登记", "同意登记")
    talk.hear(TextReceived(talk.at + 1, 1, text=NUMBER, linked=True))
    publish(member=MOVED_ON)
    talk.say("张三丰", "张三丰")
    assert talk.said == ["member.done"]
    assert not talk.session.kept


def test_a_run_that_is_walked_again_is_still_about_whoever_had_signed_in(
    talk: Talk, publish: Publish
) -> None:
    """What was answered about one person is not used for another."""
    requires: Change = ("undo: look", "undo: look\n    requires: [member]")
    publish(change=[requires])
    _signed_in(talk)
    talk.say("启用卡", "甲卡")
    publish(
        change=[
            requires,
            ("check: {confirm", "look: {confirm"),
            ("collect: card}", "collect: card, next: look}"),
        ]
    )
    talk.say("登记", "同意登记", OTHER, "李四光")
    assert talk.said[-1] == "change.card.ask"
    assert talk.slots == {}
