"""Each thing is broken, and its alarm fires on what the processes then show; while all is well none does."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import ROOT, settings
from loaded import read_yaml
from phone import Phone
from processes.kit import free_port
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from services.certificate import self_signed
from turn.kit import refusing
from turn.test_push import queue
from wechat.wechat_api import serving
from werkzeug.serving import make_server

from bot import logs
from bot.account import metrics
from bot.account.line_metrics import Lines
from bot.account.outside_metrics import OutsideCollector
from bot.account.store_metrics import StoreCollector
from bot.actions import switches
from bot.app import Bot, create_app, create_bot, wall_clock
from bot.engine.events import Maintenance
from bot.kit.embedded import EmbeddedValkey
from bot.store.fleet import Fleet
from bot.store.redis import SHARDS
from bot.turn.pulse import Pulse
from bot.wechat.quota import PUSHES
from bot.wechat.spent import Spent

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
NAMES = tuple(rule["alert"] for group in read_yaml(ALERTS)["groups"] for rule in group["rules"])
RUNBOOKS = ("docs/runbook.md", "docs/runbook.zh-CN.md")
needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"
)
UP = 'up{job="shebao"}'


@dataclass(frozen=True)
class Scrape:
    """What Prometheus reads at one time. `counters`: names of series that only grow."""

    values: dict[str, float]
    counters: frozenset[str] = frozenset()


def scrape_of(text: str) -> Scrape:
    values, counters = {UP: 1.0}, set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(sample.labels.items()))
            values[name := f"{sample.name}{{{labels}}}"] = sample.value
            if family.type in ("counter", "histogram"):
                counters.add(name)
    return Scrape(values, frozenset(counters))


NOBODY = Scrape({UP: 0.0})
Phase = tuple[Scrape, Scrape, int]
"""For so many minutes it goes on as it did from the one scrape to the other."""


def series(phases: list[Phase]) -> list[dict[str, str]]:
    names = sorted({name for _, to, _ in phases for name in to.values})
    found = []
    for name in names:
        counter = any(name in to.counters for _, to, _ in phases)
        at, told = 0.0, []
        for first, (begun, ended, minutes) in enumerate(phases):
            at = begun.values.get(name, at) if not first else at
            for _ in range(minutes):
                if name not in ended.values:
                    told.append("_")
                    continue
                at = at + ended.values[name] - begun.values.get(name, 0.0) if counter else ended.values[name]
                told.append(f"{at:g}")
        found.append({"series": name, "values": " ".join(told)})
    return found


def fires(folder: Path, alarm: str, phases: list[Phase]) -> None:
    """`alarm` fires at the end and nothing does at the end of the phase before."""
    well, end = sum(minutes for _, _, minutes in phases[:-1]), sum(minutes for _, _, minutes in phases)
    fired = f'count(ALERTS{{alertname="{alarm}", alertstate="firing"}}) > bool 0'
    checks = [
        {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{well - 1}m", "exp_samples": []},
        {"expr": fired, "eval_time": f"{end - 1}m", "exp_samples": [{"labels": "{}", "value": 1}]},
    ]
    tests = [{"interval": "1m", "input_series": series(phases), "promql_expr_test": checks}]
    told = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    path = folder / "test.yaml"
    path.write_text(json.dumps(told))
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# --- a service that can be broken ----------------------------------------------------------------
class Stage:
    """A service over the test's store, and what it shows."""

    def __init__(self, url: str, now: Callable[[], int] = wall_clock, **changed: object) -> None:
        self.bot: Bot = create_bot(ROOT, settings(url, **changed), now)
        self.registry = CollectorRegistry()
        logs.observe(Lines(self.registry))
        self.registry.register(StoreCollector(self.bot))
        self.outside = OutsideCollector(self.bot, every=1e9)
        self.outside.collect()
        self.registry.register(self.outside)
        self.pulse = Pulse(self.bot.store, raises=True, serves=lambda: self.bot.content.revision)
        self.pulse.beat()
        self.app = create_app(self.bot)
        self.phone = Phone(self.app.test_client(), self.bot)
        self.phone.say("帮助")

    def scrape(self) -> Scrape:
        return scrape_of(generate_latest(self.registry).decode())

    def sign_in(self, name: str = "") -> None:
        phone = self.phone
        phone.say("挂失")
        phone.say("同意")
        phone.say(phone.person.id_number)
        phone.say(name or phone.person.name)
        phone.say(re.sub(r"\D", "", phone.bubble.text.partition("：")[2])[:4])


@pytest.fixture
def make_stage(redis_url: str) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(url: str = redis_url, **given: Any) -> Stage:
        made.append(Stage(url, **given))
        return made[-1]

    yield make
    logs.observe(None)
    for stage in made:
        stage.bot.client.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage()


def then(stage: Stage, breaks: Callable[[], object], quiet: int = 20, broken: int = 30) -> list[Phase]:
    """All was well, and went on like that; then it broke, and goes on like this."""
    first = stage.scrape()
    stage.phone.say("帮助")
    well = stage.scrape()
    breaks()
    return [(first, well, quiet), (well, stage.scrape(), broken)]


# --- the rules and the runbooks ------------------------------------------------------------------
@needs_promtool
def test_the_rules_are_as_prometheus_wants_them() -> None:
    done = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_each_alarm_has_its_entry(runbook: str) -> None:
    text = (ROOT / runbook).read_text()
    assert tuple(re.findall(r"(?m)^### (\w+)$", text)) == NAMES
    entries = re.split(r"(?m)^### \w+$", text)[1:]
    parts = re.findall(r"\*\*(.+?)[.。]\*\*", entries[0])
    assert len(parts) == 3
    for name, entry in zip(NAMES, entries, strict=True):
        assert re.findall(r"\*\*(.+?)[.。]\*\*", entry)[:3] == parts, name


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_the_runbooks_speak_of_what_there_is(runbook: str) -> None:
    from bot.cli import main

    text = (ROOT / runbook).read_text()
    assert set(re.findall(r"`shebao ([a-z-]+)", text)) <= set(main.commands)
    source = "".join(p.read_text() for p in (ROOT / "bot" / "account").glob("*_metrics.py"))
    source += (ROOT / "bot" / "account" / "metrics.py").read_text()
    for name in re.findall(r"`shebao_(\w+?)(?:_total|_seconds|_info)?`", text):
        assert name in source, name


def test_every_alarm_is_seen_to_fire() -> None:
    text = Path(__file__).read_text()
    assert [name for name in NAMES if f'"{name}"' not in text] == []


# --- each thing broken ---------------------------------------------------------------------------
def marked(test: Any) -> Any:
    return needs_promtool(pytest.mark.slow(test))


def everywhere(stage: Stage, **fields: object) -> None:
    """Of every shard's life."""
    for shard in range(SHARDS):
        stage.bot.client.hset(f"sb:{{s{shard}}}:life", mapping=fields)  # type: ignore[arg-type]


def dead(stage: Stage) -> None:
    stage.bot.client.hset("sb:{s3}:j:one", mapping={"d": b"sealed"})
    for n in range(1, 7):
        stage.bot.client.hset("sb:{s3}:j:one", "a", n)
        stage.bot.store.jobs.failed(3, "j:one", "KeyError", n)


def another_release(stage: Stage) -> None:
    said = {"keys": [], "first": {}, "release": "0.0.9", "id": "old"}
    stage.bot.client.hset("sb:fleet", "p:old", f"{wall_clock()} {json.dumps(said)}")


def another_revision(stage: Stage) -> None:
    Fleet(stage.bot.client, stage.bot.store.seal, {}).say("another")


def unreadable(stage: Stage) -> None:
    owner = stage.bot.store.owner(stage.phone.openid)
    stage.bot.client.hset(owner.key("s", owner.tag), "d", b"garbage")
    stage.phone.say("帮助")


def nearly_full(stage: Stage) -> None:
    stage.bot.client.config_set("maxmemory", int(stage.bot.client.info("memory")["used_memory"] * 1.1))


def emptied(stage: Stage) -> None:
    stage.pulse.beat()
    stage.bot.client.flushall()
    stage.pulse.beat()


BREAKS: dict[str, Callable[[Stage], object]] = {
    "ShebaoStoreNearlyFull": nearly_full,
    "ShebaoStoreInDoubt": emptied,
    "ShebaoWorkerStill": lambda stage: everywhere(stage, at=wall_clock() - 100),  # time passed, no beat
    "ShebaoWorkLate": lambda stage: stage.bot.client.zadd("sb:{s3}:due", {"j:one": wall_clock() - 200}),
    "ShebaoDeadLetters": dead,
    "ShebaoErrors": unreadable,
    "ShebaoRevisionsDiffer": another_revision,
    "ShebaoReleasesDiffer": another_release,
    "ShebaoQuotaSpent": lambda stage: Spent(
        stage.bot.client, stage.bot.settings.wechat_app_id, stage.bot.now
    ).note("message/custom/send"),
}


@marked
@pytest.mark.parametrize("alarm", BREAKS)
def test_what_stands_in_the_store(stage: Stage, tmp_path: Path, alarm: str) -> None:
    try:
        fires(tmp_path, alarm, then(stage, lambda: BREAKS[alarm](stage), broken=100))
    finally:
        stage.bot.client.config_set("maxmemory", 0)


@marked
def test_no_process_answers(redis_url: str, tmp_path: Path) -> None:
    bot = create_bot(ROOT, settings(redis_url, metrics=f"127.0.0.1:{free_port()}"), wall_clock)
    stop = metrics.start(replace(bot, root=tmp_path))
    with requests.Session() as session:
        session.trust_env = False
        Pulse(bot.store, raises=True).beat()
        well = scrape_of(session.get(f"http://{bot.settings.metrics}/metrics", timeout=10).text)
        stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"http://{bot.settings.metrics}/metrics", timeout=10)
    fires(tmp_path, "ShebaoDown", [(well, well, 20), (well, NOBODY, 10)])
    bot.client.close()


@marked
@pytest.mark.parametrize("alarm", ["ShebaoApologises", "ShebaoStoreRefuses", "ShebaoStoreFails"])
def test_a_store_that_refuses_writes(make_stage: Callable[..., Stage], tmp_path: Path, alarm: str) -> None:
    stage = make_stage(budget=1.0)
    first = stage.scrape()
    stage.phone.say("帮助")
    well = stage.scrape()
    with refusing(stage.bot.client, "OOM"):
        stage.phone.say("帮助")
        broken = stage.scrape()
    fires(tmp_path, alarm, [(first, well, 20), (well, broken, 30)])


@marked
def test_a_store_that_is_away(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as valkey:
        stage = make_stage(valkey.url)
        first = stage.scrape()
        stage.phone.say("帮助")
        well = stage.scrape()
    fires(tmp_path, "ShebaoStoreAway", [(first, well, 20), (well, stage.scrape(), 30)])


@marked
def test_a_store_that_pauses(stage: Stage, tmp_path: Path) -> None:
    def pauses() -> None:
        stage.bot.client.execute_command("CLIENT", "PAUSE", 3300, "ALL")
        stage.phone.say("帮助")

    fires(tmp_path, "ShebaoAnswersLate", then(stage, pauses))


class Late:
    """A client whose requests have waited for so many seconds."""

    def __init__(self, client: Any, waited: float) -> None:
        self._client, self._waited = client, waited

    def post(self, path: str, **given: Any) -> Any:
        return self._client.post(path, headers={"X-Queue-Time": f"{self._waited:.3f}"}, **given)


@marked
def test_more_write_than_can_be_answered(stage: Stage, tmp_path: Path) -> None:
    late = Phone(Late(stage.app.test_client(), 3.0), stage.bot, name="late")  # type: ignore[arg-type]
    fires(tmp_path, "ShebaoOverloaded", then(stage, lambda: late.say("帮助")))


@marked
def test_wechat_sends_nothing(stage: Stage, tmp_path: Path) -> None:
    first = stage.scrape()
    stage.phone.say("帮助")
    stage.phone.say("帮助")
    well = stage.scrape()
    fires(tmp_path, "ShebaoSilence", [(first, well, 1460), (well, well, 30)])


@marked
def test_the_bureau_is_away(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = make_stage(real_name=f"http://127.0.0.1:{free_port()}", bureau_token="made-up")
    fires(tmp_path, "ShebaoBureauDown", then(stage, stage.sign_in))


@marked
@pytest.mark.parametrize(("days", "ends_in"), [(2, None), (8, 1)])
def test_a_service_that_nobody_switched_on_again(
    stage: Stage, tmp_path: Path, days: int, ends_in: int | None
) -> None:
    now = wall_clock()
    until = now + ends_in * 86400 if ends_in else 0
    off = Maintenance("card", switches()["card"], now - days * 86400, until)
    fires(tmp_path, "ShebaoServiceForgotten", then(stage, lambda: stage.bot.store.switches.off(off)))


@marked
def test_a_maintenance_of_some_hours_wakes_nobody(stage: Stage, tmp_path: Path) -> None:
    off = Maintenance("card", switches()["card"], wall_clock() - 20 * 3600)
    phases = then(stage, lambda: stage.bot.store.switches.off(off))
    with pytest.raises(AssertionError, match="ShebaoServiceForgotten"):
        fires(tmp_path, "ShebaoServiceForgotten", phases)


@marked
def test_a_certificate_that_ends(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    def stage_until(days: int) -> Scrape:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self_signed(tmp_path, datetime.timedelta(days=days)))
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, ssl_context=context)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            stage = make_stage(public_url=f"https://127.0.0.1:{server.port}/wechat")
            stage.outside.look()
            return stage.scrape()
        finally:
            server.shutdown()

    well, ends = stage_until(90), stage_until(5)
    fires(tmp_path, "ShebaoCertificate", [(well, well, 20), (ends, ends, 30)])


@marked
def test_a_clock_that_is_wrong(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    off = 0
    stage = make_stage(now=lambda: wall_clock() + off)

    def breaks() -> None:
        nonlocal off
        off = 60

    fires(tmp_path, "ShebaoClock", then(stage, breaks))


@marked
def test_requests_with_a_wrong_signature(stage: Stage, tmp_path: Path) -> None:
    def forged() -> None:
        for _ in range(20):
            query = {"signature": "0" * 40, "timestamp": str(wall_clock()), "nonce": "abc", "echostr": "x"}
            assert stage.app.test_client().get("/wechat", query_string=query).status_code == 403

    fires(tmp_path, "ShebaoRefusesWeChat", then(stage, forged))


@marked
@pytest.mark.parametrize("alarm", ["ShebaoQuotaLow", "ShebaoToken", "ShebaoPushesRefused"])
def test_wechats_own_trouble(make_stage: Callable[..., Stage], tmp_path: Path, alarm: str) -> None:
    with serving() as api:
        real = {"wechat_app_secret": "app-secret", "wechat_api": api.url, "push": "yes"}
        stage = make_stage(**real)
        api.quotas = {PUSHES: {"daily_limit": 500, "used": 10, "remain": 490}}
        stage.outside.look()

        def breaks() -> None:
            if alarm == "ShebaoQuotaLow":
                api.quotas = {PUSHES: {"daily_limit": 500, "used": 490, "remain": 10}}
                stage.outside.look()
                return
            if alarm == "ShebaoPushesRefused":
                api.always = 48001
            else:
                api.no_token = 40164
                stage.bot.client.delete(f"wechat:token:{stage.bot.settings.wechat_app_id}")
            for name in ("one", "two", "three"):
                push(stage, name)

        fires(tmp_path, alarm, then(stage, breaks))


def push(stage: Stage, name: str) -> None:
    """Something waits for a resident, and a worker pushes it."""
    phone = Phone(stage.app.test_client(), stage.bot, name=name)
    phone.say("帮助")
    queue(stage.bot.store, phone.openid, "【已停用】")
    owner = stage.bot.store.owner(phone.openid)
    stage.bot.client.zadd(owner.key("due"), {f"p:{owner.tag}": 0})
    assert stage.bot.worker().take(owner.shard, f"p:{owner.tag}")


@marked
def test_somebody_guesses_names(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = make_stage(real_name_alarm=1)
    fires(tmp_path, "ShebaoManyFailedChecks", then(stage, lambda: stage.sign_in("王五")))
