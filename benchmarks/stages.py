"""Where the CPU of a message goes: µs of each stage, without the stages inside it.

    .venv/bin/python benchmarks/stages.py [plain|safe] [RESIDENTS]

One process with a Valkey of its own; the walk of the bench. Stages are timed by their thread's CPU time, so
other programs on the machine make them slower and do not change their shares.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from bench import SUBJECTS, environment  # noqa: E402
from in_process import over_wsgi  # noqa: E402
from residents import walk  # noqa: E402

from bot import logs  # noqa: E402
from bot.kit.embedded import EmbeddedValkey  # noqa: E402
from bot.store import forms, redis, wire  # noqa: E402
from bot.turn import attempts, background, calls, turns, writing  # noqa: E402


class Stages:
    """Adds up nanoseconds and calls by stage, those of inner stages left out."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._inner = threading.local()

    def timed(self, stage: str, owner: Any, name: str) -> None:
        setattr(owner, name, self.timing(stage, getattr(owner, name)))

    def timing(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            outer, self._inner.spent = getattr(self._inner, "spent", 0), 0
            began = time.thread_time_ns()
            try:
                return function(*args, **options)
            finally:
                took = time.thread_time_ns() - began
                self.spent[stage] += took - self._inner.spent
                self.calls[stage] += 1
                self._inner.spent = outer + took

        return run


def timed_stages() -> Stages:
    stages = Stages()
    stages.timed("the turn around its parts", turns.Turns, "handle")
    stages.timed("the turn around its parts", attempts, "drive")  # what a call leads to, on its own thread
    stages.timed("begin: keys, snapshot", redis.RedisStore, "begin")
    stages.timed("session: open, inflate, decode", forms.Forms, "session")
    stages.timed("engine: read and decide", turns, "step")
    stages.timed("engine: read and decide", background, "step")
    stages.timed("what a turn leaves: reply, jobs, trace, evidence", writing.Writer, "commit")
    stages.timed("commit: keys, facts, replies and trace sealed", redis.RedisStore, "commit")
    stages.timed("session: encode, deflate, seal", forms.Forms, "sealed_session")
    stages.timed("Redis: sending, reading", wire.Client, "execute_command")
    stages.timed("calls: limits, the invented bureau", calls.Calls, "make")
    logs._PROCESSORS[:] = [stages.timing("log line", logs._PROCESSORS[0])]
    stages.timed("log line", logs._Out, "write")
    return stages


def main(mode: str = "plain", residents: str = "100") -> None:
    valkey = EmbeddedValkey(Path(tempfile.mkdtemp(prefix="stages-")) / "valkey").start()
    os.environ.update(environment(SUBJECTS[0], valkey.url, mode))
    os.chdir(HERE.parent)
    sys.stderr, error = io.StringIO(), sys.stderr  # the log
    stages = timed_stages()
    from bot.wsgi import app

    send = over_wsgi(stages.timing("webhook: HTTP, signature, XML, encryption", app), mode == "safe")
    sent = spent = 0
    for resident in range(int(residents) + 5):
        if resident == 5:  # scripts and content are loaded
            stages.spent.clear()
            stages.calls.clear()
            sent = spent = 0
        steps, answer = walk(resident), None
        while True:
            try:
                openid, text = steps.send(answer)  # type: ignore[arg-type]
            except StopIteration:
                break
            took, answer = send(openid, text, resident * 100 + sent % 100)
            spent, sent = spent + took, sent + 1
    sys.stderr = error
    valkey.stop()
    rest = {"threads, hand-over, timing": spent - stages.spent.total()}
    print("| stage | µs a message | share | times a message |\n|---|---|---|---|")
    for stage, ns in (*stages.spent.most_common(), *rest.items()):
        times = f"{stages.calls[stage] / sent:.2f}" if stage in stages.calls else ""
        print(f"| {stage} | {ns / sent / 1000:,.0f} | {ns / spent:.0%} | {times} |")
    print(f"| all | {spent / sent / 1000:,.0f} | 100% | {sent} messages |", flush=True)
    os._exit(0)  # its threads wait for more


if __name__ == "__main__":
    main(*sys.argv[1:])
