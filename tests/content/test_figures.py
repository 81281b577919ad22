"""Figures made of made-up counts."""

from __future__ import annotations

from collections import Counter

import pytest
from conftest import ROOT

from bot.content.drawing.figures import failing, median, of_flows, total
from bot.content.load import load
from bot.engine.content import Content

COUNTS = {
    "enable.begun": 100,
    "enable.resumed": 5,
    "enable.end": 60,
    "enable.stop": 9,
    "dropped:enable:expired": 12,
    "dropped:enable:cancel": 3,
    "edge:enable.submit>→ hand_off:refused": 8,
    "edge:enable.submit>!down:unavailable": 2,
    "asked:enable.check": 90,
    "time:enable.check:3": 40,
    "time:enable.check:5": 30,
    "wrong:enable.check": 35,
    "left:enable.check:expired": 10,
    "left:enable.check:back": 4,
    "enable.check.agreed": 60,
    "asked:gone.step": 2,
    "unknown": 7,
    "word.help": 3,
}


@pytest.fixture(scope="module")
def content() -> Content:
    loaded = load(ROOT).content
    assert loaded is not None
    return loaded


def test_a_flow_tells_how_its_runs_went(content: Content) -> None:
    enable = next(f for f in of_flows(content, COUNTS) if f.flow == "enable")
    assert (enable.begun, enable.ended, enable.stopped, enable.moved, enable.dropped) == (105, 60, 9, 10, 15)
    assert enable.open == 11
    assert enable.reasons == {"expired": 12, "cancel": 3}
    assert enable.reaching == pytest.approx(60 / 105)
    assert enable.edges[("submit", "!down", "unavailable")] == 2


def test_a_question_tells_who_answered_and_who_left(content: Content) -> None:
    enable = next(f for f in of_flows(content, COUNTS) if f.flow == "enable")
    check = next(s for s in enable.steps if s.step == "check")
    assert (check.asked, check.answered, check.left, check.returned, check.open) == (90, 70, 10, 4, 6)
    assert check.reasons == {"expired": 10}
    assert check.failing == pytest.approx(35 / 105)
    assert check.seconds == pytest.approx(4 + 4 * 35 / 40)


def test_flows_and_steps_come_in_their_order_and_old_ones_last(content: Content) -> None:
    flows = of_flows(content, COUNTS)
    assert [f.flow for f in flows] == [*content.flows, "gone"]
    loss = next(f for f in flows if f.flow == "report_loss")
    order = list(content.flows["report_loss"].steps)
    shown = [s.step for s in loss.steps]
    assert shown == sorted(shown, key=order.index)
    assert {s.kind for s in loss.steps} <= {"collect", "confirm", "consent", "action"}
    assert [(s.step, s.kind, s.asked) for s in flows[-1].steps] == [("step", "", 2)]


def test_what_a_period_cuts_through_is_never_below_nothing(content: Content) -> None:
    enable = next(
        f for f in of_flows(content, {"enable.end": 5, "time:enable.check:1": 2}) if f.flow == "enable"
    )
    assert enable.open == 0
    assert enable.reaching == 0
    assert next(s for s in enable.steps if s.step == "check").open == 0


def test_days_add_up_by_revision() -> None:
    days = [{"a": {"unknown": 2}, "b": {"unknown": 1}}, {"b": {"unknown": 5, "word.help": 1}}]
    assert total(days) == Counter({"unknown": 8, "word.help": 1})
    assert total(days, "b") == Counter({"unknown": 6, "word.help": 1})
    assert total(days, "c") == Counter()


@pytest.mark.parametrize(
    ("buckets", "seconds"),
    [({}, None), ({0: 1}, 0.5), ({3: 2}, 6.0), ({1: 3, 4: 1}, 5 / 3), ({2: 1, 6: 1}, 4)],
)
def test_the_median_lies_in_its_bucket(buckets: dict[int, int], seconds: float | None) -> None:
    assert median(buckets) == (pytest.approx(seconds) if seconds is not None else None)


def test_the_question_with_the_most_wrong_answers_stands_first(content: Content) -> None:
    more = {**COUNTS, "wrong:sign_in.id_number": 50, "time:sign_in.id_number:4": 50}
    found = failing(of_flows(content, more))
    assert [(s.flow, s.step) for s in found] == [("sign_in", "id_number"), ("enable", "check")]
    assert found[0].failing == 0.5
