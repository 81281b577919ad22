"""Residents who write at a rate, whether those before them were answered or not, and what became of it.

The time of an answer counts from when its message was due: who waits behind a slow answer, or behind this
program, waits. One process, one core; it says how late it was itself.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from drill.residents import RECEIPT, id_number
from line import TRIES, Lines, post
from residents import ASKS, LOOKS, REPORTS, request, walk, words

MIX = (*(ASKS,) * 6, *(LOOKS,) * 3, REPORTS)
"""Of ten residents."""
MEAN = sum(map(len, MIX)) / len(MIX)
"""Messages of a resident."""
THINKS = (1.2, 2.4)
"""Seconds between an answer and the next message. A yes in the second of its question is not taken."""
AGAIN = (1.0, 5.0)
"""Seconds after which somebody who was turned away writes again."""
BUSY = "现在用的人太多"
LATER = ("正在办，请稍等", "这边现在查不了", "现在连不上系统")
"""Answers after which the conversation goes otherwise than planned: these residents write no more."""
LATE = 4.5
REPEATED = 50
"""One message of so many is delivered again after its answer, as WeChat sometimes does."""


@dataclass
class Figures:
    """Of the messages that were due in one stretch. `took`: when each was due, and seconds until its answer.
    `lag`: seconds that this program sent them late."""

    rate: float
    took: list[tuple[float, float]] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    late: int = 0
    errors: int = 0

    def p(self, share: float) -> float:
        """Seconds, of the answers; who was never answered counts as given up on."""
        return percentile([seconds for _, seconds in self.took], share)

    @property
    def bent(self) -> bool:
        return bool(self.p(0.99) > 1 or self.busy or self.late or self.errors)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0.0


@dataclass
class Counts:
    """Of a whole run. Each message of a resident is `sent` once, in one delivery or several."""

    sent: int = 0
    deliveries: int = 0
    answered: int = 0
    turned_away: int = 0
    troubled: int = 0
    unanswered: int = 0
    repeated: int = 0
    answered_differently: int = 0
    went_otherwise: list[str] = field(default_factory=list)
    receipts: Counter[str] = field(default_factory=Counter)
    unsure: int = 0
    """Residents who confirmed a report and were not told its end."""


class Resident:
    """`texts`: what they write, in this order. `delayed`: a message of theirs was delivered more than once,
    so that what it told may be told again with a later one."""

    def __init__(self, number: int, texts: tuple[str, ...]) -> None:
        self.number, self.texts, self.sent, self.over, self.delayed = number, texts, 0, False, False
        self.steps = walk(number, texts, id_number(number, "660101"))
        self.step = next(self.steps)
        self.read: list[str] = []


class Crowd:
    def __init__(self, lines: Lines, seed: int = 1) -> None:
        self.lines, self.counts, self.dice = lines, Counts(), random.Random(seed)
        self.number = 0
        self.under_way: set[Resident] = set()
        self.ready: deque[Resident] = deque()
        self.expected: dict[tuple[str, ...], list[str]] = {}

    async def first(self) -> None:
        """One resident of each kind, alone: what the others must read as well."""
        alone = [self._new(texts) for texts in dict.fromkeys(MIX)]
        await self.finish()
        self.expected = {resident.texts: resident.read for resident in alone}

    async def walk(self, texts: tuple[str, ...], residents: int) -> None:
        """So many of one kind, some at once, to their end."""
        for _ in range(residents):
            self._new(texts)
        await self.finish()

    async def write(self, rate: float, seconds: float) -> tuple[Figures, list[asyncio.Task[None]]]:
        """So many messages a second; the figures are whole once the tasks are."""
        figures, tasks = Figures(rate), []
        due = time.monotonic()
        for _ in range(round(rate * seconds)):
            due += self.dice.expovariate(rate)
            await asyncio.sleep(max(due - time.monotonic(), 0))
            resident = self.ready.popleft() if self.ready else self._new()
            tasks.append(asyncio.create_task(self._goes_on(resident, due, figures)))
        return figures, tasks

    async def at(self, rate: float, seconds: float) -> Figures:
        figures, tasks = await self.write(rate, seconds)
        await asyncio.gather(*tasks)
        return figures

    async def finish(self, at_once: int = 8) -> None:
        """Everybody who has begun comes to their end."""
        gate = asyncio.Semaphore(at_once)

        async def one(resident: Resident) -> None:
            while not resident.over:
                async with gate:
                    waits = await self._say(resident, time.monotonic(), Figures(0))
                await asyncio.sleep(waits)

        await asyncio.sleep(max(*THINKS, *AGAIN))  # nobody becomes ready any more
        self.ready.clear()
        await asyncio.gather(*map(one, self.under_way))

    def _new(self, texts: tuple[str, ...] = ()) -> Resident:
        resident = Resident(self.number, texts or MIX[self.number % len(MIX)])
        self.number += 1
        self.under_way.add(resident)
        return resident

    async def _goes_on(self, resident: Resident, due: float, figures: Figures) -> None:
        waits = await self._say(resident, due, figures)
        if not resident.over:
            asyncio.get_running_loop().call_later(waits, self.ready.append, resident)

    async def _say(self, resident: Resident, due: float, figures: Figures) -> float:
        """Their next message, from when it is due to its answer; seconds until they write again."""
        resident.sent += 1
        self.counts.sent += 1
        nth = self.counts.sent
        number = resident.number * 1000 + resident.sent
        asked = post(*request(*resident.step, number, safe=True))
        figures.lag.append(time.monotonic() - due)
        answer, tries = await self._deliver(asked, figures)
        resident.delayed |= tries > 1
        took = time.monotonic() - due
        figures.took.append((due, took))
        figures.late += took > LATE
        if BUSY in answer:
            figures.busy.append(due)
            self.counts.turned_away += 1
            return self.dice.uniform(*AGAIN)
        if not answer or any(said in answer for said in LATER):
            self._leaves(resident, answer)
        else:
            self.counts.answered += 1
            if nth % REPEATED == 0:
                await self._repeat(asked, answer)
            self._reads(resident, answer)
        return self.dice.uniform(*THINKS)

    async def _repeat(self, asked: bytes, answer: str) -> None:
        self.counts.repeated += 1
        again, _ = await self._deliver(asked, Figures(0))
        unable = not again or any(said in again for said in (BUSY, *LATER))
        self.counts.answered_differently += again != answer and not unable

    async def _deliver(self, asked: bytes, figures: Figures) -> tuple[str, int]:
        """As WeChat: three times at most. What was said, "" if nothing was; and how often it was sent."""
        for n in range(TRIES):
            self.counts.deliveries += 1
            try:
                if came := await self.lines.ask(asked):
                    return words(came, safe=True), n + 1
                figures.errors += 1
            except TimeoutError:
                pass
            except OSError:
                figures.errors += 1
        return "", TRIES

    def _leaves(self, resident: Resident, answer: str) -> None:
        if not answer:
            self.counts.unanswered += 1
        elif LATER[1] in answer:
            self.counts.troubled += 1
        else:
            self.counts.answered += 1
        self.counts.unsure += resident.texts is REPORTS and len(resident.read) == len(REPORTS) - 1
        self._end(resident)

    def _reads(self, resident: Resident, answer: str) -> None:
        resident.read.append(re.sub(r"\d", "#", answer))
        nth = len(resident.read)
        # none where one was told more than those before
        expected = self.expected.get(resident.texts, resident.read)[nth - 1 : nth]
        if not resident.delayed and resident.read[-1:] != expected:
            self.counts.went_otherwise.append(f"{resident.step[1]}: {answer[:60]!r}")
        try:
            resident.step = resident.steps.send(answer)
        except StopIteration:
            if resident.texts is REPORTS:
                self.counts.receipts.update(RECEIPT.findall(answer) or ["none"])
            self._end(resident)

    def _end(self, resident: Resident) -> None:
        resident.over = True
        self.under_way.discard(resident)
