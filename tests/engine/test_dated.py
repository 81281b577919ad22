"""Values of the policy that hold from a day on: whoever is in the middle agrees to what is done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.content import report
from bot.content.load import load
from bot.engine.events import TextReceived

from .flows import CHANGE as UNDONE
from .flows import CHANGE_WORDS
from .kit import ROOT, Talk, read, write

CHANGE = UNDONE.replace("    undo: look\n", "")
MIDNIGHT = int(datetime.fromisoformat("2027-01-01T00:00:00+08:00").timestamp())
QUOTED = """
    flow: change
    slots: {card: {type: text}, quote: {type: record}, result: {type: record}}
    steps:
      card: {collect: card}
      quote:
        action: card.quote
        with: {card: card, reason: {value: lost}, delivery: {value: outlet}}
        save: quote
        next: {known: check}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit:
        action: card.enable
        with: {card: card}
        once: true
        save: result
        next: {done: done, already: already, refused: refused}
      done: {say: done, next: end}
      already: {say: already, next: end}
      refused: {say: refused, next: left}
      left: {say: left, next: stop}
"""
DATED_WORDS = CHANGE_WORDS.replace(
    "请核对：启用{card}。", "请核对：启用{card}，{policy.fee_reissue}。"
).replace("done: 已启用。", "done: 已启用，收{policy.fee_reissue}。")
QUOTED_WORDS = (
    CHANGE_WORDS.replace("请核对：启用{card}。", "请核对：启用{card}，{quote.total}。")
    .replace("done: 已启用。", "done: 已启用，收{quote.total}。")
    .replace("      once_more: 换一张再试。\n", "")
)
SECONDS = (MIDNIGHT - 1, MIDNIGHT)


def dated(name: str, before: str, after: str, day: str = "2027-01-01") -> str:
    told = "source: 示例, checked: 2026-11-22"
    return f"{name}:\n  - {{value: {before!r}, {told}}}\n  - {{from: {day}, value: {after!r}, {told}}}\n"


FEE = dated("fee_reissue", "20元", "15元")


def policy(*values: str) -> str:
    """The shipped one, with these values in place of its own."""
    names = tuple(f"{value.partition(':')[0]}:" for value in values)
    lines = (ROOT / "config/policy.yaml").read_text("utf-8").splitlines()
    return "\n".join([*(line for line in lines if not line.startswith(names)), *values])


def talk_of(root: Path, flow: str = CHANGE, words: str = DATED_WORDS, fee: str = FEE) -> Talk:
    write(root, {"change": flow}, {"change": words}, **{"config/policy.yaml": policy(fee)})
    return Talk(read(root), MIDNIGHT - 600)


def at(talk: Talk, when: int, text: str) -> str:
    return talk.hear(TextReceived(when, when, text=text))


def test_the_value_of_the_day_in_china(tmp_path: Path) -> None:
    """To the second, whatever the machine's time zone; nobody publishes."""
    for when, fee in zip(SECONDS, ("20元", "15元"), strict=True):
        talk = talk_of(tmp_path / fee)
        talk.say("启用卡")
        assert at(talk, when, "A") == f"请核对：启用A，{fee}。"


def test_what_is_agreed_to_before_midnight_is_told_by_it(tmp_path: Path) -> None:
    """The outcome comes after midnight: it belongs to what was agreed to."""
    talk = talk_of(tmp_path)
    talk.say("启用卡", "A")
    at(talk, SECONDS[0], "确认启用")
    talk.at = MIDNIGHT + 30
    assert talk.answer("done", {}) == "已启用，收20元。"
    talk.say("启用卡")
    assert talk.say("B") == "请核对：启用B，15元。"


def test_who_writes_while_it_is_under_way_is_told_the_same(tmp_path: Path) -> None:
    talk = talk_of(tmp_path)
    talk.say("启用卡", "A")
    at(talk, SECONDS[0], "确认启用")
    call = talk.call.id
    at(talk, MIDNIGHT + 5, "好了吗")
    talk.at = MIDNIGHT + 30
    assert "已启用，收20元。" in talk.answer("done", {}, call)


def test_a_summary_from_before_is_not_agreed_to_after_midnight(tmp_path: Path) -> None:
    talk = talk_of(tmp_path)
    talk.say("启用卡", "A")
    answer = at(talk, MIDNIGHT, "确认启用")
    assert talk.said == ["common.changed", "change.check"]
    assert "请核对：启用A，15元。" in answer
    assert not talk.calls
    at(talk, MIDNIGHT + 9, "确认启用")
    assert talk.call.action == "card.enable"


def test_a_tap_from_before_is_not_agreed_to_either(tmp_path: Path) -> None:
    talk = talk_of(tmp_path)
    talk.say("启用卡", "A")
    talk.at = MIDNIGHT + 3
    tap = next(o.tap for o in talk.options if o.label == "确认启用")
    assert "15元" in talk.tap_id(tap, "确认启用")
    assert not talk.calls


def test_another_value_asks_nobody_anew(tmp_path: Path) -> None:
    """A summary that does not show it goes on as it was."""
    talk = talk_of(tmp_path, words=CHANGE_WORDS)
    talk.say("启用卡", "A")
    at(talk, MIDNIGHT, "确认启用")
    assert talk.call.action == "card.enable"


def test_a_message_that_comes_late_brings_the_old_value_to_nobody(tmp_path: Path) -> None:
    """WeChat delivers in any order: what was read after midnight stays."""
    talk = talk_of(tmp_path)
    talk.say("启用卡", "A")
    at(talk, MIDNIGHT, "确认启用")
    assert "15元" in at(talk, SECONDS[0], "什么")


def quoted(talk: Talk, total: str) -> str:
    return talk.answer("known", {"fee": total, "postage": "", "total": total, "days": "7"})


def test_a_price_that_was_looked_up_is_looked_up_anew(tmp_path: Path) -> None:
    """The bureau's own price changes at the same midnight: its answer from before is not agreed to."""
    talk = talk_of(tmp_path, QUOTED, QUOTED_WORDS)
    talk.say("启用卡", "A")
    assert quoted(talk, "20元") == "请核对：启用A，20元。"
    at(talk, MIDNIGHT, "确认启用")
    assert talk.call.action == "card.quote"
    assert talk.said[0] == "common.changed"
    assert quoted(talk, "15元") == "请核对：启用A，15元。"
    talk.say("确认启用")
    assert talk.call.action == "card.enable"
    assert talk.answer("done", {}) == "已启用，收15元。"


def test_a_price_whose_answer_comes_after_midnight_is_looked_up_anew(tmp_path: Path) -> None:
    talk = talk_of(tmp_path, QUOTED, QUOTED_WORDS)
    talk.say("启用卡")
    at(talk, SECONDS[0], "A")
    talk.at = MIDNIGHT + 1
    quoted(talk, "20元")
    assert talk.call.action == "card.quote"
    assert quoted(talk, "15元") == "请核对：启用A，15元。"


def test_what_was_agreed_to_keeps_the_price_it_was_agreed_at(tmp_path: Path) -> None:
    talk = talk_of(tmp_path, QUOTED, QUOTED_WORDS)
    talk.say("启用卡", "A")
    quoted(talk, "20元")
    at(talk, SECONDS[0], "确认启用")
    talk.at = MIDNIGHT + 1
    assert talk.answer("done", {}) == "已启用，收20元。"


@pytest.mark.parametrize("day", ["2026-12-31", "2024-02-29", "2000-01-01"])
def test_a_day_that_is_past_is_as_if_the_value_stood_alone(tmp_path: Path, day: str) -> None:
    talk = talk_of(tmp_path, fee=FEE.replace("2027-01-01", day))
    talk.at = MIDNIGHT
    talk.say("启用卡")
    assert talk.say("A") == "请核对：启用A，15元。"
    talk.say("确认启用")
    assert talk.answer("done", {}) == "已启用，收15元。"


def test_two_values_and_many_days(tmp_path: Path) -> None:
    """Each value has days of its own; between them each keeps what it is."""
    fee = FEE + "  - {from: 2028-02-29, value: 免费, source: 示例, checked: 2026-11-22}\n"
    write(
        tmp_path,
        {},
        {},
        **{"config/policy.yaml": policy(fee, dated("temporary_days", "7", "15", "2027-06-01"))},
    )
    content = read(tmp_path)

    def on(day: str) -> tuple[str | None, str | None]:
        held = content.at(datetime.fromisoformat(f"{day}T12:00:00+08:00").timestamp())
        return held.policy_value("fee_reissue"), held.policy_value("temporary_days")

    assert on("2026-12-31") == ("20元", "7")
    assert on("2027-05-31") == ("15元", "7")
    assert on("2028-02-28") == ("15元", "15")
    assert on("2028-02-29") == ("免费", "15")
    assert content.at(0).at(MIDNIGHT).at(0) == content.at(0), "from any of them to any other"


def test_a_length_of_time_may_change_with_a_day_too(tmp_path: Path) -> None:
    """How long a sign-in counts stands in the flows, not in their sentences."""
    flow = CHANGE.replace("flow: change", "flow: change\n    lasts: policy.sign_in_lasts")
    write(
        tmp_path,
        {"change": flow},
        {"change": CHANGE_WORDS},
        **{"config/policy.yaml": policy(dated("sign_in_lasts", "30m", "5m"))},
    )
    content = read(tmp_path)
    assert [content.at(when).flows["change"].lasts for when in SECONDS] == [1800, 300]


def test_what_is_wrong_from_a_day_on_says_so(tmp_path: Path) -> None:
    text = policy(FEE.replace("15元", "十五块钱￥15"))
    write(tmp_path, {"change": CHANGE}, {"change": DATED_WORDS}, **{"config/policy.yaml": text})
    loaded = load(tmp_path)
    (found,) = [x for x in loaded.findings if x.code == "money"]
    assert text.splitlines()[found.line - 1].startswith("  - {from: 2027-01-01")


def test_the_days_of_one_value_begin_none_of_another(tmp_path: Path) -> None:
    """As `shebao policy` shows them."""
    fee = FEE + "  - {from: 2027-03-01, value: 免费, source: 示例, checked: 2026-11-22}\n"
    write(
        tmp_path, {}, {}, **{"config/policy.yaml": policy(fee, dated("postage", "12元", "9元", "2027-02-01"))}
    )
    content = read(tmp_path)

    def shown(at: int) -> list[str]:
        lines = report.policy(content, at, "zh-CN")
        return [line for line in lines if line[0] == " " or line.startswith(("fee_reissue:", "postage:"))]

    assert shown(SECONDS[0]) == [
        "fee_reissue: 20元",
        "  从2027-01-01起：15元",
        "  从2027-03-01起：免费",
        "postage: 12元",
        "  从2027-02-01起：9元",
    ]
    assert shown(MIDNIGHT)[:2] == ["fee_reissue: 15元", "  从2027-03-01起：免费"]
