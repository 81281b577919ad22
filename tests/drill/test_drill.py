"""The drill's short form: every figure is zero; and builds that are broken on purpose are each caught."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from drill.chaos import EMPTY, KEYS, OLDER
from drill.count import CHANGES, bugs
from drill.drill import drill, met_the_delays
from drill.residents import AWAY
from drill.stage import Part

# One seed: what lands does not depend on the day. `make drill` takes each day's own.
SEED = 7

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children die with their parent on Linux only"),
]


def test_nothing_is_lost_and_nothing_doubled() -> None:
    figures = drill(
        600, SEED, every=2.0,
        enough=lambda seen: sum(seen[g.name] for g in CHANGES) >= 40
        and sum(seen[g.name] > 0 for g in CHANGES) >= 5,
    )  # fmt: skip
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert figures.turns >= 600
    assert sum(n > 0 for n in figures.operations.values()) >= 5
    assert sum(figures.operations.values()) >= 40
    assert len(figures.happened) >= 12


def test_a_process_that_crashed_is_a_bug_and_one_that_was_killed_is_not(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name, number in (("killed", signal.SIGKILL), ("crashed", signal.SIGSEGV)):
        ends = [sys.executable, "-c", f"import os; os.kill(os.getpid(), {number:d})"]
        part = Part(name, ends, tmp_path, dict(os.environ))
        part.start()
        assert part.wait() == -number
        part.revive()
        part.wait()
    assert list(bugs(tmp_path / "logs")) == ["crashed.log: crashed was sent SIGSEGV"]


def test_writes_that_are_refused_leave_nobody_waiting() -> None:
    figures = drill(
        250, SEED, every=3.0, plans=("writes refused",), enough=lambda seen: seen["writes refused"] >= 2
    )
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert figures.happened["writes refused"] >= 2


def test_a_build_that_retries_without_a_deadline_is_caught() -> None:
    figures = drill(
        150, SEED, "no-deadline", every=2.0, plans=("writes refused",), enough=lambda seen: seen["late"] >= 3
    )
    late = figures.zeros["answered later than 4.5 s after being accepted"]
    assert len(late) >= 3, figures.lines()


@pytest.mark.parametrize(
    ("build", "shows"),  # whoever is careless about time is caught by a bureau that is slow often enough
    [
        ("no-delivery-check", ["deliveries of one message answered differently"]),
        ("no-key", ["changes doubled"]),
        ("confirms-first", ["confirmed but missing at the bureau"]),
        ("mute", ["accepted and never answered", "sessions stuck"]),
        (
            "careless",
            ["personal data in logs, AOF or RDB", "answered later than 4.5 s after being accepted"],
        ),
    ],
)
def test_it_catches_a_build_that_is_broken_on_purpose(build: str, shows: list[str]) -> None:
    figures = drill(250, SEED, build, every=0, faults=2 if build == "careless" else 1)
    assert all(figures.zeros[name] for name in shows), figures.lines()


def test_strangers_who_guess_hold_up_nobody_who_signed_in_before() -> None:
    figures = drill(
        500, SEED, every=2.0, strangers=True,
        enough=lambda seen: met_the_delays(seen) and seen["temporary"] >= 5,
    )  # fmt: skip
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert figures.happened["guess refused"] >= 3
    assert figures.happened["guess delayed"] >= 1
    assert figures.operations["temporary"] >= 5


@pytest.mark.parametrize("plan", [OLDER, EMPTY])
def test_a_store_that_comes_back_older_or_empty_is_told_and_doubles_nothing(plan: str) -> None:
    figures = drill(300, SEED, every=4.0, plans=(plan, "web killed", "worker killed"))
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert figures.happened[plan] >= 1


def test_rotating_keys_loses_nobody(tmp_path: Path) -> None:
    """Two web processes and two workers, started again one after the other; nothing else goes wrong, so
    nobody may ever be told that the store is away."""

    def log() -> list[str]:
        logs = (tmp_path / "logs").glob("w*.log")
        return [line for path in logs for line in path.read_text("utf-8").splitlines()]

    def seals(seen: Counter[str]) -> bool:
        return bool(seen[KEYS]) and any('"event": "key changed"' in line for line in log())

    figures = drill(400, SEED, every=3.0, faults=0, plans=(KEYS,), folder=tmp_path, enough=seals)
    print(*figures.lines(), sep="\n")  # noqa: T201
    figures.late.clear()  # a process that starts takes the machine from those that serve; others measure it
    assert figures.good, figures.zeros
    assert figures.happened[KEYS] == 1
    assert seals(figures.happened), "the new one"
    assert [line for line in log() if '"alert": true' in line] == []
    told = "".join(p.read_text("utf-8") for p in (tmp_path / "transcripts").iterdir())
    # that many write at once may be said: a process that starts takes the machine
    assert AWAY not in told or figures.slow


def test_a_partition_loses_nothing_that_was_confirmed_on_either_side() -> None:
    figures = drill(
        250, SEED, every=2.0, failover=True, plans=("partition",), enough=lambda seen: seen["partition"] >= 1
    )
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert figures.happened["partition"] >= 1


def test_failovers_lose_nothing_that_was_confirmed() -> None:

    def failed_over(seen: Counter[str]) -> bool:
        return any(seen[plan] for plan in ("failover", "planned failover", "demoted"))

    figures = drill(250, SEED, every=1.0, failover=True, enough=failed_over)
    print(*figures.lines(), sep="\n")  # noqa: T201
    assert figures.good, figures.zeros
    assert failed_over(figures.happened)
