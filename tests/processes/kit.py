"""A real `shebao run` in a directory of its own, and a resident's phone that reaches it over HTTP."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import redis
import requests
from conftest import ROOT
from phone import Phone
from store.servers import PATIENCE, ports

from bot.app import wall_clock
from bot.cli.dev import demo_env
from bot.content.load import Loaded, load
from bot.content.read import settings_file
from bot.services.ledger import Ledger
from bot.settings import Settings
from bot.store.redis import RedisStore
from bot.store.seal import Seal

T = TypeVar("T")
SHEBAO = [sys.executable, "-m", "bot.cli"]


def copy_content(to: Path) -> Path:
    """The project's content in a directory of its own."""
    for name in ("flows", "messages", "config"):
        shutil.copytree(ROOT / name, to / name)
    return to


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def clean_env(temp: Path, **given: str) -> dict[str, str]:
    """This environment without settings of ours, temp directories in `temp`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHEBAO_")}
    return {**kept, "TMPDIR": str(temp), **given}


def free_port() -> int:
    (port,) = ports(1)
    return port


def until(found: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Ask again and again until the answer holds; the last one after that time."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def processes(root: Path) -> dict[int, str]:
    """pid -> command line of everything alive that works in `root` or below."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if (entry / "cwd").readlink().is_relative_to(root.resolve()):
                    found[int(entry.name)] = (
                        (entry / "cmdline").read_text(errors="replace").replace("\0", " ")
                    )
    return {pid: line for pid, line in found.items() if line}


@dataclass(frozen=True)
class Answer:
    status_code: int
    data: bytes


class Web:
    """What Phone takes for Flask's test client, over a socket."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def post(self, path: str, query_string: Mapping[str, str], data: bytes) -> Answer:
        with requests.Session() as session:
            session.trust_env = False
            came = session.post(
                self._service.url + path, params=dict(query_string), data=data, timeout=PATIENCE
            )
        return Answer(came.status_code, came.content)


@dataclass
class Facts:
    """What Phone asks of the bot: its menu, its settings, and the time, for a process has the real one."""

    loaded: Loaded
    settings: Settings
    now: Callable[[], int]


@dataclass
class Service:
    """`shebao run`, its terminal in two files. `temp`: its TMPDIR; `env`: SHEBAO_* of its own."""

    root: Path
    temp: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def out(self) -> Path:
        return self.root / "terminal.out"

    @property
    def err(self) -> Path:
        return self.root / "terminal.err"

    @property
    def terminal(self) -> str:
        return self.out.read_text("utf-8") + self.err.read_text("utf-8")

    def start(self) -> Service:
        """Until it answers /healthz; fails with what it wrote where it does not."""
        said = len(self.out.read_bytes()) if self.out.exists() else 0
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self.process = subprocess.Popen(
                [*SHEBAO, "run", "--port", str(self.port)],
                cwd=self.root, env=clean_env(self.temp, **self.env), stdin=subprocess.DEVNULL,
                stdout=out, stderr=err,
            )  # fmt: skip
        running = self.process
        assert until(lambda: running.poll() is not None or b"Ctrl-C" in self.out.read_bytes()[said:])
        assert running.poll() is None, self.terminal
        assert until(lambda: self.health() == 200), self.terminal
        return self

    def run_again(self) -> subprocess.CompletedProcess[str]:
        """A second `shebao run` that is expected to end at once."""
        return shebao(self.root, self.temp, "run", "--port", str(free_port()), **self.env)

    def health(self) -> int:
        try:
            with requests.Session() as session:
                session.trust_env = False
                return session.get(self.url + "/healthz", timeout=3).status_code
        except requests.RequestException:
            return 0

    def end(self, number: int = signal.SIGTERM) -> int:
        """Stop it as a user does; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def pids(self) -> dict[str, int]:
        """The parts by name: supervisor, server (gunicorn's arbiter), web (serves), worker, valkey.

        Once there is one of each: a child that was only just started still has its parent's name.
        """

        def whole() -> dict[str, int]:
            parts = self._parts()
            one_each = all(len(found) == 1 for found in parts.values())
            return {name: found[0] for name, found in parts.items()} if one_each else {}

        found = until(whole)
        assert found, self._parts()
        return found

    def _parts(self) -> dict[str, list[int]]:
        assert self.process is not None
        alive = processes(self.root)
        gunicorn = {pid: _parent(pid) for pid, line in alive.items() if "gunicorn" in line}
        servers = [pid for pid, parent in gunicorn.items() if parent == self.process.pid]
        return {
            "supervisor": [self.process.pid],
            "server": servers,
            "web": [pid for pid, parent in gunicorn.items() if parent in servers],
            "worker": [pid for pid, line in alive.items() if line.rstrip().endswith("bot.cli worker")],
            "valkey": [pid for pid, line in alive.items() if "valkey" in line],
        }

    def kill_everything(self) -> None:
        """At a test's end, by pid."""
        for _ in range(3):
            for pid in [*([self.process.pid] if self.process else []), *processes(self.root)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self.process:
                self.process.wait()
                self.process = None
            time.sleep(0.05)

    # --- looking inside ---
    @property
    def settings(self) -> Settings:
        demo, _ = demo_env(self.root / "var")
        return settings_file.load(self.root, {**demo, **self.env})

    @property
    def seal(self) -> Seal:
        return Seal(self.settings.seal_keys, self.settings.tag_key)

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=(self.root / "var/valkey/socket").read_text())

    def store(self) -> RedisStore:
        return RedisStore(self.redis(), self.seal)

    def operations(self, action: str = "card.report_loss") -> list[dict[str, Any]]:
        """What the stubs' bureau carried out."""
        return [o for o in Ledger(self.redis(), self.seal).operations() if o["action"] == action]

    def phone(self, person: str = "张三", *, called: str = "", openid: str = "") -> Phone:
        phone = Phone(Web(self), Facts(load(self.root), self.settings, wall_clock), person)  # type: ignore[arg-type]
        phone.person = phone.person.model_copy(update={"name": called or person})
        phone.openid = openid or phone.openid
        return phone


def _parent(pid: int) -> int:
    """0 where it has ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def shebao(
    root: Path, temp: Path, *arguments: str, said: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """One command of ours to its end; `said`: its standard input."""
    return subprocess.run(
        [*SHEBAO, *arguments],
        cwd=root, env=clean_env(temp, **env), input=said, capture_output=True, encoding="utf-8",
        timeout=3 * PATIENCE, check=False,
    )  # fmt: skip


def left_in(temp: Path) -> Iterator[str]:
    return (entry.name for entry in temp.iterdir())
