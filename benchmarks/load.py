"""Residents who walk at once over HTTP: messages a second, and how long answers took.

    python load.py PORT FIRST RESIDENTS AT_ONCE [plain|safe]

Each keeps its connection and writes again as soon as it was answered. One process, one core.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from line import Lines, post
from residents import request, walk, words


async def phone(lines: Lines, queue: list[int], safe: bool, took: list[float]) -> None:
    """One connection; walks residents of `queue` until it is empty."""
    while queue:
        resident, count, answer = queue.pop(), 0, None
        steps = walk(resident)
        while True:
            try:
                step = steps.send(answer)  # type: ignore[arg-type]
            except StopIteration:
                break
            count += 1
            asked = post(*request(*step, resident * 100 + count, safe))
            began = time.perf_counter()
            came = await lines.ask(asked)
            took.append(time.perf_counter() - began)
            answer = words(came, safe)


PATIENCE = 60.0
"""Seconds: a server may learn before its first answer."""


async def run(port: int, first: int, residents: int, at_once: int, safe: bool) -> dict[str, float]:
    queue, took = list(range(first, first + residents)), []  # type: ignore[var-annotated]
    began = time.perf_counter()
    await asyncio.gather(*(phone(Lines(port, patience=PATIENCE), queue, safe, took) for _ in range(at_once)))
    seconds = time.perf_counter() - began
    took.sort()
    p50, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    return {"per_second": len(took) / seconds, "p50_ms": p50, "p99_ms": p99, "messages": len(took)}


if __name__ == "__main__":
    port, first, residents, at_once, *mode = sys.argv[1:]
    print(json.dumps(asyncio.run(run(int(port), int(first), int(residents), int(at_once), mode == ["safe"]))))
