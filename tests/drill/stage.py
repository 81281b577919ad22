"""The drill's processes: Valkey, a bureau, two web servers, two workers; and what happens to them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from bot.store.embedded import EmbeddedValkey, dies_with_parent
from drill.bureau import TOKEN as BUREAU_TOKEN

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
SEAL_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TAG_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
WECHAT_TOKEN = "made-up-token"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Part:
    """A process that is started again when it was killed. Its lines go to a log."""

    def __init__(
        self, name: str, command: list[str], folder: Path, env: dict[str, str], port: int = 0
    ) -> None:
        self.name, self.port = name, port
        self.command, self._folder, self._env = command, folder, env
        self._process: subprocess.Popen[bytes] | None = None

    def revive(self) -> None:
        """As a supervisor does with what ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def start(self) -> None:
        with (self._folder / "logs" / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent,
            )

    def answers(self) -> bool:
        if not self.port:
            return True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def signal(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()


class Stage:
    """`folder`: everything lives there. `build`: "" or one that is broken on purpose."""

    def __init__(self, folder: Path, api: str, seed: int, faults: float = 1.0, build: str = "") -> None:
        self.folder = folder
        (folder / "logs").mkdir(parents=True)
        for name in ("flows", "messages", "config"):
            shutil.copytree(ROOT / name, folder / name)
        self.ledger = folder / "ledger.jsonl"
        self.valkey = EmbeddedValkey(folder / "valkey", ("--appendfsync", "always"))
        self.valkey.start()
        ports = [free_port() for _ in range(3)]
        env = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAO_")}
        env |= {
            "PYTHONPATH": f"{ROOT}:{TESTS}",
            "NO_PROXY": "*",
            "DRILL_BUILD": build,
            "SHEBAO_REDIS_URL": self.valkey.url,
            "SHEBAO_SEAL_KEYS": SEAL_KEY,
            "SHEBAO_TAG_KEY": TAG_KEY,
            "SHEBAO_WECHAT_TOKEN": WECHAT_TOKEN,
            "SHEBAO_WECHAT_MODE": "plain",
            "SHEBAO_WECHAT_APP_ID": "wx-drill",
            "SHEBAO_WECHAT_APP_SECRET": "made-up-secret",
            "SHEBAO_WECHAT_API": api,
            "SHEBAO_CARD": f"http://127.0.0.1:{ports[0]}",
            "SHEBAO_REAL_NAME": f"http://127.0.0.1:{ports[0]}",
            "SHEBAO_BUREAU_TOKEN": BUREAU_TOKEN,
            "SHEBAO_FRESHNESS": "0",
            "SHEBAO_PER_MINUTE": "100000",
            "SHEBAO_PUSH": "yes",
            "SHEBAO_BUDGET": "4.5",
        }
        python = sys.executable
        bureau = [python, "-m", "drill.bureau", str(ports[0]), str(self.ledger), str(seed), str(faults)]
        gunicorn = [python, "-m", "gunicorn", "drill.entry:app", "--worker-class", "gthread"]
        gunicorn += ["--threads", "32", "--log-level", "warning", "--no-control-socket", "--bind"]
        self.bureau = Part("bureau", bureau, folder, env, ports[0])
        self.web = [
            Part(f"web{n}", [*gunicorn, f"127.0.0.1:{port}"], folder, env, port)
            for n, port in enumerate(ports[1:])
        ]
        worker = [python, "-m", "drill.entry", "worker"]
        self.workers = [Part(f"worker{n}", worker, folder, env) for n in range(2)]

    @property
    def parts(self) -> list[Part]:
        return [self.bureau, *self.web, *self.workers]

    def start(self) -> None:
        for part in self.parts:
            part.start()
        self.wait()

    def wait(self) -> None:
        end = time.monotonic() + 60
        while not all(part.answers() for part in self.parts):
            if time.monotonic() > end:
                logs = "\n".join(p.read_text()[-2000:] for p in (self.folder / "logs").iterdir())
                raise TimeoutError(f"the drill's processes do not start\n{logs}")
            time.sleep(0.1)
            for part in self.parts:
                part.revive()

    def calm(self) -> None:
        """The bureau makes no more faults."""
        self.bureau.kill()
        self.bureau.command[-1] = "0"
        self.bureau.start()
        self.wait()

    def stop(self) -> None:
        for part in self.parts:
            part.kill()
        self.valkey.stop()

    # --- what happens to them ---
    def kill(self, part: Part) -> None:
        part.kill()
        part.start()

    def freeze_valkey(self, seconds: float) -> None:
        process = self.valkey._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    def kill_valkey(self, away: float) -> None:
        self.valkey.kill()
        time.sleep(away)
        self.valkey.start()


class Chaos(threading.Thread):
    """Until `end`: every few seconds something is killed or stopped. Counts what it did."""

    def __init__(self, stage: Stage, seed: int, every: float) -> None:
        super().__init__(daemon=True)
        self._stage, self._dice, self._every = stage, random.Random(seed), every
        self._over, self._quiet = threading.Event(), threading.Event()
        self.done: dict[str, int] = {}
        self.failed = ""

    def run(self) -> None:
        while not self._over.wait(self._dice.uniform(0.5, 1.5) * self._every):
            try:
                self._one()
            except Exception as e:
                self.failed = f"{type(e).__name__}: {e}"
                break
        self._quiet.set()
        threading.Event().wait()  # what it started would die with its thread (PR_SET_PDEATHSIG)

    def _one(self) -> None:
        stage, dice = self._stage, self._dice
        what = dice.choice(["web", "web", "worker", "bureau", "freeze", "freeze", "valkey"])
        self.done[what] = self.done.get(what, 0) + 1
        if what == "web":
            stage.wait()  # a load balancer has somewhere to go
            stage.kill(dice.choice(stage.web))
        elif what == "worker":
            stage.kill(dice.choice(stage.workers))
        elif what == "bureau":
            stage.kill(stage.bureau)
        elif what == "freeze":
            stage.freeze_valkey(dice.choice([0.2, 0.7, 2.0]))
        else:
            stage.kill_valkey(dice.choice([0.0, 0.5]))

    def end(self) -> None:
        self._over.set()
        self._quiet.wait()
        assert not self.failed, self.failed
