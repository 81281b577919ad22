"""Too much at once: everybody writes, and again as soon as they were answered, to what a city would run.

    python crowd.py [RESIDENTS]

Two web processes, a worker and Valkey, on the cores that those who write use as well. A delivery that is not
answered within 5 seconds is repeated twice, as WeChat does; who is told that too many are writing waits a
little and writes again. All whose messages were answered at once must have read what one reads who walks
alone: a message that was lost or done twice shows. Prints the figures; 1 if a goal is missed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from bench import SUBJECTS, environment  # noqa: E402, I001
from bot.kit.embedded import EmbeddedValkey  # noqa: E402
from line import TRIES, Lines, post  # noqa: E402
from residents import request, walk, words  # noqa: E402

BUSY = "现在用的人太多"
LATER = ("正在办，请稍等", "这边现在查不了", "现在连不上系统")
"""What may be told as well where the machine is too slow for its own time-outs."""
GOAL = 4.5


@dataclass
class Figures:
    """`took`: seconds of each answer. `late`: deliveries given up on. `unserved`: messages given up on."""

    took: list[float] = field(default_factory=list)
    busy: int = 0
    late: int = 0
    unserved: int = 0
    read: dict[int, list[str]] = field(default_factory=dict)
    slowly: set[int] = field(default_factory=set)


class Resident:
    def __init__(self, port: int, number: int, figures: Figures) -> None:
        self.lines, self.number, self.figures = Lines(port), number, figures
        self.sent = 0

    async def walks(self) -> None:
        steps, read = walk(self.number), self.figures.read.setdefault(self.number, [])
        step = next(steps)
        while True:
            answer = await self.says(*step)
            if BUSY in answer:
                self.figures.busy += 1
            if not answer or BUSY in answer:
                await asyncio.sleep(random.uniform(1, 5))
                continue
            if any(said in answer for said in LATER):
                self.figures.slowly.add(self.number)
            read.append(re.sub(r"\d", "#", answer))
            try:
                step = steps.send(answer)
            except StopIteration:
                return

    async def says(self, openid: str, text: str) -> str:
        """What was answered in time; "" if nothing was."""
        self.sent += 1
        query, body = request(openid, text, self.number * 1000 + self.sent, safe=False)
        asked = post(query, body)
        for _ in range(TRIES):
            began = time.perf_counter()
            try:
                answer = await self.lines.ask(asked)
            except (TimeoutError, OSError):
                answer = b""
            if answer:
                self.figures.took.append(time.perf_counter() - began)
                return words(answer, safe=False)
            self.figures.late += 1
            self.figures.slowly.add(self.number)
        self.figures.unserved += 1
        return ""


async def crowd(port: int, residents: int) -> Figures:
    alone, figures = Figures(), Figures()
    first = Resident(port, 0, alone)
    async with asyncio.timeout(60):  # or it does not serve
        await first.walks()
    for line in first.lines.free:  # two processes hold 2,000 connections, and no more
        line.close()
    await asyncio.gather(*(Resident(port, n, figures).walks() for n in range(1, residents + 1)))
    figures.read[0] = alone.read[0]
    return figures


def serve(stack: ExitStack, folder: Path) -> int:
    valkey = stack.enter_context(EmbeddedValkey(folder / "valkey"))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    # all of them have one ID number checked, and each check counts until it ends
    limits = {"SHEBAO_PER_MINUTE": "10000", "SHEBAO_REAL_NAME_TRIES": "10000"}
    given = environment(SUBJECTS[0], valkey.url, "plain") | limits
    bin_, log = Path(sys.executable).parent, (folder / "log").open("w")
    for command in (
        [
            bin_ / "gunicorn",
            "--config",
            "bot/gunicorn_conf.py",
            "--bind",
            f"127.0.0.1:{port}",
            "bot.wsgi:app",
        ],
        [bin_ / "shebao", "worker"],
    ):
        process = subprocess.Popen([*map(str, command)], cwd=HERE.parent, env=given, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.send_signal, signal.SIGTERM)
    for _ in range(200):
        time.sleep(0.2)
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return port
    raise SystemExit((folder / "log").read_text()[-2000:])


def main(residents: int = 2000) -> None:
    folder = Path(tempfile.mkdtemp(prefix="crowd-"))
    with ExitStack() as stack:
        port = serve(stack, folder)
        began = time.perf_counter()
        figures = asyncio.run(crowd(port, residents))
        seconds = time.perf_counter() - began
    told = sorted(figures.took)
    otherwise = [n for n, read in figures.read.items() if read != figures.read[0] and n not in figures.slowly]
    found = {
        "answered": len(told),
        "of them told that too many are writing": figures.busy,
        "per second": round(len(told) / seconds),
        "p50 s": round(told[len(told) // 2], 2),
        "p99 s": round(told[int(len(told) * 0.99)], 2),
        "deliveries given up on": figures.late,
        "messages never answered": figures.unserved,
        "residents answered at once": residents - len(figures.slowly),
        "of them, walks that went otherwise": len(otherwise),
    }
    print(json.dumps(found, indent=1))
    if otherwise:
        alone, other = figures.read[0], figures.read[otherwise[0]]
        print(*(f"{a[:80]!r} {b[:80]!r}" for a, b in zip(alone, other, strict=False) if a != b), sep="\n")
    if "--keep" in sys.argv:
        print(folder)
    else:
        shutil.rmtree(folder)
    sys.exit(bool(found["p99 s"] > GOAL or figures.late or otherwise))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:] if a.isdigit()))
