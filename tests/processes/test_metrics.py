"""Figures of real processes: no count is lost or told twice when they are replaced, reloaded or killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from .kit import PATIENCE, Service, copy_content, free_port, processes, until

pytestmark = pytest.mark.slow


def figures(port: int) -> dict[str, float]:
    """Summed over labels; empty where nobody answers."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            text = session.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).text
        except requests.RequestException:
            return {}
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def test_counts_go_on_whoever_is_reloaded_or_killed(tmp_path: Path) -> None:
    port = free_port()
    service = Service(copy_content(tmp_path / "own"), tmp_path, {"SHEBAO_METRICS": f"127.0.0.1:{port}"})
    try:
        service.start()
        phone = service.phone()
        said = 0

        def says() -> None:
            nonlocal said
            phone.say("帮助")
            said += 1
            assert until(lambda: figures(port).get("shebao_deliveries_total") == said), (said, figures(port))

        says()
        assert until(lambda: figures(port).get("shebao_worker_beat_age_seconds", 61) < 60), "no beat yet"
        web = service.pids()["web"]
        os.kill(service.pids()["server"], signal.SIGHUP)
        assert until(lambda: web not in processes(service.root) and service.health() == 200)
        says()
        os.kill(service.pids()["web"], signal.SIGKILL)
        assert until(lambda: service.health() == 200)
        says()
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{service.url}/metrics", timeout=PATIENCE).status_code == 404, (
                "not where WeChat calls"
            )
        files = {path.name for path in (service.root / "var" / "metrics" / str(port)).glob("*.db")}
        assert len(files) <= 6, "no more than processes"
    finally:
        service.kill_everything()
