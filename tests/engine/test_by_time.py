"""What time begins: planned by a step, looked up first, told beside what is open, let go of when settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.engine.effects import Notice
from bot.engine.events import ActionDelayed, Event, Unsubscribed
from bot.engine.steps.later import by_day

from .flows import LOOK, LOOK_WORDS
from .kit import MONDAY, Talk, content_of

BLOCK = """
    flow: block
    undo: free
    slots: {card: {type: choice, values: [A, B]}, loss: {type: record}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit:
        action: card.report_loss
        with: {card: card, kind: {value: temporary}}
        once: true
        save: loss
        next: {done: plan, already: done, refused: left, unavailable: left}
      plan:
        later: ended
        date: loss.until
        before: "1"
        with: {card: card, number: loss.number}
      done: {say: done, next: end}
      left: {say: left, next: stop}
"""
BLOCK_WORDS = """
    title: 停卡片
    slots: {card: {label: 卡, ask: 哪张卡？, values: {A: 甲卡, B: 乙卡}, again: ["回复1或2。", "回复1或2。"]}}
    texts: {check: {text: 停用吗？, agreed: 停用它, refused: 先放着}, done: 停好了。, left: 没有停。}
"""
FREE = """
    flow: free
    slots: {card: {type: choice, values: [A, B]}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit:
        action: card.cancel_loss
        with: {card: card}
        once: true
        next: {done: done, already: done, refused: left, unavailable: left}
      done: {say: done, next: end}
      left: {say: left, next: stop}
"""
FREE_WORDS = """
    title: 恢复卡片
    slots: {card: {label: 卡, ask: 哪张卡？, values: {A: 甲卡, B: 乙卡}, again: ["回复1或2。", "回复1或2。"]}}
    texts: {check: {text: 恢复吗？, agreed: 恢复它, refused: 先放着}, done: 恢复了。, left: 没有动。}
"""
ENDED = """
    flow: ended
    start: {later: yes}
    takes: [card, number]
    slots: {card: {type: text}, number: {type: text}, now: {type: record}}
    steps:
      look:
        action: card.recheck
        with: {card: card}
        save: now
        retry: {times: 3, every: 1h}
        next: {found: state, not_found: unknown, unavailable: unknown}
      state: {next: {on: now.state, temporary_loss: soon, else: nothing}}
      soon: {say: soon, offer: [look], next: end}
      unknown: {say: unknown, next: end}
      nothing: {next: stop}
"""
ENDED_WORDS = """
    title: 到期
    texts: {soon: "尾号{now.number}快到期了。", unknown: "尾号{number}查不到。"}
"""
FLOWS = {"look": LOOK, "block": BLOCK, "free": FREE, "ended": ENDED}
WORDS = {"look": LOOK_WORDS, "block": BLOCK_WORDS, "free": FREE_WORDS, "ended": ENDED_WORDS}
LOSS = {"number": "771", "kind": "temporary", "until": "2026-11-30", "bank_name": "某行", "bank_phone": "9"}
LOST = {"number": "1234", "state": "temporary_loss", "until": "2026-11-30"}
MORNING = int(datetime.fromisoformat("2026-11-29T09:00:00+08:00").timestamp())
CHINA = timezone(timedelta(hours=8))
Edit = Callable[..., None]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(content_of(tmp_path, FLOWS, WORDS))


def block(t: Talk, card: str = "1", **loss: str) -> None:
    t.say("停卡片", card, "停用它")
    t.answer("done", LOSS | loss)
    assert t.said == ["block.done"]


@pytest.fixture
def blocked(talk: Talk) -> Talk:
    block(talk)
    return talk


def test_it_is_planned_for_nine_in_the_morning_of_that_day(blocked: Talk) -> None:
    assert blocked.session.wake_at == MORNING
    assert blocked.session.scheduled[0].given == {"card": "A", "number": "771"}


def test_the_card_is_looked_up_before_anything_is_said(blocked: Talk) -> None:
    blocked.timer()
    assert blocked.said == []
    assert (blocked.call.action, blocked.call.arguments) == ("card.recheck", {"card": "A"})
    assert blocked.stack == []
    assert blocked.answer("found", LOST) == "尾号1234快到期了。"
    assert Notice("到期") in blocked.effects
    blocked.say("1")
    assert blocked.stack == ["look"], "its follow-ups are numbered"


def test_what_is_settled_elsewhere_is_not_mentioned(blocked: Talk) -> None:
    blocked.wait(MORNING - blocked.at - 10)
    blocked.say("看一看")
    blocked.wait(20)
    blocked.timer()
    assert blocked.answer("found", LOST | {"state": "normal"}) == ""
    assert blocked.said == [], "the open question is not repeated either"
    assert not any(isinstance(e, Notice) for e in blocked.effects)
    assert (blocked.session.scheduled, blocked.session.background_runs, blocked.session.calls) == ((), (), {})


def test_while_it_is_looked_up_the_resident_notices_nothing(blocked: Talk) -> None:
    blocked.timer()
    call = blocked.call.id
    blocked.say("看一看")
    assert blocked.said == ["look.what.ask"]
    blocked.say("停卡片")
    assert "common.submitting" not in blocked.said
    blocked.say("返回", "取消")
    blocked.answer("found", LOST, call)
    assert blocked.said[0] == "ended.soon"


def test_the_open_question_stands_again_after_it(blocked: Talk) -> None:
    blocked.wait(MORNING - blocked.at - 10)
    blocked.say("看一看")
    blocked.wait(20)
    blocked.timer()
    assert blocked.said == []
    blocked.answer("found", LOST)
    assert blocked.said == ["ended.soon", "look.what.ask"]
    blocked.say("1")
    assert blocked.stack == ["look"]


def test_a_look_up_that_takes_long_is_not_mentioned(blocked: Talk) -> None:
    blocked.timer()
    call = blocked.call
    assert (call.retry_times, call.retry_every) == (3, 3600)
    blocked.hear(_delayed(blocked, call.id))
    assert blocked.said == []
    assert blocked.session.calls[call.id].told, (
        "nobody waits for it: late results of others are pushed at once"
    )
    assert blocked.answer("unavailable", {}, call.id) == "尾号771查不到。"


def _delayed(t: Talk, call: str) -> Event:
    return ActionDelayed(t.at, 1, call)


def test_with_a_person_it_is_told_and_nothing_is_asked(blocked: Talk) -> None:
    blocked.wait(MORNING - blocked.at - 60)
    blocked.say("人工", "接通")
    assert blocked.session.handoff_until
    blocked.timer()
    blocked.answer("found", LOST)
    assert blocked.said == ["ended.soon"]


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("outcome", ["done", "already"])
def test_who_takes_the_report_back_hears_nothing_more(blocked: Talk, when: str, outcome: str) -> None:
    call = ""
    if when == "during":
        blocked.timer()
        call = blocked.call.id
    blocked.say("恢复卡片", "1", "恢复它")
    blocked.answer(outcome)
    assert (blocked.session.scheduled, blocked.session.background_runs) == ((), ())
    if call:
        assert blocked.answer("found", LOST, call) == ""
        assert "outcome.late" not in blocked.counts or blocked.said == []


def test_another_cards_report_goes_on(blocked: Talk) -> None:
    block(blocked, "2")
    blocked.say("恢复卡片", "1", "恢复它")
    blocked.answer("done")
    assert [p.given["card"] for p in blocked.session.scheduled] == ["B"]


def test_a_report_that_stood_already_keeps_what_was_planned_with_the_first(blocked: Talk) -> None:
    blocked.say("停卡片", "1", "停用它")
    blocked.answer("already", LOSS)
    assert blocked.session.wake_at == MORNING


def test_a_new_report_of_the_same_card_plans_anew(blocked: Talk) -> None:
    block(blocked, until="2026-12-09")
    assert len(blocked.session.scheduled) == 1
    assert blocked.session.wake_at == MORNING + 9 * 86400


def test_a_time_that_is_past_comes_an_hour_later(talk: Talk) -> None:
    block(talk, until="2026-11-23")
    assert talk.session.wake_at == talk.at + 3600


@pytest.mark.parametrize(
    ("keys", "until", "planned"),
    [
        ('time: "18:00"', "2026-11-30", "2026-11-30T18:00"),
        ('time: "18:00"\n        before: "1"', "2026-11-30", "2026-11-29T18:00"),
        ('time: "14:30"\n        before: 2h', "2026-11-30", "2026-11-30T12:30"),
        ('time: "14:30"\n        before: 90m', "2026-11-30", "2026-11-30T13:00"),
        (
            'time: "8:30"\n        before: 2h',
            "2026-11-30",
            "2026-11-29T20:00",
        ),  # not at night: the evening before
        ('time: "20:00"\n        after: 2h', "2026-11-30", "2026-11-30T20:00"),
        ('time: "14:30"\n        before: 2h', "2026-11-23", "2026-11-23T12:30"),
        ('time: "11:30"\n        before: 2h', "2026-11-23", "2026-11-23T11:00"),  # past: an hour from now
        ('time: "10:30"\n        before: 2h', "2026-11-23", ""),  # by then it is over
    ],
)
def test_the_hour_of_a_reminder_and_hours_before(tmp_path: Path, keys: str, until: str, planned: str) -> None:
    """Now it is ten on Monday 23 November."""
    made = BLOCK.replace('before: "1"', keys)
    talk = Talk(content_of(tmp_path, FLOWS | {"block": made}, WORDS))
    block(talk, until=until)
    at = [datetime.fromtimestamp(p.at - p.at % 60, CHINA).isoformat()[:16] for p in talk.session.scheduled]
    assert at == ([planned] if planned else [])


def test_without_a_date_nothing_is_planned(talk: Talk) -> None:
    talk.say("停卡片", "1", "停用它")
    talk.answer("done", {k: v for k, v in LOSS.items() if k != "until"})
    assert talk.session.scheduled == ()


def test_deleting_unfollowing_and_withdrawing_let_go_of_it(blocked: Talk) -> None:
    kept = blocked.session
    assert "到期" in blocked.say("我的信息")
    for words in (("删除我的信息", "确认删除"), ("撤回同意",)):
        blocked.session = kept
        blocked.say(*words)
        assert (blocked.session.scheduled, blocked.session.wake_at) == ((), 0)
    blocked.session = kept
    blocked.hear(Unsubscribed(blocked.at + 1))
    assert blocked.session.scheduled == ()


def test_deleted_while_it_is_looked_up_nothing_is_told(blocked: Talk) -> None:
    blocked.timer()
    call = blocked.call.id
    blocked.say("删除我的信息", "确认删除")
    assert blocked.session.calls == {}
    assert blocked.answer("found", LOST, call) == ""


def test_nobody_begins_it_by_its_title_or_by_a_tap(talk: Talk) -> None:
    talk.say("到期")
    assert talk.said == ["common.unknown"]
    talk.tap_id("1.-1.ended", "到期")
    assert talk.stack == []


# --- an edit meanwhile ---------------------------------------
@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    def make(t: Talk, **flows: str) -> None:
        t.content = content_of(tmp_path / "new", FLOWS | flows, WORDS)

    return make


def test_the_edited_flow_is_the_one_that_begins(blocked: Talk, edit: Edit) -> None:
    edit(blocked, ended=ENDED.replace("temporary_loss: soon", "temporary_loss: unknown, normal: soon"))
    blocked.timer()
    assert blocked.answer("found", LOST) == "尾号771查不到。"


def test_an_edit_while_it_is_looked_up_loses_nothing(blocked: Talk, edit: Edit) -> None:
    blocked.timer()
    call = blocked.call.id
    edit(blocked, ended=ENDED.replace("      look:\n", "      first: {next: look}\n      look:\n"))
    assert blocked.answer("found", LOST, call) == "尾号1234快到期了。"


def test_where_its_answers_no_longer_fit_it_walks_again(blocked: Talk, edit: Edit) -> None:
    blocked.timer()
    edit(blocked, ended=ENDED.replace("number: {type: text}", "number: {type: text, max: 2}"))
    blocked.say("看一看")
    assert blocked.session.background_runs == ()
    assert blocked.session.wake_at <= blocked.at
    blocked.timer()
    assert blocked.call.arguments == {"card": "A"}


def test_a_flow_that_is_gone_is_let_go(blocked: Talk) -> None:
    flows = {n: f for n, f in blocked.content.flows.items() if n != "ended"}
    blocked.content = replace(blocked.content, flows=flows)
    blocked.timer()
    assert (blocked.calls, blocked.session.scheduled, blocked.session.wake_at) == ([], (), 0)
    assert blocked.at > MONDAY


@pytest.mark.parametrize(
    ("scheduled", "told"),
    [
        ("2026-11-26T09:00:00", "2026-11-26T09:00:00"),
        ("2026-11-26T20:59:59", "2026-11-26T20:59:59"),
        ("2026-11-26T21:00:00", "2026-11-27T09:00:00"),
        ("2026-12-31T23:59:59", "2027-01-01T09:00:00"),
        ("2028-02-29T00:30:00", "2028-02-29T09:00:00"),
    ],
)
def test_nobody_is_told_at_night_what_was_planned_late_in_the_evening(scheduled: str, told: str) -> None:
    assert by_day(datetime.fromisoformat(scheduled)) == datetime.fromisoformat(told)
