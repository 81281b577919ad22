"""What a guess costs where a city has many flows and pages: memory of the model, training, µs a message.

    .venv/bin/python benchmarks/guess.py [TARGETS] [PHRASES]

The shipped phrases are taken as often as it needs, each time with other characters in place of some, so that
the copies share words as real targets do. Prints figures; 1 if a message takes more than 100 µs in the
median, or the model more than 15 MB.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from bot.content.load import load  # noqa: E402
from bot.reading.clean import Said  # noqa: E402
from bot.reading.guess import Guesser, Known  # noqa: E402

MOST_US, MOST_MB = 100, 15
SHARED = 3
"""A character of so many stays as it is in every copy."""


def grown(known: Known, targets: int, phrases: int) -> Known:
    """`known` and copies of it under other names."""
    names = sorted({name for _, name in known.phrases})
    made: dict[str, str] = {}
    copy = 0
    while len(made) < phrases:
        for phrase, name in known.phrases:
            number = names.index(name) + copy * len(names)
            if number < targets and len(made) < phrases:
                made.setdefault("".join(other(c, copy) for c in phrase), f"{name}.{copy}" if copy else name)
        copy += 1
    return replace(known, phrases=tuple(made.items()))


def other(character: str, copy: int) -> str:
    if not copy or not "\u4e00" <= character <= "\u9fff" or ord(character) % SHARED == 0:
        return character
    return chr(0x4E00 + (ord(character) - 0x4E00 + copy * 7919) % 20_000)


def measure(known: Known, lines: list[str]) -> tuple[float, float, float]:
    """MB of the model, seconds of training, µs a message in the median."""
    guesser = Guesser(known)
    began = time.process_time()
    raw = guesser.dump()
    trained = time.process_time() - began
    fresh = Guesser(known)
    gc.collect()
    tracemalloc.start()
    fresh.restore(raw)
    fresh.guess(Said(lines[0]))
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    took = []
    for line in lines * 3:
        message = Said(line)
        began_ns = time.process_time_ns()
        fresh.guess(message)
        took.append((time.process_time_ns() - began_ns) / 1000)
    return megabytes, trained, statistics.median(took)


def main(targets: int = 200, phrases: int = 12_000) -> None:
    content = load(ROOT).content
    assert content is not None
    lines = [
        line.split("\t")[1]
        for line in (ROOT / "tests" / "reading" / "first_messages.tsv").read_text("utf-8").splitlines()[1:]
    ]
    known = content.guesser.known
    figures = []
    for one in (known, grown(known, targets, phrases)):
        megabytes, trained, took = measure(one, lines)
        named = len({name for _, name in one.phrases})
        print(
            f"{named:>4} targets, {len(one.phrases):>6,} phrases: {megabytes:5.1f} MB, trained in "
            f"{trained:4.1f} s, {took:4.0f} µs a message"
        )
        figures.append((megabytes, took))
    megabytes, took = figures[-1]
    sys.exit(took > MOST_US or megabytes > MOST_MB)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
