"""The drill's processes: Valkey, a bureau, two web servers, two workers; wires between them that break."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import urllib3
from store import servers

from bot.kit.embedded import EmbeddedValkey, dies_with_parent
from bot.store.seal import new_key
from drill.bureau import CALLBACK_KEY
from drill.bureau import TOKEN as BUREAU_TOKEN

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
SEAL_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TAG_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
WECHAT_TOKEN = "made-up-token"
AOF = "appendonlydir"
SIDES = ("127.0.0.31", "127.0.0.32")
"""Where a web process and a worker reach the store from, and where the other two do."""


def _from(side: int) -> list[str]:
    """Before a command: the address that it reaches the store from (entry.py)."""
    return ["env", f"DRILL_FROM={SIDES[side]}"] if sys.platform == "linux" else []


class Part:
    """A process that is started again when it was killed. Its lines go to a log."""

    def __init__(
        self, name: str, command: list[str], folder: Path, env: dict[str, str], port: int = 0
    ) -> None:
        self.name, self.port = name, port
        self.command, self._folder, self._env = command, folder, env
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "logs" / f"{name}.log"

    def revive(self) -> None:
        """As a supervisor does with what ended by itself."""
        if self._process is None or (code := self._process.poll()) is None:
            return
        if code < 0:
            with self._log.open("a") as log:
                log.write(f"\n{self.name} was sent {signal.Signals(-code).name}\n")
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent,
            )

    def wait(self) -> int:
        """Returns its exit code, -N if a signal ended it."""
        assert self._process is not None
        return self._process.wait(30)

    def answers(self) -> bool:
        if not self.port:
            return True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def serves(self) -> bool:
        """Whether it answers over HTTP: a server's socket is there before the server is."""
        with suppress(urllib3.exceptions.HTTPError):
            urllib3.request("GET", f"http://127.0.0.1:{self.port}/healthz", retries=False, timeout=1.0)
            return True
        return False

    def tell(self, line: str) -> None:
        """On its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def signal(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def end(self) -> None:
        """As a supervisor stops it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None  # from now on its number may be somebody else's


class Stage:
    """`folder`: everything lives there. `build`: "" or one that is broken on purpose.

    web0 and both workers reach Valkey, the bureau and WeChat over wires that break; web1 reaches them
    straight, so that a dead bureau refuses its connections. `sentinels`: the address used instead of Valkey.
    """

    def __init__(
        self, folder: Path, api: int, seed: int, faults: float = 1.0, build: str = "", sentinels: str = ""
    ) -> None:
        self.folder, self._seed = folder, seed
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        for name in ("flows", "messages", "config"):
            shutil.copytree(ROOT / name, folder / name)
        self.ledger = folder / "ledger.jsonl"
        self.notes = folder / "happened.log"
        self.valkey = EmbeddedValkey(folder / "valkey", ("--appendfsync", "always"))
        if not sentinels:
            self.valkey.start()
        self.store = sentinels or self.valkey.url
        ports = servers.ports(6)
        env = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAO_")}
        env |= {
            "PYTHONPATH": f"{ROOT}:{TESTS}",
            "NO_PROXY": "*",
            "DRILL_BUILD": build,
            "SHEBAO_REDIS_URL": self.store,
            "SHEBAO_SEAL_KEYS": SEAL_KEY,
            "SHEBAO_TAG_KEY": TAG_KEY,
            "SHEBAO_WECHAT_TOKEN": WECHAT_TOKEN,
            "SHEBAO_WECHAT_MODE": "plain",
            "SHEBAO_WECHAT_APP_ID": "wx-drill",
            "SHEBAO_WECHAT_APP_SECRET": "made-up-secret",
            "SHEBAO_WECHAT_API": f"http://127.0.0.1:{api}",
            "SHEBAO_CARD": f"http://127.0.0.1:{ports[0]}",
            "SHEBAO_REAL_NAME": f"http://127.0.0.1:{ports[0]}",
            "SHEBAO_BUREAU_TOKEN": BUREAU_TOKEN,
            "SHEBAO_CALLBACK_KEY": CALLBACK_KEY,
            "SHEBAO_FRESHNESS": "0",
            "SHEBAO_PER_MINUTE": "100000",
            "SHEBAO_PUSH": "yes",
            "SHEBAO_PAGE": "link",
            "SHEBAO_PUBLIC_URL": "http://127.0.0.1/wechat",
            **({"SHEBAO_BUDGET": "6"} if build == "careless" else {}),
        }
        broken = env | {
            "SHEBAO_WECHAT_API": f"http://127.0.0.1:{ports[5]}",
            "SHEBAO_CARD": f"http://127.0.0.1:{ports[4]}",
            "SHEBAO_REAL_NAME": f"http://127.0.0.1:{ports[4]}",
        }
        if not sentinels:  # they tell addresses of their own: no wire can stand before those
            broken["SHEBAO_REDIS_URL"] = f"redis://127.0.0.1:{ports[3]}/0"
        self._envs = (env, broken)
        python, web = sys.executable, ",".join(map(str, ports[1:3]))
        bureau = [python, "-m", "drill.bureau", str(ports[0]), str(self.ledger), str(seed), str(faults), web]
        gunicorn = [
            python,
            "-m",
            "gunicorn",
            "drill.entry:app",
            "--config",
            str(ROOT / "bot" / "gunicorn_conf.py"),
        ]
        gunicorn += ["--workers", "1", "--log-level", "warning", "--bind"]
        self.bureau = Part("bureau", bureau, folder, env, ports[0])
        self.web = [
            Part(
                f"web{n}",
                [*_from(n), *gunicorn, f"127.0.0.1:{port}"],
                folder,
                broken if n == 0 else env,
                port,
            )
            for n, port in enumerate(ports[1:3])
        ]
        worker = [python, "-m", "drill.entry", "worker"]
        self.workers = [Part(f"worker{n}", [*_from(n), *worker], folder, broken) for n in range(2)]
        self.store_wire = self._wire("store", ports[3], str(self.valkey.socket), 0, env)
        self.wires = [
            self._wire("bureau", ports[4], str(ports[0]), 0.04 * faults, env),
            self._wire("WeChat", ports[5], str(api), 0.04 * faults, env),
        ]

    def _wire(self, name: str, port: int, to: str, often: float, env: dict[str, str]) -> Part:
        said = [str(port), to, str(self._seed), str(often), str(self.notes), f"wire to {name}"]
        return Part(f"wire-{name}", [sys.executable, "-m", "drill.proxy", *said], self.folder, env, port)

    @property
    def parts(self) -> list[Part]:
        return [self.store_wire, *self.wires, self.bureau, *self.web, *self.workers]

    def start(self) -> None:
        for part in self.parts:
            part.start()
        self.wait()

    def revive(self) -> None:
        """What ended by itself, as a supervisor does."""
        for part in self.parts:
            part.revive()

    def wait(self) -> None:
        end = time.monotonic() + servers.PATIENCE
        self.revive()
        while not all(part.answers() for part in self.parts) or not all(web.serves() for web in self.web):
            if time.monotonic() > end:
                logs = "\n".join(p.read_text()[-2000:] for p in (self.folder / "logs").iterdir())
                raise TimeoutError(f"the drill's processes do not start\n{logs}")
            time.sleep(0.1)
            self.revive()

    def rotate(self, served_by: Callable[[list[Part]], None]) -> None:
        """A new sealing key, the old one behind it: every process starts again with both, one after another.
        `served_by`: as a load balancer does, whom residents may be sent to."""
        keys = f"{new_key()},{self.seal_keys}"
        for env in self._envs:
            env["SHEBAO_SEAL_KEYS"] = keys
        for part in (*self.web, *self.workers):
            if part in self.web:
                served_by([web for web in self.web if web is not part])
                time.sleep(1.0)  # what it has accepted is answered
            part.end()
            part.start()
            self.wait()
            served_by(self.web)

    @property
    def seal_keys(self) -> str:
        """As the processes have them that started last."""
        return self._envs[0]["SHEBAO_SEAL_KEYS"]

    def set_back(self, earlier: Path) -> None:
        """Valkey is killed, and comes back with the data of `earlier`."""
        self.valkey.kill()
        shutil.rmtree(self.valkey.data / AOF)
        if earlier.exists():
            shutil.copytree(earlier, self.valkey.data / AOF)
        self.valkey.start()

    def keep(self, earlier: Path) -> None:
        """A copy of Valkey's data as it is now."""
        shutil.rmtree(earlier, ignore_errors=True)
        shutil.copytree(self.valkey.data / AOF, earlier)

    def calm(self) -> None:
        """The bureau and the wires make no more faults."""
        self.bureau.kill()
        self.bureau.command[-2] = "0"
        self.bureau.start()
        for wire in (self.store_wire, *self.wires):
            wire.tell("0")
        self.wait()

    def stop(self) -> None:
        for part in self.parts:
            part.kill()
        self.valkey.stop()
