"""Where to go: by position, by what people type, and when it is open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.outlets import Outlets, kilometres, metres
from bot.services.places import BadOutlets, load_outlets
from services.kit import CONFIG, OUTLETS, a_request

HERE = {"lat": "30.0001", "lon": "110.0001"}


def near(place, **more) -> list[dict[str, str]]:
    result = Outlets(lambda: OUTLETS).perform(a_request("outlets.near", place=place, **more))
    assert (result.outcome == "found") == bool(result.value)
    return result.value


def ids(rows) -> list[str]:
    return [row["id"] for row in rows]


def test_the_nearest_first_and_all_of_them_but_five_to_choose_from():
    rows = near(HERE)
    assert ids(rows)[:3] == ["pa-heping", "pa-station", "pa-minzhu"]
    assert [r["distance"] for r in rows[:3]] == ["0.1", "1.4", "1.5"]
    assert len(rows) == len(OUTLETS)
    assert len(near(HERE, service="report_loss")) == 5


def test_only_those_that_offer_the_service():
    assert ids(near(HERE, service="instant_card")) == ["pa-heping", "pa-minzhu", "yn-zhonghua"]
    assert near(HERE, service="print_record")[0]["services"] == "report_loss,print_record"


@pytest.mark.parametrize(
    "place",
    [
        {"lat": "39.9", "lon": "116.4"},
        {"lat": "nan", "lon": "0"},
        {"lat": "", "lon": ""},
        {"lat": "x"},
        {},
        "",
    ],
)
def test_nowhere_near(place):
    assert near(place) == []


def test_all_of_them():
    rows = near("list_all")
    assert len(rows) == len(OUTLETS) >= 8
    assert {r["distance"] for r in rows} == {""}
    assert rows[0]["id"] == "pa-heping", "centres first"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("平安区", "pa-heping"),
        ("平安", "pa-heping"),
        ("清风市平安区", "pa-heping"),
        ("我在和平路附近", "pa-heping"),
        ("民主街", "pa-minzhu"),
        ("火车站", "pa-station"),
        ("永宁", "yn-zhonghua"),
        ("永宁区", "yn-zhonghua"),
        ("新桥", "yn-xinqiao"),
        ("ＰｉｎｇＡn", "pa-heping"),
        (" 星河 市 ", "xh-binhe"),
    ],
)
def test_typed_places(typed, first):
    rows = near({"text": typed})
    assert rows[0]["id"] == first
    assert near(typed) == rows
    assert rows[0]["distance"] == ""


@pytest.mark.parametrize("typed", ["火星", "区", "市", "平", "？？", "🙂", "东区"])
def test_typed_places_that_are_nowhere(typed):
    assert near({"text": typed}) == []


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(typed):
    assert len(near({"text": typed})) <= 5


def test_the_hours_of_the_week_are_handed_on_for_a_text_to_say_what_they_mean():
    rows = {row["id"]: row["hours"] for row in near("list_all")}
    assert rows["cl-dongfeng"] == "1,2,3,4,5 9:00–12:00; 1,2,3,4,5 13:30–17:00"
    assert rows["pa-station"] == "1,2,3,4,5,6,7,holidays 0:00–24:00"


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (0, "0.1"),
        (804, "0.8"),
        (994, "1.0"),
        (40, "0.1"),
        (1234, "1.2"),
        (9960, "10"),
        (12_345, "12"),
    ],
)
def test_kilometres(way, words):
    assert kilometres(way) == words


def test_metres():
    assert metres(30, 110, 31, 110) == pytest.approx(111_195, abs=5)
    assert metres(30, 110, 30, 110) == 0


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("  kind: centre", "  kind: shop", "7:9", "“shop” is none of: centre"),
        ("reset_pin]", "cook]", "14:88", "“cook” is none of: "),
        ('"30.0001"', '"130.0"', "11:13", "130.0"),
        ("days: 1-5,", "days: 0-9,", "13:18", "0-9"),
        ('from: "9:00", to: "17:00"', 'from: "17:00", to: "9:00"', "13:42", "close later than it opens"),
        ('from: "9:00", to', 'from: "9", to', "13:29", "“9”"),
        ("  phone:", "  phon:", "12:3", "mean “phone”"),
        ("id: pa-minzhu", "id: pa-heping", "15:7", "pa-heping"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, place, says):
    good = (CONFIG / "outlets.yaml").read_text("utf-8")
    assert old in good
    path = tmp_path / "outlets.yaml"
    path.write_text(good.replace(old, new, 1), "utf-8")
    with pytest.raises(BadOutlets) as raised:
        load_outlets(path)
    found = [line for line in str(raised.value).splitlines() if says in line]
    assert found, str(raised.value)
    assert found[0].startswith(f"{path}:{place}: error")
