"""What a message costs, counted and not timed, so that a loaded machine makes no difference.

The budget is checked in. It is lowered when less is needed; to raise it is a decision.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import redis

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


@contextmanager
def counted_calls() -> Iterator[Callable[[], int]]:
    """Calls of functions in this thread and in those that start meanwhile, Python's own and in C."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield lambda: count
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def whole_walk(send: Callable[[str, str, int], tuple[int, str]], resident: int) -> None:
    steps, answer = walk(resident), None
    for number in range(len(WALK)):
        _, answer = send(*steps.send(answer), resident * 100 + number)  # type: ignore[arg-type]


def test_a_message_costs_no_more_than_its_budget(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(wechat_token=TOKEN, wechat_app_id=APP_ID, wechat_aes_keys=(AES_KEY,), wechat_mode="plain")
    send = over_wsgi(create_app(bot), safe=False)
    with counted_calls() as calls:
        whole_walk(send, 1)  # content and scripts are loaded
        made, before = calls(), commands(bot.client)
        whole_walk(send, 2)
        made = calls() - made
    ran = {name: n - before.get(name, 0) for name, n in commands(bot.client).items() if name != "info"}
    costs = {
        "round trips": (ran["evalsha"] + ran.get("eval", 0)) / len(WALK),
        "commands in the store": sum(ran.values()) / len(WALK),
        "function calls": made / len(WALK),
    }
    budget = json.loads((BENCHMARKS / "budget.json").read_text())
    over = {
        what: (round(cost, 2), budget[what]) for what, cost in costs.items() if cost > budget[what] * SLACK
    }
    assert not over, "(cost, budget) of one message; benchmarks/budget.json"
