"""1,000 replays of ten turns in process, under 15 s on 2 cores: python benchmarks/replay.py [PROCESSES]."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from bot.kit.replay.run import Options, everything
from bot.kit.replay.written import text

ROOT = Path(__file__).parent.parent
REPLAYS, BUDGET = 1000, 15.0
PEOPLE = ("张三", "李小芳", "港居民", "古丽·示例", "ANNA MARIA SAMPLE")


def conversation(number: int) -> str:
    """Signing in, a loss report to its receipt, and two questions: ten turns, every reply judged."""
    person = {"person": PEOPLE[number % len(PEOPLE)]}
    turns = [
        {"tap": "挂失停用", "expect": "~您同意吗", "at": "sign_in.consent"},
        {"say": "同意", "expect": "~18位", "at": "sign_in.id_number"},
        {"say": f"9{number}", "expect": "~18位", "at": "sign_in.id_number"},
        {"say": "{id_number}", "expect": "~姓名", "at": "sign_in.name"},
        {"say": "{name}", "expect": r"/\d \d \d \d/", "at": "sign_in.code"},
        {"say": "{code}", "expect": "~卡要怎么停", "at": "report_loss.kind"},
        {"say": "1", "expect": "~请核对", "at": "report_loss.check"},
        {"say": "确认停用", "expect": "~【已停用】", "at": "nothing", "calls": ["card.report_loss"]},
        {"redeliver": "last", "expect": "same"},
        {"tap": "带什么材料", "expect": "/./", "at": "nothing"},
    ]
    return text({"resident": person, "seed": str(number), "turns": turns})


def main(jobs: int) -> None:
    from bot import logs

    logs.configure("CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(REPLAYS):
            path = Path(folder) / f"{number:04d}.yaml"
            path.write_text(conversation(number), encoding="utf-8")
            paths.append(path)
        began = time.perf_counter()
        results = list(everything(paths, Options(ROOT), jobs))
        took = time.perf_counter() - began
    failed = [r for r in results if r.text]
    for one in failed[:3]:
        print(one.text)
    turns = sum(r.turns for r in results)
    print(
        f"{len(results)} replays, {turns} turns, {jobs} processes: {took:.1f} s ({turns / took:,.0f} turns/s)"
    )
    assert not failed
    assert took < BUDGET, f"{took:.1f} s"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else min(2, len(os.sched_getaffinity(0))))
