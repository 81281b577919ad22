"""What keeps the service from starting under gunicorn is said in plain lines, once, and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from store.servers import PATIENCE, Server, ports, until

from bot.store.seal import new_key

ROOT = Path(__file__).parents[2]
GOOD = {
    "SHEBAO_SEAL_KEYS": new_key(),
    "SHEBAO_TAG_KEY": new_key(),
    "SHEBAO_WECHAT_TOKEN": "made0up",
    "SHEBAO_WECHAT_MODE": "plain",
    "SHEBAO_REDIS_URL": "redis://127.0.0.1:9/0",
}


def start(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAO_")}
    env = own | GOOD | changes | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SHEBAO_TAG_KEY": "", "SHEBAO_PUSH": "maybe"}, "SHEBAO_PUSH: must be one of yes, no"),
        ({"SHEBAO_SEAL_KEYS": "short"}, "sealing key"),
        ({"SHEBAO_REDIS_URL": "mysql://h"}, "Redis URL"),
    ],
)
@pytest.mark.parametrize("entry", ["bot.wsgi", "wsgi"])
def test_bad_settings_end_it_without_a_traceback(entry: str, changes: dict[str, str], says: str) -> None:
    ended = start("-c", f"import {entry}", **changes)
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 3


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--check",)])
def test_the_command_ends_too(more: tuple[str, ...]) -> None:
    ended = start("-m", "bot.cli", "web", "--bind", "127.0.0.1:0", *more, SHEBAO_SEAL_KEYS="")
    assert ended.stderr.count("Error: SHEBAO_SEAL_KEYS is missing") == 1
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 1


@pytest.mark.slow
def test_while_redis_is_away_a_worker_is_started_again_until_it_is_back(tmp_path: Path) -> None:
    """Whoever ended gunicorn for it would take the workers along that still serve."""
    port, redis_port = ports(2)
    own = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAO_")}
    env = own | GOOD | {"PYTHONPATH": str(ROOT), "SHEBAO_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    command = ("-m", "bot.cli", "web", "--bind", f"127.0.0.1:{port}")
    with (tmp_path / "log").open("w") as log:
        web = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stderr=log, stdout=log)
    try:
        assert until(lambda: (tmp_path / "log").read_text().count("Redis does not answer") >= 2)
        assert web.poll() is None
        store = Server(tmp_path / "store", redis_port)
        try:
            assert until(lambda: _answers(port))
        finally:
            store.kill()
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        web.terminate()
        web.wait(PATIENCE)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
