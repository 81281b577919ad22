"""The benchmarks measure what they say; how fast is not judged here."""

from __future__ import annotations

import math
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from store.servers import PATIENCE

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SLOW, STAGES = BENCHMARKS / "slow.py", BENCHMARKS / "stages.py"


@pytest.mark.slow
def test_it_measures_others_with_and_without_slow_ones() -> None:
    measure = runpy.run_path(str(SLOW), run_name="slow_benchmark")["measure"]
    times = measure(rate=20, seconds=5, rounds=1)
    assert (len(times.alone), len(times.beside), len(times.slow)) == (100, 99, 1)
    assert times.slow[0] > 2, "the service takes longer than an answer may"
    assert math.isfinite(times.ratio)


@pytest.mark.slow
def test_stages_add_up_to_the_whole() -> None:
    """Also that the bench finds the application, in whatever module it is by now."""
    ran = subprocess.run(
        [sys.executable, STAGES, "safe", "2"], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    rows = [line.split(" | ") for line in ran.stdout.splitlines()[2:]]
    *stages, whole = [float(row[1].replace(",", "")) for row in rows]
    assert whole == pytest.approx(sum(stages), abs=len(stages))
    assert "24 messages" in ran.stdout
