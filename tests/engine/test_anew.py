"""A run begins anew once another one is named whom it would have been about; not if its change is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine.view import view

from .kit import Talk, content_of

KEEPS = """
    flow: {name}
    start: {{menu: [{menu}]}}
    lasts: 1h
    slots: {{name: {{type: text, keep: lasting}}}}
    steps:
      name: {{collect: name}}
      done: {{say: done, next: end}}
"""
KEEPS_WORDS = """
    title: {title}
    slots: {{name: {{label: {title}的姓名, ask: 叫什么？, again: ["请写姓名。", "再写一次。"]}}}}
    texts: {{done: 记下了。}}
"""
LOSS = """
    flow: loss
    start: {menu: [LOSS]}
    requires: [me]
    slots: {card: {type: record}, receipt: {type: record}, good: {type: choice, values: [yes, no]}}
    steps:
      find:
        action: card.find
        with: {id_number: [who.name, me.name]}
        save: card
        next: {found: check, else: gone}
      gone: {say: gone, next: stop}
      check: {confirm: check, next: {agreed: submit, refused: gone}}
      submit:
        action: card.report_loss
        with: {card: card.id, kind: {value: temporary}, reason: {value: lost}}
        once: true
        save: receipt
        next: {done: good, already: good, refused: gone}
      good: {collect: good}
      bye: {say: bye, next: end}
"""
LOSS_WORDS = """
    title: 停卡
    slots:
      card: {label: 卡}
      good: {label: 评分, ask: 满意吗？, values: {yes: 满意, no: 不满意}, again: ["请选。", "再选。"]}
    texts:
      check: {text: 停吗？, agreed: 停掉, refused: 不停了}
      gone: 没停。
      bye: 再见。
      unfinished: 卡还没有停。
      slow: 请等。
      not_sure: 不知道。
      down: 没办成。
"""
CARD = {
    "id": "c1",
    "number": "1234",
    "holder": "测试人",
    "state": "normal",
    "bank": "清风银行",
    "e_card": "none",
}


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    flows = {
        "me": KEEPS.format(name="me", menu="ME"),
        "who": KEEPS.format(name="who", menu="WHO"),
        "loss": LOSS,
    }
    words = {
        "me": KEEPS_WORDS.format(title="本人"),
        "who": KEEPS_WORDS.format(title="家人"),
        "loss": LOSS_WORDS,
    }
    talk = Talk(content_of(tmp_path, flows, words))
    talk.menu("LOSS")
    talk.say("王五")
    talk.answer("found", {**CARD, "pin_locked": "no", "expired": "no"})
    return talk


def names_another(talk: Talk) -> None:
    talk.menu("WHO")
    if "common.leave" in "".join(talk.said):
        talk.say("是")
    talk.say("李四")


def test_it_is_looked_up_anew_for_whoever_is_named(talk: Talk) -> None:
    names_another(talk)
    assert talk.call.action == "card.find"
    assert talk.call.arguments["id_number"] == "李四"


def test_a_change_that_is_made_is_not_offered_again(talk: Talk) -> None:
    talk.say("停掉")
    talk.answer("done", {"number": "1", "kind": "temporary"})
    assert talk.said[-1] == "loss.good.ask"
    names_another(talk)
    assert talk.said[-1] == "loss.good.ask"
    assert not talk.calls
    assert talk.session.frames[-1].completed_actions


def names_another_who_lapses(talk: Talk) -> None:
    """With somebody else named, at the summary, 61 minutes later."""
    names_another(talk)
    talk.answer("found", {**CARD, "pin_locked": "no", "expired": "no"})
    for _ in range(3):
        talk.wait(1220)
        talk.say("在吗")


def test_it_goes_on_about_whoever_was_named_when_that_has_lapsed(talk: Talk) -> None:
    names_another_who_lapses(talk)
    assert talk.said == ["loss.unfinished", "common.identify_again", "who.name.ask"]
    talk.say("李四")
    assert talk.said == ["who.done", "loss.check"]
    assert not talk.calls


@pytest.mark.parametrize("revision", ["", "the-next-one"])
def test_it_ends_where_whoever_was_named_can_be_named_no_more(talk: Talk, revision: str) -> None:
    """Their flow was switched off in the middle of it: nothing goes on about the resident's own card."""
    names_another(talk)
    talk.answer("found", {**CARD, "pin_locked": "no", "expired": "no"})
    off = {"off": frozenset({"who"}), "revision": revision or talk.content.revision}
    talk.content = replace(talk.content, **off).without_off()
    talk.say("停掉")
    assert "loss.unfinished" in talk.said
    assert not talk.session.frames
    assert not talk.calls


def test_somebody_else_is_looked_up_anew_when_that_has_lapsed(talk: Talk) -> None:
    names_another_who_lapses(talk)
    talk.say("赵六", "停掉", "王五")
    assert talk.call.action == "card.find"
    assert talk.call.arguments["id_number"] == "赵六"


def test_an_agreement_counts_for_nothing_when_it_has_lapsed(talk: Talk) -> None:
    names_another(talk)
    talk.answer("found", {**CARD, "pin_locked": "no", "expired": "no"})
    old = talk.options[0]
    talk.wait(1700)
    talk.say("在吗")
    talk.wait(1700)
    talk.say("在吗")
    talk.wait(400)
    seen = view(talk.content, talk.session, talk.at)
    assert (seen.kind, "停吗" in seen.text) == ("moved", False)
    talk.tap_id(old.tap, old.label)
    assert talk.said == ["loss.unfinished", "common.identify_again", "who.name.ask"]
