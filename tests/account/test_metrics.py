"""Figures: each event is counted once, the store's are read and not counted, and nobody is named."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT, settings
from moment import Clock
from phone import Phone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from turn.kit import refusing

from bot import logs
from bot.account import metrics
from bot.account.line_metrics import MOST, Lines
from bot.account.store_metrics import WITHIN, StoreCollector
from bot.actions import ACTIONS
from bot.app import Bot, create_app, create_bot
from bot.kit.embedded import EmbeddedValkey
from bot.store.switches import plan
from bot.turn.pulse import Pulse


def shown(registry: CollectorRegistry) -> dict[str, float]:
    """`name{label="value"}` -> value."""
    found = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@pytest.fixture
def registry(bot: Bot) -> Iterator[CollectorRegistry]:
    """What one process shows; its counts begin with the test."""
    made = CollectorRegistry()
    logs.observe(Lines(made))
    made.register(StoreCollector(bot))
    yield made
    logs.observe(None)


def sign_in(phone: Phone) -> None:
    phone.say("挂失")
    phone.say("同意")
    phone.say(phone.person.id_number)
    phone.say(phone.person.name)
    phone.say(re.sub(r"\D", "", phone.bubble.text.partition("：")[2])[:4])


def test_a_delivery_and_its_calls_are_counted_once(phone: Phone, registry: CollectorRegistry) -> None:
    sign_in(phone)
    found = shown(registry)
    assert found['shebao_deliveries_total{kind="TextReceived",result="called"}'] == 1
    answered = sum(n for name, n in found.items() if name.startswith("shebao_deliveries_total"))
    assert (
        answered == phone.sent == found["shebao_answer_seconds_count"] == found["shebao_store_seconds_count"]
    )
    assert found['shebao_calls_total{action="real_name.check",outcome="match"}'] == 1
    assert found['shebao_call_seconds_count{action="real_name.check"}'] == 1
    assert found['shebao_flow_runs_total{event="begun",flow="report_loss"}'] == 1, "as the commit counted it"


def test_what_nothing_answered_is_read_from_the_store(phone: Phone, registry: CollectorRegistry) -> None:
    phone.say("帮助")
    phone.say("qwrtzpsdfg")
    assert shown(registry)["shebao_unanswered_messages_total"] == 1


def test_nobody_is_named_and_no_label_grows_with_what_is_written(
    phone: Phone, bot: Bot, registry: CollectorRegistry
) -> None:
    sign_in(phone)
    for n in range(40):
        phone.say(f"问题{n}")
    before = len(shown(registry))
    for n in range(40):
        phone.say(f"别的{n}")
    found = shown(registry)
    assert len(found) == before
    text = "\n".join(found)
    owner = bot.store.owner(phone.openid)
    for personal in (phone.openid, owner.tag, phone.person.name, phone.person.id_number, "问题"):
        assert personal not in text


@pytest.mark.parametrize("written", ["a service that calls back", "新的"])
def test_an_unknown_value_is_other(written: str) -> None:
    made = CollectorRegistry()
    lines = Lines(made)
    lines("info", {"event": "call", "action": written, "outcome": "done", "ms": 1})
    action = next(iter(ACTIONS))
    lines("info", {"event": "call", "action": action, "outcome": written, "ms": 1})
    for n in range(1000):
        lines("warning", {"event": "wechat_error", "call": "media/get", "errcode": n})
    found = shown(made)
    assert found['shebao_calls_total{action="other",outcome="other"}'] == 1
    assert found[f'shebao_calls_total{{action="{action}",outcome="other"}}'] == 1
    assert found['shebao_wechat_errors_total{call="other",errcode="other"}'] == 1000 - MOST


def test_a_line_below_the_log_level_counts_all_the_same(phone: Phone, registry: CollectorRegistry) -> None:
    logs.configure("ERROR")
    try:
        phone.say("帮助")
    finally:
        logs.configure("INFO")
    assert shown(registry)['shebao_deliveries_total{kind="TextReceived",result="answered"}'] == 1


def test_what_stands_in_the_store_is_told(bot: Bot, registry: CollectorRegistry) -> None:
    Pulse(bot.store, raises=True, serves=lambda: bot.content.revision).beat()
    now = bot.client.time()[0]
    bot.client.zadd("sb:{s3}:due", {"j:one": now - 100, "t:two": now - 5, "j:three": now + 500})
    bot.client.zadd("sb:{s9}:due", {"p:four": now - 40})
    bot.client.hset("sb:{s5}:dead", "j:five", f"{now} ValueError")
    bot.store.switches.off(plan("card", "", "", int(bot.now()) - 3600))
    bot.store.switches.off(plan("card", "", "", int(bot.now())))
    bot.client.set("wechat:token:wx0000000000000001", b"sealed", ex=7000)
    bot.client.zadd("wechat:spent:wx0000000000000001", {"message/custom/send": bot.now() + 100})
    found = shown(registry)
    assert found["shebao_store_up"] == found["shebao_store_writable"] == 1
    assert found['shebao_work_due{kind="call"}'] == 1
    assert 100 <= found['shebao_work_oldest_seconds{kind="call"}'] < 160
    assert 40 <= found['shebao_work_oldest_seconds{kind="push"}'] < 100
    assert found["shebao_work_scheduled"] == 1
    assert found["shebao_dead_letters"] == 1
    assert found['shebao_service_off{service="card"}'] == 1
    assert found['shebao_service_off{service="photos"}'] == 0
    assert 3600 <= found['shebao_service_off_seconds{end="open",service="card"}'] < 3660
    assert found["shebao_store_beat"] == 1
    assert 0 <= found["shebao_worker_beat_age_seconds"] < 60
    assert found["shebao_store_epochs"] == 1
    assert found['shebao_store_memory_bytes{node=""}'] > 0
    assert 6900 < found["shebao_wechat_token_remaining_seconds"] <= 7000
    assert found['shebao_wechat_quota_spent{call="message/custom/send"}'] == 1
    (process,) = (name for name in found if name.startswith("shebao_process_info"))
    assert f'revision="{bot.content.revision}"' in process
    assert not any(found[f'shebao_store_doubt{{what="{what}"}}'] for what in ("older", "empty", "other"))


@pytest.mark.slow
def test_a_silent_store_keeps_nobody_waiting_and_is_told(tmp_path: Path, clock: Clock) -> None:
    with EmbeddedValkey(tmp_path) as valkey:
        bot = create_bot(ROOT, settings(valkey.url), clock)
        registry = CollectorRegistry()
        registry.register(StoreCollector(bot))
        server = int(bot.client.info("server")["process_id"])
        os.kill(server, signal.SIGSTOP)
        try:
            began = time.monotonic()
            found = shown(registry)
            took = time.monotonic() - began
        finally:
            os.kill(server, signal.SIGCONT)
        bot.client.close()
    assert (found["shebao_store_up"], found["shebao_store_writable"]) == (0, 0)
    assert took < WITHIN + 5, "Prometheus waits 10 seconds"


def test_a_store_that_refuses_writes_is_told_and_still_read(bot: Bot, registry: CollectorRegistry) -> None:
    with refusing(bot.client, "OOM"):
        found = shown(registry)
    assert (found["shebao_store_up"], found["shebao_store_writable"]) == (1, 0)
    assert "shebao_dead_letters" in found


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
def test_names_and_units_are_as_prometheus_wants_them(phone: Phone, registry: CollectorRegistry) -> None:
    sign_in(phone)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=generate_latest(registry), capture_output=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_numbers_are_taken_over_and_the_first_begins_anew(tmp_path: Path) -> None:
    one, first = metrics.number_in(tmp_path)
    two, second = metrics.number_in(tmp_path)
    assert (one, two) == (0, 1)
    counted = tmp_path / "counter_0.db"
    counted.write_bytes(b"")
    os.close(first)
    assert metrics.number_in(tmp_path)[0] == 0, "whoever comes next counts on"
    assert counted.exists(), "another is alive"
    os.close(second)


def test_an_address_in_use_leaves_the_service_alone(bot: Bot, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SimpleNamespace(**{**vars(bot.settings), "metrics": f"127.0.0.1:{taken.getsockname()[1]}"})
        metrics.start(SimpleNamespace(**{**vars(bot), "settings": settings, "root": tmp_path}))()  # type: ignore[arg-type]
    assert create_app(bot).test_client().get("/healthz").status_code == 200
