"""What one machine holds, and where it bends: `make load`.

    .venv/bin/python benchmarks/capacity.py [--cores 1] [--cores 2] [--from 40] [--by 40] [--seconds 10]

The shipped units (two web servers, two workers), a Redis with deploy/redis.conf and nginx with its shipped
configuration, below a directory of their own; a bureau over HTTP that answers at once. Residents write over
TLS in safe mode: a ramp until p99 passes 1 s or somebody is turned away, then a burst. The server and the
residents have cores of their own where there are enough. Prints the figures and the count; 1 if a message was
lost or done twice.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from drill.ledger import read as carried_out  # noqa: E402
from open_loop import MEAN, Counts, Crowd, Figures, percentile  # noqa: E402
from shipped import COLUMNS, PARTS, Shipped, at_once, cores_of, served  # noqa: E402

FULL = 0.85
"""Of a core: more than that, and those who write are the bottleneck."""
BEHIND = 0.1
"""Seconds: as well where 1 % of messages is sent later than due by that."""


@dataclass
class Step:
    """`cpu`: seconds of CPU a second, by part (COLUMNS)."""

    figures: Figures
    cpu: dict[str, float]

    @property
    def valid(self) -> bool:
        return self.cpu["residents"] < FULL and percentile(self.figures.lag, 0.99) < BEHIND


@dataclass
class Run:
    """`wrong`: what was lost or done twice. `mb`: of the largest process of each part."""

    cores: int
    ramp: list[Step] = field(default_factory=list)
    burst: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    wrong: list[str] = field(default_factory=list)
    mb: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> Step | None:
        """The last step before the bend."""
        steps = [*takewhile(lambda s: s.valid and not s.figures.bent, self.ramp)]
        return steps[-1] if steps else None


class Load:
    """Who writes to a machine."""

    def __init__(self, shipped: Shipped, kept: bool = True) -> None:
        self.shipped, self.crowd = shipped, Crowd(shipped.lines(kept))

    async def step(self, rate: float, seconds: float) -> Step:
        before, began = self.shipped.cpu(), time.monotonic()
        figures, tasks = await self.crowd.write(rate, seconds)
        after, passed = self.shipped.cpu(), time.monotonic() - began
        await asyncio.gather(*tasks)
        return Step(figures, {name: (after[name] - before[name]) / passed for name in COLUMNS})

    async def ramp(self, first: float, by: float, seconds: float, most: int) -> list[Step]:
        """Ends two steps after the bend, or where those who write are the bottleneck."""
        steps: list[Step] = []
        await self.crowd.at(first, min(seconds, 5))  # warm
        while len(steps) < most and sum(s.figures.bent for s in steps) < 2:
            steps.append(await self.step(first + by * len(steps), seconds))
            print(row(steps[-1]), flush=True)
            if not steps[-1].valid:
                break
        return steps

    async def burst(self, usual: float, times: float, seconds: float) -> list[str]:
        """The usual rate, then so many times as many messages for a while, and the usual rate again."""
        before, first = await self.crowd.write(usual, seconds)
        during, second = await self.crowd.write(usual * times, seconds)
        ended = time.monotonic()
        after, third = await self.crowd.write(usual, 3 * seconds)
        await asyncio.gather(*first, *second, *third)
        slow = [due for due, took in after.took if took > 1] + after.busy
        names = f"{usual:.0f} a second", f"{usual * times:.0f} a second", f"{usual:.0f} a second again"
        said = [f"{name}: {short(f)}" for name, f in zip(names, (before, during, after), strict=True)]
        return [*said, f"answered within 1 s again after {max([*slow, ended]) - ended:.1f} s"]

    def wrong(self) -> list[str]:
        """What was lost or done twice."""
        counts, found = self.crowd.counts, []
        stored = self.shipped.stored()
        if not 0 <= stored - counts.answered <= counts.unanswered:
            found.append(f"{counts.answered} messages answered, {stored} in the store")
        if counts.answered + counts.turned_away + counts.troubled + counts.unanswered != counts.sent:
            found.append(f"not every message has one end: {counts}")
        reports = carried_out(self.shipped.ledger)
        numbers, cards = {r["number"] for r in reports}, {r["card"] for r in reports}
        if len(cards) != len(reports):
            found.append(f"{len(reports)} reports of {len(cards)} cards")
        told = counts.receipts
        if told.keys() - numbers or max(told.values(), default=1) > 1:
            found.append(f"receipts of nothing, or told twice: {told.keys() - numbers}")
        if len(numbers - told.keys()) > counts.unsure:
            found.append(f"{len(numbers - told.keys())} reports not told, {counts.unsure} residents unsure")
        if counts.answered_differently:
            found.append(f"{counts.answered_differently} repetitions answered differently")
        if counts.went_otherwise:
            found.append(f"{len(counts.went_otherwise)} answers unlike alone: {counts.went_otherwise[:3]}")
        return found


def short(f: Figures) -> str:
    return (
        f"p50 {f.p(0.5) * 1000:.0f} ms, p99 {f.p(0.99) * 1000:.0f} ms, "
        f"late {f.late}, busy {len(f.busy)}, errors {f.errors} of {len(f.took)}"
    )


TITLES = (
    *("messages/s", "residents/s", "answered", "p50 ms", "p99 ms", "late", "busy", "errors"),
    *(f"{part} %" for part in COLUMNS),
    "sent behind, p99 ms",
)
HEAD = f"| {' | '.join(TITLES)} |\n|{'---|' * len(TITLES)}"


def row(step: Step) -> str:
    f, cpu = step.figures, [f"{step.cpu[name] * 100:.0f}" for name in COLUMNS]
    cells = [f"{f.rate:.0f}", f"{f.rate / MEAN:.0f}", str(len(f.took) - len(f.busy))]
    cells += [f"{f.p(share) * 1000:.0f}" for share in (0.5, 0.99)]
    cells += [str(f.late), str(len(f.busy)), str(f.errors), *cpu]
    return "| " + " | ".join([*cells, f"{percentile(f.lag, 0.99) * 1000:.0f}"]) + " |"


async def measure(load: Load, run: Run, first: float, by: float, seconds: float, most: int) -> None:
    await load.crowd.first()
    run.ramp = await load.ramp(first, by, seconds, most)
    if run.held:
        run.burst = await load.burst(run.held.figures.rate / 2, 4, seconds / 2)
    await load.crowd.finish()
    run.counts, run.wrong, run.mb = replace(load.crowd.counts), load.wrong(), load.shipped.mb()


def summary(run: Run) -> Iterator[str]:
    bent = next((s for s in run.ramp if s.figures.bent), None)
    if held := run.held:
        rate = held.figures.rate
        yield f"holds {rate:.0f} messages a second ({rate / MEAN:.0f} residents a second)"
        yield "CPU of a message there: " + ", ".join(
            f"{name} {held.cpu[name] / rate * 1e6:,.0f} µs" for name in PARTS
        )
    yield f"bends at {bent.figures.rate:.0f}" if bent else "does not bend as far as was tried"
    if run.ramp and not run.ramp[-1].valid:
        yield "the last line counts for nothing: those who write were the bottleneck"
    yield from run.burst
    yield "MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in run.mb.items())
    counts = run.counts
    yield (
        f"{counts.sent} messages in {counts.deliveries} deliveries: {counts.answered} answered, "
        f"{counts.turned_away} turned away, {counts.troubled} told of trouble, {counts.unanswered} never "
        f"answered; {sum(counts.receipts.values())} reports; {counts.repeated} repeated"
    )
    yield from run.wrong or ["nothing lost, nothing twice"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, action="append", help="that serve; 1 and 2 unless said")
    parser.add_argument("--from", type=float, dest="first", default=40)
    parser.add_argument("--by", type=float, default=40)
    parser.add_argument("--seconds", type=float, default=10, help="of a step")
    parser.add_argument("--most", type=int, default=12, help="steps")
    parser.add_argument("--fresh", action="store_true", help="a new connection for each delivery")
    options = parser.parse_args()
    good = True
    for cores in options.cores or [1, 2]:
        serve, others = cores_of(cores)
        shared = "; those who write share them" if serve & others else ""
        print(f"\n{len(serve)} of {len(serve | others)} cores serve{shared}\n\n{HEAD}")
        run = Run(cores)
        with served(serve, others) as shipped, at_once():
            load = Load(shipped, not options.fresh)
            asyncio.run(measure(load, run, options.first, options.by, options.seconds, options.most))
        print("\n" + "\n".join(f"- {line}" for line in summary(run)))
        good = good and not run.wrong
    return not good


if __name__ == "__main__":
    sys.exit(main())
