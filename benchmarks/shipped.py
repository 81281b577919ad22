"""Units, Redis and nginx as shipped, on chosen cores, and a bureau over HTTP that answers at once."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from bot.kit.embedded import dies_with_parent  # noqa: E402, I001
from bot.store.days import Days  # noqa: E402
from bot.store.redis import SHARDS  # noqa: E402
from bot.store.seal import Seal  # noqa: E402
from deploy.machine import ENV, Machine, wheel  # noqa: E402
from drill.bureau import TOKEN as BUREAU_TOKEN  # noqa: E402
from line import Lines  # noqa: E402
from residents import AES_KEY, APP_ID, TOKEN  # noqa: E402
from store.servers import ports, until  # noqa: E402

PARTS = ("web", "worker", "redis", "nginx", "bureau", "residents")
COLUMNS = (*PARTS, "others", "idle")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Shipped:
    """`ledger`: what its bureau carried out. `bureau`: its process. `cores`: that serve; `shared`: that those
    who write have as well."""

    machine: Machine
    bureau: int
    ledger: Path
    cores: set[int]
    shared: bool

    def seal(self) -> Seal:
        return Seal((ENV["SHEBAO_SEAL_KEYS"],), ENV["SHEBAO_TAG_KEY"])

    @property
    def archive(self) -> Path:
        """Where workers move evidence to."""
        return Path(self.machine.srv, ENV["SHEBAO_ARCHIVE"].removeprefix("sqlite:///"))

    def lines(self, kept: bool = True) -> Lines:
        """Over TLS, through nginx."""
        return Lines(self.machine.port, ssl.create_default_context(cafile=self.machine.certificate), kept)

    def _pids(self) -> dict[str, list[int]]:
        units = {"web": self.machine.web, "worker": self.machine.workers}
        found = {name: [u.process.pid for u in part if u.process] for name, part in units.items()}
        found |= {"redis": [self.machine.store.process.pid], "nginx": [self.machine.nginx.pid]}
        return found | {"bureau": [self.bureau], "residents": [os.getpid()]}

    def cpu(self) -> dict[str, float]:
        """Seconds so far, by part; of the cores that serve also what others of this machine took, and
        nobody."""
        found = {name: sum(map(cpu_of, family(*pids))) for name, pids in self._pids().items()}
        found["residents"] = time.process_time()
        elsewhere = () if self.shared else ("bureau", "residents")
        ours = sum(seconds for name, seconds in found.items() if name not in elsewhere)
        busy, idle = times_of(self.cores)
        return found | {"others": busy - ours, "idle": idle}

    def mb(self) -> dict[str, float]:
        return {name: max(map(mb_of, family(*pids))) for name, pids in self._pids().items()}

    def stored(self) -> int:
        """Messages that the store has counted."""
        days = Days(self.machine.client, self.seal(), SHARDS)
        today = datetime.now(UTC).date()  # wall clock: real processes
        return sum(days.read(today + timedelta(days=n), today).total for n in (-1, 0, 1))


def family(*pids: int) -> Iterator[int]:
    for pid in pids:
        yield pid
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def cpu_of(pid: int) -> float:
    """Seconds so far, of user and system."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def times_of(cores: set[int]) -> tuple[float, float]:
    """Seconds so far that these cores were busy, and that they were not (proc(5), /proc/stat)."""
    rows = [row.split() for row in Path("/proc/stat").read_text().splitlines()]
    kept = [[int(n) for n in ticks[:8]] for name, *ticks in rows if name in {f"cpu{n}" for n in cores}]
    idle = sum(ticks[3] + ticks[4] for ticks in kept)
    return (sum(map(sum, kept)) - idle) / TICKS, idle / TICKS


def mb_of(pid: int) -> float:
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(r.split()[1]) for r in rows if r.startswith("VmHWM")) / 1024


def cores_of(count: int) -> tuple[set[int], set[int]]:
    """Which serve, and which those who write have: others, if there are."""
    there = sorted(os.sched_getaffinity(0))
    return {*there[:count]}, {*there[count:]} or {*there}


@contextmanager
def served(serve: set[int], others: set[int], **given: str) -> Iterator[Shipped]:
    """A machine on these cores, the bureau and this process on the others."""
    folder, whole = Path(tempfile.mkdtemp(prefix="load-")), os.sched_getaffinity(0)
    (port,) = ports(1)
    bureau = f"http://127.0.0.1:{port}"
    account = {"WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEYS": AES_KEY}
    services = {"CARD": bureau, "REAL_NAME": bureau, "BUREAU_TOKEN": BUREAU_TOKEN, "FRESHNESS": "300"}
    settings = {f"SHEBAO_{name}": value for name, value in {**account, **services, **given}.items()}
    os.sched_setaffinity(0, others)
    ledger = folder / "ledger"
    command = [sys.executable, "-m", "drill.bureau", str(port), str(ledger), "1", "0", "0"]
    asked = subprocess.Popen(command, cwd=ROOT / "tests", preexec_fn=dies_with_parent)
    try:
        os.sched_setaffinity(0, serve)
        machine = Machine(folder, wheel(folder), 1, published=True, **settings)
        try:
            os.sched_setaffinity(0, others)
            assert until(lambda: machine.get("/") == 404)
            yield Shipped(machine, asked.pid, ledger, serve, bool(serve & others))
        finally:
            machine.stop()
    finally:
        asked.terminate()
        asked.wait()
        os.sched_setaffinity(0, whole)
        shutil.rmtree(folder)


@contextmanager
def at_once() -> Iterator[None]:
    """Where it may, this process comes before the others of this machine: what it waits for is the server."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, usual - 5)
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, usual)
