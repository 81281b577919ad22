"""What a message costs, beside others that do less: CPU in process, and messages a second over HTTP.

    make bench                                 # all of it, about ten minutes
    .venv/bin/python benchmarks/bench.py --rounds 3 --only shebao,wechatpy

All subjects walk the same residents in one run, in turn, pinned to one core; the load comes from the other
one. Prints medians and spread, and ratios, which is what counts: the machine's own speed cancels out.
Peers are installed from the package index into an environment of the benchmark's own (var/bench).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import redis

ROOT = Path(__file__).parent.parent
HERE = ROOT / "benchmarks"
HOME = ROOT / "var" / "bench"
sys.path[:0] = [str(ROOT), str(HERE)]

from residents import AES_KEY, APP_ID, TOKEN  # noqa: E402

from bot.kit.embedded import EmbeddedValkey  # noqa: E402

BASE = "9711afb"
"""The state that later ones are measured against."""
PEERS = (
    *("werobot==1.13.1", "wechatpy==1.8.18", "flask==3.1.3", "redis[hiredis]==8.1.0"),
    *("botbuilder-dialogs==4.17.1", "aiohttp", "cryptography", "gunicorn", "granian"),
)
SERVED, LOADS = {0}, {1}
"""Cores: of the subject and its Redis, and of those who write to it."""
THREADS = 32


@dataclass(frozen=True)
class Subject:
    """`ours`: runs in this project's environment. `tree`: its working directory. `http`: has a web server."""

    name: str
    module: str
    tree: Path = HERE
    ours: bool = False
    http: bool = True
    safe: bool = True
    server: str = "gunicorn"


SUBJECTS = (
    Subject("shebao", "shebao", ROOT, ours=True),
    Subject("shebao-granian", "shebao", ROOT, ours=True, server="granian"),
    Subject("base", "shebao", HOME / BASE, ours=True),
    Subject("wechatpy", "wechatpy_flask"),
    Subject("wechatpy-granian", "wechatpy_flask", server="granian"),
    Subject("werobot", "werobot_redis"),
    Subject("flask", "flask_bare", safe=False),
    Subject("botframework", "prompts_botframework", http=False, safe=False),
)


@dataclass
class Figures:
    """Of one subject: one value a round."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)


def prepare() -> Path:
    """The peers' Python and the base's tree, made once. Raises CalledProcessError."""
    python = HOME / "env" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "env"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
    if not (HOME / BASE / "wsgi.py").exists():
        (HOME / BASE).mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", BASE], cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", HOME / BASE], input=archive.stdout, check=True)
    return python


def environment(subject: Subject, redis_url: str, mode: str) -> dict[str, str]:
    keys = {"SHEBAO_SEAL_KEYS": "A" * 43 + "=", "SHEBAO_TAG_KEY": "B" * 42 + "A="}
    path = [str(HERE), str(HERE / "subjects")]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(path),
        "BENCH_REDIS": redis_url,
        "BENCH_MODE": mode,
        "SHEBAO_REDIS_URL": redis_url,
        "SHEBAO_WECHAT_MODE": mode,
        "SHEBAO_WECHAT_TOKEN": TOKEN,
        "SHEBAO_WECHAT_APP_ID": APP_ID,
        "SHEBAO_WECHAT_AES_KEYS": AES_KEY,
        **keys,
    }


def python_of(subject: Subject, peers: Path) -> Path:
    return Path(sys.executable) if subject.ours else peers


class InProcess:
    """A subject that is told whom to let walk, and otherwise sleeps."""

    def __init__(self, subject: Subject, peers: Path, redis_url: str, mode: str, log: Path) -> None:
        self.name = subject.name
        self._process = subprocess.Popen(
            [python_of(subject, peers), HERE / "in_process.py", subject.module, mode],
            cwd=subject.tree,
            env=environment(subject, redis_url, mode),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, SERVED),
        )
        self._read()

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended; see its log")
        return line

    def walk(self, first: int, last: int) -> dict[str, float]:
        assert self._process.stdin
        self._process.stdin.write(f"{first} {last}\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._read())
        return found

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def serving(subject: Subject, peers: Path, redis_url: str, mode: str, port: int, log: Path) -> Iterator[int]:
    """The subject behind a web server of one process; gives its process id."""
    bin_ = python_of(subject, peers).parent
    config = subject.tree / "bot" / "gunicorn_conf.py"  # before it was there, gunicorn found it by itself
    servers: dict[str, list[str]] = {
        "gunicorn": [f"{bin_}/gunicorn", *(("--config", str(config)) if config.exists() else ()),
                     "-b", f"127.0.0.1:{port}", "-w", "1", "-k", "gthread",
                     "--threads", str(THREADS), "--keep-alive", "30", f"{subject.module}:app"],
        "granian": [f"{bin_}/granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
                    "--blocking-threads", "8", "--no-access-log", f"{subject.module}:app"],
    }  # fmt: skip
    process = subprocess.Popen(
        servers[subject.server],
        cwd=subject.tree,
        env=environment(subject, redis_url, mode),
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: os.sched_setaffinity(0, SERVED),
    )
    try:
        answers(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> None:
    """Waits until the server's process answers anything: its parent listens before that, and a message that
    has waited for five seconds is not begun."""
    for _ in range(60):
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()
        except HTTPError:
            return  # 404 is an answer
        except OSError:
            time.sleep(0.5)
        else:
            return


def resident_mb(pid: int) -> float:
    """The largest of a server's processes."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    rows = [row for p in pids for row in Path(f"/proc/{p}/status").read_text().splitlines()]
    return max(int(row.split()[1]) for row in rows if row.startswith("VmHWM")) / 1024


def load(name: str, port: int, first: int, residents: int, mode: str) -> dict[str, float]:
    """`name`: the subject's."""
    arguments = [port, first, residents, min(32, residents), mode]
    ran = subprocess.run(
        [sys.executable, HERE / "load.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, LOADS),
    )
    if ran.returncode:
        raise SystemExit(f"{name}: {ran.stderr[-500:]}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def measure(
    subjects: Sequence[Subject], mode: str, rounds: int, residents: int, folder: Path
) -> dict[str, Figures]:
    """Each subject alone on its core, in turn, `rounds` times after one that does not count."""
    peers, figures, first = prepare(), {s.name: Figures() for s in subjects}, 0
    valkey = EmbeddedValkey(folder / f"valkey-{mode}").start()
    pid = int(redis.Redis.from_url(valkey.url).info("server")["process_id"])
    os.sched_setaffinity(pid, SERVED)
    try:
        inside = [InProcess(s, peers, valkey.url, mode, folder / f"{s.name}.log") for s in subjects
                  if s.server == "gunicorn"]  # fmt: skip
        for n in range(rounds + 1):
            taken: dict[str, list[float]] = {one.name: [] for one in inside}
            for _ in range(residents):  # one walk each, in turn: what else this machine does meets all alike
                for one in inside:
                    taken[one.name].append(one.walk(first, first + 1)["us"])
                    first += 1
            for name in taken if n else ():
                figures[name].cpu.append(statistics.median(taken[name]))
        for one in inside:
            one.stop()
        for n in range(rounds):
            for subject in (s for s in subjects if s.http):
                port = 18000 + (first + n) % 1000
                with serving(
                    subject, peers, valkey.url, mode, port, folder / f"{subject.name}.server.log"
                ) as web:
                    load(subject.name, port, first, 40, mode)
                    found = load(subject.name, port, first + 40, residents, mode)
                    mine = figures[subject.name]
                    mine.rate.append(found["per_second"])
                    mine.p50.append(found["p50_ms"])
                    mine.p99.append(found["p99_ms"])
                    mine.rss.append(resident_mb(web))
                first += 40 + residents
    finally:
        valkey.stop()
    return figures


def table(figures: dict[str, Figures], mode: str) -> str:
    """Markdown: medians, with the least and the most."""

    def cell(values: list[float]) -> str:
        return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})" if values else "–"

    lines = [
        f"| {mode} | CPU µs a message, in process | messages/s | p50 ms | p99 ms | RSS MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, f in figures.items():
        lines.append(f"| {name} | " + " | ".join(map(cell, (f.cpu, f.rate, f.p50, f.p99, f.rss))) + " |")
    return "\n".join(lines)


def ratios(figures: dict[str, Figures]) -> str:
    """This tree against each of the others: of the medians, and of the best rounds, which others that work on
    this machine disturbed least."""
    ours, lines = figures["shebao"], []
    for name, other in figures.items():
        parts = []
        for what, mine, theirs, best in (
            ("CPU", ours.cpu, other.cpu, min),
            ("throughput", ours.rate, other.rate, max),
        ):
            if theirs:
                middle = statistics.median(mine) / statistics.median(theirs)
                parts.append(f"{what} {middle:.2f} (best rounds {best(mine) / best(theirs):.2f})")
        if name != "shebao" and parts:
            lines.append(f"shebao against {name}: {', '.join(parts)}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--residents", type=int, default=100, help="who walk in one round")
    parser.add_argument("--only", default="", help="names with commas; shebao is always among them")
    parser.add_argument("--mode", default="plain,safe")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/latest.md")
    options = parser.parse_args()
    chosen = [s for s in SUBJECTS if not options.only or s.name in ("shebao", *options.only.split(","))]
    here = Path(sys.executable).parent
    chosen = [
        s for s in chosen if not s.ours or (here / s.server).exists()
    ]  # a server to try: install it here
    folder, said = Path(tempfile.mkdtemp(prefix="bench-")), []
    for mode in options.mode.split(","):
        subjects = [s for s in chosen if mode == "plain" or s.safe]
        figures = measure(subjects, mode, options.rounds, options.residents, folder)
        said += [table(figures, mode), "", ratios(figures), ""]
        print("\n".join(said[-4:]))
    if options.save:
        HERE.joinpath("results").mkdir(exist_ok=True)
        HERE.joinpath("results", "latest.md").write_text("\n".join(said))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
