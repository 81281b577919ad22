"""A service of a city's own: its stub answers what config/stub.yaml prepares, a change once per key; one
setting names its address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.actions import DATE, REF, action, listed
from bot.kit.replay.services import MemoryLedger
from bot.kit.stubs import registry
from bot.kit.stubs.answers import AnswersStub
from bot.kit.stubs.people import BadPeople, load_people
from bot.ports import Request, Result
from bot.settings import Settings, addresses

NOW = 1_795_000_000
ACTIONS = {
    "visits.days": listed("found none unavailable", "id_number", id=REF, day=DATE),
    "visits.book": action("done already refused unavailable", "time!", number=REF),
}
PEOPLE = """
people:
  - name: 张三
    id_number: "660101198001010018"
    good_for: {zh: 试, en: try}
    answers:
      visits.days: {outcome: found, list: [{id: t1, day: "2"}]}
      visits.book: [{outcome: refused}, {outcome: done, number: v1}]
"""


@pytest.fixture(autouse=True)
def visits() -> Iterator[None]:
    registry.register("visits", registry.prepared, ACTIONS)
    yield
    registry.unregister("visits")


@pytest.fixture
def stub(tmp_path: Path) -> AnswersStub:
    return AnswersStub(people(tmp_path, PEOPLE), MemoryLedger(), lambda: NOW)


def people(root: Path, text: str):  # type: ignore[no-untyped-def]
    (root / "stub.yaml").write_text(text)
    return load_people(root / "stub.yaml")


def ask(name: str, key: str = "k", **arguments: str) -> Request:
    return Request(name, arguments, key, "tag", 4)


def test_days_count_from_today_and_a_stranger_gets_nothing(stub: AnswersStub) -> None:
    days = stub.perform(ask("visits.days", id_number="660101198001010018"))
    assert days == Result("found", [{"id": "t1", "day": "2026-11-20"}])
    assert stub.perform(ask("visits.days", id_number="660101198505200026")).outcome == "none"


def test_a_change_is_made_once_a_key_and_whose_it_is_its_number_tells(stub: AnswersStub) -> None:
    book = [stub.perform(ask("visits.book", key, time="t1")) for key in ("a", "b", "b")]
    assert [result.outcome for result in book] == ["refused", "done", "done"]
    assert stub.find("visits.book", "b") == Result("done", {"number": "v1"})
    assert stub.find("visits.book", "c") is None
    assert [line["key"] for line in stub._ledger.operations()] == ["b"]


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ("visits.dys: {outcome", "visits.days: {outcome", "unknown-value"),
        ("outcome: fond", "outcome: found", "unknown-value"),
        ("id: t1, day: soon", 'id: t1, day: "2"', "stub-day"),
        ("[{id: t1}]", '[{id: t1, day: "2"}]', "stub-field"),
        ("{outcome: found}", '{outcome: found, list: [{id: t1, day: "2"}]}', "stub-answer"),
        ("number: v1, nmber: v2", "number: v1", "unknown-field"),
    ],
)
def test_a_wrong_answer_is_named_where_it_stands(tmp_path: Path, wrong: str, right: str, code: str) -> None:
    assert right in PEOPLE
    with pytest.raises(BadPeople, match=rf"stub.yaml:\d+:\d+: error \[{code}\]"):
        people(tmp_path, PEOPLE.replace(right, wrong))


def test_the_setting_names_its_address() -> None:
    settings = Settings(
        services="visits=https://a.example, pension=https://b.example", card="https://c.example"
    )
    assert addresses(settings) == {
        "card": "https://c.example",
        "visits": "https://a.example",
        "pension": "https://b.example",
    }
