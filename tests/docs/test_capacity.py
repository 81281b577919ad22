"""docs/capacity.md draws from what it measured and assumes only what it names; both languages alike."""

from __future__ import annotations

import math
import re

import pytest

from .kit import marked, read, table

DOCS = {
    "docs/capacity.md": ("assumption", "followers", "a resident who"),
    "docs/capacity.zh-CN.md": ("假设", "关注人数", "一位居民"),
}
MIX = (0.6, 0.3, 0.1)


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def measured(name: str) -> list[list[float]]:
    """Rows of the two tables of rates."""
    return [
        [number(cell) for cell in line.strip("| \n").split("|")]
        for line in re.findall(r"(?m)^\| \d+ \| \d+ \|.*$", read(name))
    ]


def of_mix(name: str) -> list[float]:
    """Bytes while writing, later, a week later, of the log: of one resident of the mix, in hundreds."""
    kinds = [[number(cell) for cell in row[1:5]] for row in table(name, DOCS[name][2])]
    return [round(sum(map(float.__mul__, MIX, sizes)), -2) for sizes in zip(*kinds, strict=True)]


@pytest.mark.parametrize("name", DOCS)
def test_what_a_city_needs_follows_from_the_assumptions(name: str) -> None:
    first, followers, _ = DOCS[name]
    given = {marked(row[0])[0]: number(row[1]) for row in table(name, first)}
    a = given.__getitem__
    for row in table(name, followers):
        many, rate, cores, web, mb, redis, log = map(number, row)
        assert rate == pytest.approx(many * a("day") * a("hour") * a("messages") * a("peak") / 3600, abs=0.06)
        assert cores == pytest.approx(rate / (a("core") * a("full")), abs=0.01)
        assert web == max(2, math.ceil(cores))
        assert mb == web * 154 + 2 * 151 + 41
        kept = a("day") * a("hour") * a("writing") + a("week") * a("quarter") + a("month") * a("later")
        assert redis == pytest.approx(many * kept / 1e6, abs=0.6)
        assert log == pytest.approx(many * a("day") * a("log") / 1e6, abs=0.6)


@pytest.mark.parametrize("name", DOCS)
def test_the_assumptions_that_are_measured_are_those_of_the_tables(name: str) -> None:
    given = {marked(row[0])[0]: number(row[1]) for row in table(name, DOCS[name][0])}
    one_core = [row for row in measured(name) if len(row) == 15]
    good = [
        rate
        for rate, _, _, _, p99, late, busy, errors, *_ in one_core
        if p99 < 1000 and not late + busy + errors
    ]
    assert given["core"] == max(good) < max(row[0] for row in one_core), "it bends within the table"
    assert [given[n] for n in ("writing", "quarter", "later", "log")] == of_mix(name)


def test_both_languages_say_the_same_numbers() -> None:
    one, other = DOCS
    assert measured(one) == measured(other)
    assert of_mix(one) == of_mix(other)
    for first, second in zip(*DOCS.values(), strict=True):
        assert [r[1:2] for r in table(one, first)] == [r[1:2] for r in table(other, second)]
