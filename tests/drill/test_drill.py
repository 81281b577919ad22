"""The drill's short form: every figure is zero; and builds that are broken on purpose are each caught."""

from __future__ import annotations

import sys

import pytest

from drill.drill import drill, seed_of_today

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children die with their parent on Linux only"),
]


def test_nothing_is_lost_and_nothing_doubled() -> None:
    seed = seed_of_today()
    figures = drill(1000, seed, every=2.0)
    print(f"seed {seed}", *figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, f"seed {seed}: {figures.zeros}"
    assert figures.turns >= 900
    assert figures.reports >= 70
    assert len(figures.happened) >= 3


@pytest.mark.parametrize(
    ("build", "shows"),
    [
        ("no-delivery-check", "deliveries of one message answered differently"),
        ("no-key", "loss reports doubled"),
        ("confirms-first", "confirmed but missing at the bureau"),
    ],
)
def test_it_catches_a_build_that_is_broken_on_purpose(build: str, shows: str) -> None:
    figures = drill(500, 7, build, every=4.0, faults=2.0)
    assert figures.zeros[shows], figures.lines()
