"""Do other residents suffer from a slow bureau? p99 without, and with 1 % of messages on a 4 s service.

Both in one run, in turn, over two web processes, two workers and Valkey. Prints the figures; 1 if the p99 of
the others is more than 3 times as long (and more than 10 ms longer: below that it is the machine's noise).

    .venv/bin/python benchmarks/slow.py
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from drill.bureau import SLOW  # noqa: E402
from drill.chaos import Troubles  # noqa: E402
from drill.residents import Resident  # noqa: E402
from drill.stage import Stage  # noqa: E402
from drill.wechat import WeChat  # noqa: E402

SHARE = 0.01


@dataclass
class Times:
    """Seconds of each answer: to the quick residents alone, to them beside slow ones, to the slow ones."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return p(self.beside, 0.99) / p(self.alone, 0.99)


def p(times: Sequence[float], share: float) -> float:
    """Milliseconds."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


def measure(rate: int = 40, seconds: int = 12, rounds: int = 3) -> Times:
    """`rate`: messages a second, sent whether the ones before were answered or not."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    wechat, now = WeChat(1, 0, Troubles()), int(time.time())  # wall clock: real processes
    stage = Stage(folder, wechat.api.server_port, 1, 0)
    slow_ones = rounds * round(rate * seconds * SHARE)
    try:
        stage.start()
        wechat.web = stage.web
        quick = [Resident(wechat, n, now) for n in range(80)]
        slow = [Resident(wechat, n, now) for n in range(80, 80 + slow_ones)]
        for resident in slow:
            resident.name += SLOW
            to_the_code(resident)
        times = Times()
        block(quick, [], rate, seconds)  # warm
        for _ in range(rounds):
            times.alone += block(quick, [], rate, seconds)[0]
            beside, waited = block(quick, slow, rate, seconds)
            times.beside += beside
            times.slow += waited
    finally:
        stage.stop()
        wechat.close()
        shutil.rmtree(folder, ignore_errors=True)
    return times


def to_the_code(resident: Resident) -> None:
    """Signed in but for the code: the next message calls the bureau."""
    resident.click("CARD_LOSS")
    for text in ("同意", resident.id_number, resident.name):
        resident.say(text)


def block(
    quick: list[Resident], slow: list[Resident], rate: int, seconds: int
) -> tuple[list[float], list[float]]:
    """Seconds that answers to the quick took, and those to the slow ones, who are taken out of the list."""
    began = time.monotonic()
    others: list[Future[float]] = []
    slowly: list[Future[float]] = []
    with ThreadPoolExecutor(128) as pool:
        for n in range(rate * seconds):
            time.sleep(max(began + n / rate - time.monotonic(), 0))
            if slow and n % round(1 / SHARE) == round(0.5 / SHARE):
                resident = slow.pop()
                shown = re.search(r"(\d) (\d) (\d) (\d)", resident.bubble)
                assert shown, resident.bubble
                slowly.append(pool.submit(timed, resident, "".join(shown.groups())))
            else:
                others.append(pool.submit(timed, quick[n % len(quick)], "帮助"))
    return [f.result() for f in others], [f.result() for f in slowly]


def timed(resident: Resident, text: str) -> float:
    started = time.monotonic()
    resident.say(text)
    return time.monotonic() - started


def main() -> None:
    times = measure()
    for name, took in (("without", times.alone), ("others, beside 1 % on 4 s", times.beside)):
        print(f"{name:28} p50 {p(took, 0.5):6.1f} ms   p99 {p(took, 0.99):6.1f} ms   {len(took)} messages")
    print(f"{'the slow ones':28} at most {max(times.slow) * 1000:6.0f} ms   {len(times.slow)} messages")
    print(f"p99 is {times.ratio:.2f} times as long")
    sys.exit(times.ratio > 3 and p(times.beside, 0.99) - p(times.alone, 0.99) > 10)


if __name__ == "__main__":
    main()
