"""An upgrade: the last release and this one over one store, residents answered by now one, now the other."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import ROOT
from conversations.kit import PATH, crowd, goes_on, id_number
from phone import Phone
from processes.kit import Answer, Facts, clean_env, until
from store.servers import PATIENCE, Server, ports

from bot.app import wall_clock
from bot.content.load import load
from bot.content.read import settings_file
from bot.kit.embedded import dies_with_parent
from bot.services.ledger import Ledger
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from deploy.machine import ENV, ask

pytestmark = pytest.mark.slow
RESIDENTS = 14


def last_release(to: Path) -> Path:
    """Its tree, as CHANGELOG.md names its commit."""
    found = re.search(r"^## [\d.]+ \((\w+)\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert found
    tree = subprocess.run(["git", "archive", found[1]], cwd=ROOT, capture_output=True, check=False)
    if tree.returncode:
        pytest.skip("the last release is not in this clone: it is shallow, or none at all")
    to.mkdir()
    subprocess.run(["tar", "-x", "-C", str(to)], input=tree.stdout, check=True)
    return to


class Both:
    """`urls`: a web server of the last release, and one of this."""

    def __init__(self, folder: Path, processes: ExitStack) -> None:
        old, self.new = last_release(folder / "old"), folder / "new"
        self.people = crowd(self.new, RESIDENTS)
        (old / "config" / "stub.yaml").write_bytes((self.new / "config" / "stub.yaml").read_bytes())
        redis_port, *web = ports(3)
        self.store = Server(folder / "store", redis_port)
        processes.callback(self.store.kill)
        self.env = clean_env(folder, **ENV, SHEBAO_REDIS_URL=f"redis://127.0.0.1:{redis_port}/0")
        self.env |= {"WEB_CONCURRENCY": "1"}
        shebao = [sys.executable, "-m", "bot.cli"]
        gunicorn = [sys.executable, "-m", "gunicorn", "wsgi:app"]  # as that release was started
        bind = [f"127.0.0.1:{port}" for port in web]
        # what the city publishes does not change with the release: this one serves what that one published
        publish = [*shebao, "publish", "--yes", "--skip-replays", "--note", "the city's"]
        subprocess.run(publish, cwd=old, env={**self.env, "PYTHONPATH": str(old)}, check=True)
        self.urls = [f"http://{address}" for address in bind]
        self.log = folder / "log"
        for root, at, command in (
            (old, old, [*gunicorn, "--bind", bind[0]]),
            (old, old, [*shebao, "worker"]),
            (self.new, ROOT, [*shebao, "web", "--bind", bind[1]]),
            (self.new, ROOT, [*shebao, "worker"]),
        ):
            with self.log.open("ab") as log:
                started = subprocess.Popen(
                    command, cwd=root, env={**self.env, "PYTHONPATH": str(at)}, stdout=log, stderr=log,
                    preexec_fn=dies_with_parent,
                )  # fmt: skip
            processes.callback(started.wait, PATIENCE)
            processes.callback(started.terminate)
        for url in self.urls:
            assert until(lambda at=url: ask(f"{at}/healthz").status_code == 200), self.log.read_text()
        self.facts = Facts(load(self.new), settings_file.load(self.new, ENV), wall_clock)
        self.seal = Seal((ENV["SHEBAO_SEAL_KEYS"],), ENV["SHEBAO_TAG_KEY"])


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    with ExitStack() as processes:
        yield Both(tmp_path, processes)


class Wire:
    """What Phone takes for Flask's test client: to the web server of one release."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, query_string: dict[str, str], data: bytes) -> Answer:
        return ask(self.url + path, query_string, data)


def test_residents_go_on_whichever_release_answers_and_each_change_is_made_once(both: Both) -> None:
    """Begun with one release, asked for help at both in turn, finished with the other: there and back."""
    crowd: list[Phone] = []
    for n, name in enumerate(both.people):
        first, then = both.urls if n % 2 else reversed(both.urls)
        phone = Phone(Wire(first), both.facts)  # type: ignore[arg-type]
        phone.person = phone.person.model_copy(update={"name": name, "id_number": id_number(n)})
        phone.openid = f"oUpgraded{n:019d}"
        for step in PATH[: 1 + n % (len(PATH) - 1)]:
            step(phone)
        for phone.client.url in (then, first, then):
            phone.say("帮助")
        crowd.append(phone)
    for phone in crowd:
        goes_on(phone)
    client = both.store.client.__class__(port=both.store.port)
    made = [o for o in Ledger(client, both.seal).operations() if o["action"] == "card.report_loss"]
    assert len({o["subject"] for o in made}) == len(made) == len(crowd)
    assert RedisStore(client, both.seal).jobs.dead() == []
    assert '"level": "error"' not in both.log.read_text()
    doctor = [sys.executable, "-m", "bot.cli", "doctor", "--lang", "en"]
    env = {**both.env, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(doctor, cwd=both.new, env=env, capture_output=True, text=True, check=False).stdout
    (line,) = (line for line in said.splitlines() if "processes" in line)
    assert "not of one release: 0.1.0 ×" in line
    assert "0.1.0+" in line
