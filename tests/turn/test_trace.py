"""One id for a delivery: in every log line about it, whoever writes it, and in what the bureau is sent."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import pytest
import responses
import structlog
from conftest import SEAL_KEY
from docs.kit import marked, table
from services.kit import a_request

from bot import logs
from bot.app import Bot, create_app
from bot.ports import Request, Result, Unknown
from bot.services.http import HttpService
from bot.store.redis import RedisStore
from bot.store.seal import Seal, new_key
from turn.kit import LOSS, RECEIPT, Clerk, Resident, work

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

from in_process import over_wsgi  # noqa: E402
from residents import AES_KEY, APP_ID, TOKEN, WALK, walk  # noqa: E402

PARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-01")
BYTES = 400
"""Of log lines, for one message."""


@contextmanager
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    stream = io.StringIO()
    with redirect_stderr(stream):
        logs.configure("DEBUG")
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure()


def test_web_worker_and_bureau_call_a_delivery_by_one_name(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    sent: list[str] = []

    def asked(_: Request) -> Result:
        sent.append(logs.traceparent()["traceparent"])
        if len(sent) == 1:
            raise Unknown("no answer")
        return Result("done", RECEIPT)

    resident.to_the_summary()
    clerk.says[LOSS] = [asked, asked]
    with logged() as lines:
        resident.say("确认停用")
        resident.again()
        store.jobs.sooner(3600)
        work(store, resident.turns, kinds="j")
        found = [(line["event"], line["trace_id"]) for line in lines() if line["event"] in ("turn", "call")]
    assert [event for event, _ in found].count("call") == 2
    assert len({trace for _, trace in found}) == 1
    parents = [PARENT.fullmatch(parent) for parent in sent]
    assert [parent[1] for parent in parents if parent] == [found[0][1]] * 2
    assert sent[0] != sent[1], "each attempt is a span of its own"


def test_another_message_has_another_name_and_none_is_left_behind(resident: Resident) -> None:
    with logged() as lines:
        resident.say("帮助")
        resident.say("帮助")
        logs.configure("DEBUG")
        names = [line["trace_id"] for line in lines() if line["event"] == "turn"]
    assert len(set(names)) == 2
    assert logs.traceparent() == {}


def test_the_name_of_a_delivery_needs_the_key_of_tags(store: RedisStore) -> None:
    """A delivery holds the openid: whoever has a log and a list of followers must not find who is who."""
    owner = store.owner("o-made-up")
    other = RedisStore(store.client, Seal([SEAL_KEY], new_key()))
    names = {at.trace_id(owner, "o-made-up:1") for at in (store, store, other)}
    assert len(names) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_a_name_that_looks_like_a_mobile_number_stays_whole() -> None:
    name = "13800138000".ljust(32, "a")
    with logged() as lines, logs.tracing(name):
        structlog.get_logger().info("made up", said="13800138000")
        (line,) = lines()
    assert (line["trace_id"], line["said"]) == (name, "***")


@responses.activate
def test_the_bureau_is_told_and_without_a_delivery_it_is_not() -> None:
    responses.post("https://bureau.example/v1/outlets/near", status=503)
    service = HttpService("https://bureau.example", "made-up")
    for trace in ("", "ab" * 16):
        with logs.tracing(trace), pytest.raises(Unknown):
            service.perform(a_request("outlets.near", place={"text": "中心"}))
    without, named = (call.request.headers for call in responses.calls)
    assert "traceparent" not in without
    parent = PARENT.fullmatch(named["traceparent"])
    assert parent
    assert parent[1] == "ab" * 16


TYPES = {"text": str, "number": int, "list": list, "yes/no": bool}


def test_lines_are_as_documented_and_short(make_bot: Callable[..., Bot]) -> None:
    """What residents of the benchmark do, from the first greeting to a receipt."""
    types = {
        name: kind
        for row in table("docs/logs.md", "field")
        for name, kind in zip(marked(row[0]), row[1].split(", ") * len(marked(row[0])), strict=False)
    }
    events = {marked(row[0])[0]: set(marked(row[2])) for row in table("docs/logs.md", "event")}
    bot = make_bot(wechat_token=TOKEN, wechat_app_id=APP_ID, wechat_aes_keys=(AES_KEY,), wechat_mode="plain")
    send = over_wsgi(create_app(bot), safe=False)
    with logged() as lines:
        logs.configure("INFO")
        steps, answer = walk(1), None
        for number in range(len(WALK)):
            _, answer = send(*steps.send(answer), number)  # type: ignore[arg-type]
        found = lines()
    assert {line["event"] for line in found} >= {"turn", "call"}
    for line in found:
        assert set(line) - {"event", "level", "timestamp", "trace_id"} <= events[line["event"]]
        for name, value in line.items():
            assert isinstance(value, TYPES[types[name]]), (name, value)
    size = sum(len(json.dumps(line, ensure_ascii=False).encode()) + 1 for line in found)
    assert size / len(WALK) <= BYTES, size / len(WALK)
    longest = max(len(json.dumps(line, ensure_ascii=False).encode()) for line in found)
    assert longest <= BYTES
