"""`make load` counts what it says, through nginx against the shipped units; how fast is not judged here."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import time
from pathlib import Path
from typing import Any

import pytest
from deploy.machine import needs

CAPACITY = Path(__file__).parents[2] / "benchmarks" / "capacity.py"

pytestmark = pytest.mark.slow


def capacity() -> dict[str, Any]:
    return runpy.run_path(str(CAPACITY), run_name="capacity")


def test_every_message_has_one_answer_and_every_report_one_receipt() -> None:
    needs("nginx")
    module, cores = capacity(), os.sched_getaffinity(0)
    run = module["Run"](1)
    with module["served"](cores, cores) as shipped:
        load = module["Load"](shipped)
        asyncio.run(module["measure"](load, run, 20, 20, 3, 1))
        counts = run.counts
        assert run.wrong == []
        assert len(run.ramp[0].figures.took) == 60
        assert counts.sent == counts.answered + counts.turned_away + counts.troubled + counts.unanswered
        assert counts.answered > 60
        assert counts.deliveries >= counts.sent + counts.repeated > counts.sent
        assert counts.receipts
        assert not load.crowd.under_way
        assert {*run.mb} == {*module["PARTS"]}
        load.crowd.counts.answered += counts.unanswered + 1
        assert "in the store" in load.wrong()[0], "a message that was answered and not kept"
        load.crowd.counts.answered -= counts.unanswered + 1
        first = json.loads(shipped.ledger.read_text().splitlines()[1])
        with shipped.ledger.open("a") as ledger:
            ledger.write("\n" + json.dumps({**first, "number": "202699999999"}))
        assert "cards" in load.wrong()[0], "a report that was carried out twice"


class Stands:
    """A server for which everything stands still once."""

    def __init__(self, answer: bytes, seconds: float) -> None:
        self.answer, self.seconds = answer, seconds

    async def ask(self, _: bytes) -> bytes:
        time.sleep(self.seconds)
        self.seconds = 0.0
        return self.answer


def test_who_was_due_while_nothing_moved_has_waited() -> None:
    residents = runpy.run_path(str(CAPACITY.parent / "residents.py"))
    sealed = residents["_SECRET"].encrypt_message("<xml><Content>好</Content></xml>", "1", "1").encode()
    figures = asyncio.run(capacity()["Crowd"](Stands(sealed, 0.5)).at(50, 1))
    waited = sorted(seconds for _, seconds in figures.took)
    assert len(waited) == 50
    assert waited[-1] >= 0.5
    assert sum(seconds > 0.1 for seconds in waited) > 10, "not only the one who was first"


def test_what_a_resident_costs_is_counted_and_every_receipt_reaches_the_archive() -> None:
    """So few add less than what all share; how many bytes is not judged here."""
    needs("nginx")
    cores = os.sched_getaffinity(0)
    module = runpy.run_path(str(CAPACITY.with_name("memory.py")), run_name="memory")
    with module["served"](cores, cores) as shipped:
        costs = asyncio.run(module["measure"](shipped, 4))
        left = list(shipped.machine.client.scan_iter(match="sb:{s*}:e:*"))
    assert [cost.kind for cost in costs] == [*module["KINDS"]]
    assert all(cost.log > 0 for cost in costs)
    *others, reports = costs
    assert reports.receipt > 0
    assert not any(cost.receipt for cost in others)
    assert left == []
