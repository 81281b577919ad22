"""Paths and conditions."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from msgspec import structs

from bot.engine.content import Content
from bot.engine.flow import Test as Line
from bot.engine.hours import Hours
from bot.engine.scope import Scope, today
from bot.engine.session import Frame, Kept, new

from .flows import CARD, FIND, FIND_WORDS, LOOK, LOOK_WORDS, MEMBER, MEMBER_WORDS
from .kit import MONDAY, content_of


@pytest.fixture
def content(tmp_path: Path) -> Content:
    flows = {"find": FIND, "member": MEMBER, "look": LOOK}
    words = {"find": FIND_WORDS, "member": MEMBER_WORDS, "look": LOOK_WORDS}
    made = content_of(tmp_path, flows, words)
    return replace(made, hours={"agents": (Hours((1, 2, 3, 4, 5), 9 * 60, 17 * 60),)})


def scope(content: Content, at: int = MONDAY, kept_until: int = MONDAY + 1) -> Scope:
    kept = {"member": Kept({"name": "张三"}, kept_until)}
    session = structs.replace(new(content, 1, at), kept=kept)
    return Scope(content, session, Frame("find", 1, "find", answers=(("card", CARD),)), at)


def at(clock: str) -> int:
    return int(datetime.fromisoformat(clock + "+08:00").timestamp())


def test_a_path_reads_slots_fields_kept_answers_policy_and_hours(content: Content) -> None:
    here = scope(content)
    assert here.value("card.state") == "normal"
    assert here.value("find.card.number") == "1234"
    assert here.value("member.name") == "张三"
    assert here.value("policy.temporary_days") == "7"
    assert here.value("open.agents") == "yes"
    assert here.value("card.until") is None


def test_a_kept_answer_is_gone_at_its_very_second(content: Content) -> None:
    assert scope(content, kept_until=MONDAY).value("member.name") is None


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        ("2026-11-23T09:00", "yes"),
        ("2026-11-23T08:59", "no"),
        ("2026-11-23T16:59", "yes"),
        ("2026-11-23T17:00", "no"),
        ("2026-11-22T10:00", "no"),
    ],
)
def test_hours_are_chinas_with_their_first_minute_and_without_their_last(
    content: Content, clock: str, is_open: str
) -> None:
    assert scope(content, at(clock)).value("open.agents") == is_open


def test_all_lines_of_a_condition_must_hold(content: Content) -> None:
    here = scope(content)
    normal, mine = Line("card.state", ("normal", "sealed")), Line("card.holder", ("张三丰",))
    assert here.holds((normal, mine))
    assert not here.holds((normal, Line("card.holder", ("李四",))))
    assert here.holds(())
    assert here.holds((Line("card.until", given=False), Line("card.id", given=True)))


def test_numbers_are_compared_as_numbers_and_words_never_hold(content: Content) -> None:
    here = scope(content)
    assert here.holds((Line("card.number", below=1235, least=1234),))
    assert not here.holds((Line("card.number", below=1234),))
    assert not here.holds((Line("card.state", below=5),))


def test_the_day_changes_at_midnight_in_china() -> None:
    assert today(at("2026-11-23T23:59")) == "2026-11-23"
    assert today(at("2026-11-24T00:00")) == "2026-11-24"
