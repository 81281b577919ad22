"""The benchmark of residents beside a slow bureau measures what it says; how fast is not judged here."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import pytest

SLOW = Path(__file__).parents[2] / "benchmarks" / "slow.py"


@pytest.mark.slow
def test_it_measures_others_with_and_without_slow_ones() -> None:
    measure = runpy.run_path(str(SLOW), run_name="slow_benchmark")["measure"]
    times = measure(rate=20, seconds=5, rounds=1)
    assert (len(times.alone), len(times.beside), len(times.slow)) == (100, 99, 1)
    assert times.slow[0] > 2, "the service takes longer than an answer may"
    assert math.isfinite(times.ratio)
