"""config/stub.yaml, and what its reader says about each mistake."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.actions import APPLICATION_STATES, CARD_STATES
from bot.content.read.source import read
from bot.content.read.stub_file import check_stub
from bot.kit.stubs.people import BadPeople, load_people
from bot.reading.numbers import id_checksum
from bot.services.identity import birth_date, plain_id, plain_name
from services.kit import CONFIG, PEOPLE, who

GOOD = """
banks: {清风银行: "95000"}
people:
  - name: 张三
    id_number: "660101198001010018"
    good_for: {zh: 好, en: good}
    card: {state: normal, number: "1234", bank: 清风银行}
"""


def test_the_cast():
    """Everyone's number is right, belongs to no real place, and says what they are for in one line."""
    assert len(PEOPLE.everyone) >= 14
    for person in PEOPLE.everyone:
        assert re.match(r"66|8[123]9999|966999", person.id_number)
        assert id_checksum(person.id_number[:17]) == person.id_number[17]
        assert birth_date(person.id_number) < date(2026, 1, 1)
        assert all(text and "\n" not in text for text in (person.good_for.zh, person.good_for.en))
    first = PEOPLE.everyone[0]
    assert (first.card.state, first.behaviour, first.face) == ("normal", {}, "match")


def test_the_cast_shows_every_state():
    assert {p.card.state for p in PEOPLE.everyone if p.card} == set(CARD_STATES)
    shown = {a.state for p in PEOPLE.everyone for a in p.applications}
    assert shown >= {"unpaid", "reviewing", "rejected", "making", "posted", "collected"}
    assert shown <= set(APPLICATION_STATES)
    assert max(len(p.applications) for p in PEOPLE.everyone) == 2


def test_a_child_is_under_sixteen_until_the_birthday():
    child = who("张小宝")  # born 2018-06-01
    assert (child.age(date(2034, 5, 31)), child.age(date(2034, 6, 1))) == (15, 16)


def test_plain_input():
    assert plain_id(" ６６０１０1-19800101 001x ") == "66010119800101001X"
    assert plain_name("古丽•示例") == plain_name("古丽·示例") == plain_name("古丽．示例")


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('0018"', '0019"', "5:16", "should end in 8"),
        ("19800101", "19800230", "5:16", "with a date of birth"),
        ('"6601', '"1', "5:16", "17 digits"),
        ("state: normal", "state: fine", "7:19", "“fine” is none of: making, ready"),
        ("state: normal", "state: temporary_loss", "7:19", "until"),
        ("bank: 清风银行", "bank: 无此银行", "7:49", "“无此银行” is none of: 清风银行"),
        ('"1234"', '"123456"', "7:35", "last four digits"),
        ("{zh: 好, en: good}", "{zh: 好}", "6:5", "“en” is missing here"),
        ("en: good", "en: good, and more", "6:31", "“and more” stands alone"),
        ("    card:", "    crad:", "7:5", "“crad” is not a key that belongs here"),
        ("    card:", "    guardian: '1'\n    card:", "7:15", "Nobody in this file has this id_number"),
        (
            "    card:",
            "    behaviour: {card.finde: {slow: 1}}\n    card:",
            "7:17",
            "Did you mean “card.find”?",
        ),
        (
            "    card:",
            "    behaviour: {card: {fails: often}}\n    card:",
            "7:31",
            "“often” is none of: unavailable",
        ),
        ("    card:", "    behaviour: {card: {slow: long}}\n    card:", "7:30", "“long” is not a number"),
        ("    card:", "    face: pretty\n    card:", "7:11", "“pretty” is none of: match"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, place, says):
    assert old in GOOD
    path = tmp_path / "stub.yaml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(BadPeople, match=re.escape(says)) as raised:
        load_people(path)
    first = str(raised.value).splitlines()[0]
    assert first.startswith(f"{path}:{place}: error")
    assert says in first
    assert "660101198" not in str(raised.value)
    assert [f for f in found_by_check(path) if f.severity == "error"]


def found_by_check(path):
    """What `shebao check` says of it."""
    source = read(path, path.parent)
    check_stub(source)
    return source.findings


def test_the_check_finds_nothing_in_what_is_shipped(tmp_path):
    path = tmp_path / "stub.yaml"
    path.write_text(GOOD, "utf-8")
    assert found_by_check(path) == []
    assert found_by_check(CONFIG / "stub.yaml") == []


@pytest.mark.parametrize(
    "text", ["", "people: []", "people: 3", "people: [1]", "a: [", "people: [{}]", "[" * 90_000]
)
def test_a_file_that_is_none(tmp_path, text):
    path = tmp_path / "stub.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadPeople, match=r"stub\.yaml"):
        load_people(path)
    assert found_by_check(path)
    path.write_bytes("people: 张三".encode("gbk"))
    with pytest.raises(BadPeople, match="Not UTF-8"):
        load_people(path)
    with pytest.raises(BadPeople, match=r"nobody\.yaml.*No such file"):
        load_people(CONFIG / "nobody.yaml")


def test_two_people_with_one_number(tmp_path):
    path = tmp_path / "stub.yaml"
    twice = GOOD + GOOD[GOOD.index("  - name") :].replace("张三", "李四")
    path.write_text(twice, "utf-8")
    with pytest.raises(BadPeople, match=r"stub\.yaml:9:16: error .*id_number"):
        load_people(path)
    path.write_text(GOOD, "utf-8")
    assert load_people(path).everyone[0].name == "张三"
