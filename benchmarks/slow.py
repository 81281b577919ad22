"""Do other residents suffer from a slow bureau? p99 without, and with 1 % of messages on a 4 s service.

Both in one run, in turn, over two web processes, two workers and Valkey. Prints the figures; 1 if the p99 of
the others is more than 3 times as long (and more than 10 ms longer: below that it is the machine's noise).

    .venv/bin/python benchmarks/slow.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from drill.bureau import SLOW  # noqa: E402
from drill.residents import Message, Phones, Resident, crowd  # noqa: E402
from drill.stage import Stage  # noqa: E402

RATE = 40  # messages a second
SECONDS = 12
ROUNDS = 3
SHARE = 0.01


def to_the_code(resident: Resident) -> None:
    """Signed in but for the code: the next message calls the bureau."""
    resident.click("CARD_LOSS")
    for text in ("同意", resident.id_number, resident.name):
        resident.say(text)


def block(quick: list[Resident], slow: list[Resident]) -> tuple[list[float], list[float]]:
    """Messages at a fixed rate, answered or not. Seconds that the quick and the slow ones took."""
    threads: list[threading.Thread] = []
    sent: list[Resident] = []
    began = time.monotonic()
    for n in range(RATE * SECONDS):
        time.sleep(max(began + n / RATE - time.monotonic(), 0))
        if slow and n % round(1 / SHARE) == 50:
            resident = slow.pop()
            digits = "".join(c for c in resident.bubble.partition("：")[2] if c.isdigit())[:4]
            act = (resident, digits)
        else:
            resident = quick[n % len(quick)]
            act = (resident, "帮助")
        sent.append(resident)
        threads.append(threading.Thread(target=lambda r, text: r.say(text), args=act))
        threads[-1].start()
    for thread in threads:
        thread.join()
    times: dict[bool, list[float]] = {True: [], False: []}
    for resident in set(sent):
        fresh: list[Message] = [m for m in resident.messages if m.slowest and not m.counted]
        for message in fresh:
            message.counted = True
            times[SLOW in resident.name].append(message.slowest)
    return times[False], times[True]


def p(times: list[float], share: float) -> float:
    """Milliseconds."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    phones = Phones(1, 0)
    stage = Stage(folder, f"http://127.0.0.1:{phones.api.server_port}", 1, 0)
    try:
        stage.start()
        everyone = crowd(phones, stage, 120)
        quick, slow = everyone[:80], everyone[80:]
        for resident in slow:
            resident.name += SLOW
            to_the_code(resident)
        for resident in everyone:
            for message in resident.messages:
                message.counted = True
        block(quick, [])  # warm
        without: list[float] = []
        others: list[float] = []
        waited: list[float] = []
        for _ in range(ROUNDS):
            without += block(quick, [])[0]
            now, late = block(quick, slow)
            others, waited = others + now, waited + late
    finally:
        stage.stop()
        phones.close()
        shutil.rmtree(folder, ignore_errors=True)
    for name, times in (("without", without), ("others, beside 1 % on 4 s", others)):
        print(f"{name:28} p50 {p(times, 0.5):6.1f} ms   p99 {p(times, 0.99):6.1f} ms   {len(times)} messages")
    print(f"{'the slow ones':28} at most {max(waited) * 1000:6.0f} ms   {len(waited)} messages")
    ratio = p(others, 0.99) / p(without, 0.99)
    print(f"p99 is {ratio:.2f} times as long")
    sys.exit(ratio > 3 and p(others, 0.99) - p(without, 0.99) > 10)


if __name__ == "__main__":
    main()
