"""A machine as docs/deploy.md makes one, below a directory: the wheel in an environment of its own, the
content, the units' processes, nginx with the configuration that is shipped."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import requests
from conftest import AES_KEY, ROOT, SEAL_KEY, TAG_KEY
from conversations.kit import crowd
from processes.kit import Answer, Facts, clean_env, until
from services.certificate import self_signed
from store.servers import PATIENCE, Server, ports

from bot.app import wall_clock
from bot.content.load import load
from bot.content.read import settings_file
from bot.kit.embedded import dies_with_parent

DEPLOY = ROOT / "deploy"
ENV = {
    "SHEBAO_SEAL_KEYS": SEAL_KEY,
    "SHEBAO_TAG_KEY": TAG_KEY,
    "SHEBAO_WECHAT_TOKEN": "made-up-token",
    "SHEBAO_WECHAT_APP_ID": "wx0000000000000001",
    "SHEBAO_WECHAT_AES_KEYS": AES_KEY,
    "SHEBAO_FRESHNESS": "0",  # the phones' clock runs ahead
    "SHEBAO_PER_MINUTE": "100000",
    "SHEBAO_PUSH": "no",
    "SHEBAO_PROXIES": "1",
    "SHEBAO_STORE_SEEN": "var/store_seen",
    "SHEBAO_ARCHIVE": "sqlite:///var/evidence.db",
}


def needs(tool: str) -> str:
    """Its path; skips where there is none."""
    found = shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{tool} is not installed here; .ci/run installs it")
    return found


def wheel(folder: Path) -> Path:
    """Built from this tree. Raises CalledProcessError."""
    source = folder / "source"
    shutil.copytree(ROOT / "bot", source / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("flows", "messages", "config", "tests/replays"):
        shutil.copytree(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(source)], check=True)
    (made,) = folder.glob("*.whl")
    return made


def installed(folder: Path, made: Path) -> Path:
    """An environment with the wheel; what it needs is this one's, without this repository."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(made)], check=True)
    return folder


def redis_options() -> list[str]:
    """deploy/redis.conf as a command line; the address is the test's own."""
    lines = [line.split() for line in (DEPLOY / "redis.conf").read_text("utf-8").splitlines()]
    kept = [words for words in lines if words and words[0] not in ("#", "bind")]
    return [word for name, *values in kept for word in (f"--{name}", *values)]


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, in order."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text("utf-8").splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


class Unit:
    """A unit's process, started as systemd would: its line, its directory, its sockets, until it is ready."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine, self.unit = machine, unit(f"{name}@.service")
        self.log = machine.folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, line: str) -> list[str]:
        there = line.replace("/opt/shebao/", f"{self.machine.opt}/")
        return [str(self.process.pid) if self.process and w == "$MAINPID" else w for w in shlex.split(there)]

    def start(self) -> None:
        (directory,) = self.unit["WorkingDirectory"]
        assert directory == "/srv/shebao"
        env = {**self.machine.env, **dict(e.split("=", 1) for e in self.unit.get("Environment", []))}
        (command,) = map(self.command, self.unit["ExecStart"])
        told = self.machine.folder / f"notify-{self.log.stem}-{os.urandom(3).hex()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, self.log.open("ab") as log:
            notified.bind(str(told))
            notified.settimeout(PATIENCE)
            sockets: tuple[int, ...] = ()
            if "Sockets" in self.unit:
                sockets = (self.machine.listener.fileno(),)
                env["LISTEN_FDS"] = "1"
                passed = f'exec 3<&{sockets[0]}; LISTEN_PID=$$ exec "$@"'
                command = ["bash", "-c", passed, "bash", *command]
            if self.unit["Type"] == ["notify"]:
                env["NOTIFY_SOCKET"] = str(told)
            self.process = subprocess.Popen(
                command, cwd=self.machine.srv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=sockets, preexec_fn=dies_with_parent,
            )  # fmt: skip
            if self.unit["Type"] == ["notify"]:
                assert b"READY=1" in notified.recv(100), self.log.read_text()

    def reload(self) -> None:
        for line in self.unit["ExecReload"]:
            subprocess.run(self.command(line), cwd=self.machine.srv, env=self.machine.env, check=True)

    def stop(self) -> None:
        """As systemd does, and it must not have to kill it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        ended = self.process.wait(int(self.unit["TimeoutStopSec"][0]))
        assert ended in (0, -signal.SIGTERM), self.log.read_text()[-2000:]  # both are clean to systemd


def configured(folder: Path, behind: int, plain: int, tls: int) -> tuple[str, Path]:
    """Returns the certificate and the shipped configuration with these ports, all of it below the folder."""
    certificate, key = self_signed(folder, timedelta(days=1))
    text = (DEPLOY / "nginx" / "nginx.conf").read_text()
    for old, new in {
        "user www-data;": "", "/run/nginx.pid": f"{folder}/nginx.pid",
        "worker_processes auto;": "worker_processes 1;",
        "/var/log/nginx": str(folder), "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "listen 80 ": f"listen 127.0.0.1:{plain} ", "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "/etc/shebao/tls/fullchain.pem": certificate, "/etc/shebao/tls/privkey.pem": key,
    }.items():  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    conf = folder / "nginx.conf"
    conf.write_text(text)
    return certificate, conf


class Machine:
    """`people`: residents whom its stubs know. `given`: more of its environment.
    `published`: as step 6 asks for, so that processes read what is learnt from the store."""

    def __init__(
        self, folder: Path, made: Path, people: int, *, published: bool = False, **given: str
    ) -> None:
        nginx = needs("nginx")
        self.folder, self.opt, self.srv = folder, installed(folder / "opt", made), folder / "srv"
        self.people = crowd(self.srv, people)
        (self.srv / "var").mkdir()
        port, self.port, plain = ports(3)
        self.store = Server(folder / "store", port, *redis_options())
        known = {**ENV, "SHEBAO_REDIS_URL": f"redis://127.0.0.1:{port}/0", **given}
        self.env = clean_env(folder, **known)
        (backlog,) = unit("shebao-web.socket")["Backlog"]
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=int(backlog))
        self.web = [Unit(self, "shebao-web") for _ in range(2)]
        self.workers = [Unit(self, "shebao-worker") for _ in range(2)]
        self.certificate, conf = configured(folder, self.listener.getsockname()[1], plain, self.port)
        if published:
            publish = [str(self.opt / "bin" / "shebao"), "publish", "--yes", "--skip-replays"]
            subprocess.run(publish, cwd=self.srv, env=self.env, check=True, stdout=subprocess.DEVNULL)
        for part in (*self.web, *self.workers):
            part.start()
        self.nginx = subprocess.Popen(
            [nginx, "-p", str(folder), "-c", str(conf), "-g", "daemon off;"], preexec_fn=dies_with_parent
        )
        assert until(lambda: (folder / "nginx.pid").exists())
        self.facts = Facts(load(self.srv), settings_file.load(self.srv, ENV), wall_clock)

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            self.nginx.terminate()
        self.nginx.wait(PATIENCE)
        for part in (*self.web, *self.workers):
            part.stop()
        self.listener.close()
        self.store.kill()

    def log(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def get(self, path: str) -> int:
        """The status of an answer."""
        return ask(f"https://127.0.0.1:{self.port}{path}", trusts=self.certificate).status_code

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.store.port)

    def logs(self) -> str:
        """What nginx and the units have written."""
        return "".join(p.read_text("utf-8", "replace") for p in self.folder.glob("*.log"))


class Wire:
    """What Phone takes for Flask's test client: over TLS, through nginx, one connection each, as WeChat.
    `took`: when each message was sent, and seconds until its answer."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.took: list[tuple[float, float]] = []

    def post(self, path: str, query_string: dict[str, str], data: bytes) -> Answer:
        began = time.monotonic()
        url = f"https://127.0.0.1:{self._machine.port}{path}"
        came = ask(url, query_string, data, self._machine.certificate)
        self.took.append((began, time.monotonic() - began))
        return came


def ask(url: str, query: dict[str, str] | None = None, data: bytes = b"", trusts: str = "") -> Answer:
    """A connection of its own, as each of WeChat's; status 0 where nobody answers."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, trusts or True
        try:
            came = session.request("POST" if data else "GET", url, params=query, data=data, timeout=PATIENCE)
        except (requests.ConnectionError, requests.Timeout):
            return Answer(0, b"")
    return Answer(came.status_code, came.content)
