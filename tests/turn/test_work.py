"""What a message costs, counted and not timed, so that a loaded machine makes no difference.

The budget is checked in. It is lowered when less is needed; to raise it is a decision.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import redis
from prometheus_client import values

from bot import logs
from bot.account import metrics
from bot.app import Bot, create_app

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

from in_process import over_wsgi  # noqa: E402
from residents import AES_KEY, APP_ID, TOKEN, WALK, walk  # noqa: E402

SLACK = 1.03
"""Releases of Python differ a little in what they count as a call."""


def commands(client: redis.Redis) -> dict[str, int]:
    """How often each was run, inside scripts and outside."""
    found = cast("dict[str, dict[str, int]]", client.info("commandstats"))
    return {name.removeprefix("cmdstat_"): one["calls"] for name, one in found.items()}


class Calls:
    """Counts calls of functions, Python's own and in C, in threads whose profiler it is."""

    count = 0

    def __call__(self, _: Any, event: str, __: Any) -> None:
        self.count += event in ("call", "c_call")


def whole_walk(send: Callable[[str, str, int], tuple[int, str]], resident: int) -> None:
    steps, answer = walk(resident), None
    for number in range(len(WALK)):
        _, answer = send(*steps.send(answer), resident * 100 + number)  # type: ignore[arg-type]


def test_a_message_costs_no_more_than_its_budget(
    make_bot: Callable[..., Bot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures for Prometheus included."""
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)  # and put back
    metrics.registry(tmp_path, 0)
    bot = make_bot(wechat_token=TOKEN, wechat_app_id=APP_ID, wechat_aes_keys=(AES_KEY,), wechat_mode="plain")
    send = over_wsgi(create_app(bot), safe=False)
    calls = Calls()
    threading.setprofile(calls)  # for the threads that the first walk starts
    try:
        whole_walk(send, 1)  # content and scripts are loaded
        calls.count, before = 0, commands(bot.client)
        sys.setprofile(calls)
        whole_walk(send, 2)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        logs.observe(None)
    ran = {name: n - before.get(name, 0) for name, n in commands(bot.client).items() if name != "info"}
    costs = {
        "round trips": (ran["evalsha"] + ran.get("eval", 0)) / len(WALK),
        "commands in the store": sum(ran.values()) / len(WALK),
        "function calls": calls.count / len(WALK),
    }
    budget = json.loads((BENCHMARKS / "budget.json").read_text())
    over = {
        what: (round(cost, 2), budget[what]) for what, cost in costs.items() if cost > budget[what] * SLACK
    }
    assert not over, "(cost, budget) of one message; benchmarks/budget.json"
