"""What happens to the drill's processes: killed, stopped, cut off. And when."""

from __future__ import annotations

import math
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import redis
from store.servers import PATIENCE, Server, until

from bot.kit.embedded import dies_with_parent
from bot.turn.pulse import EVERY
from drill.cut import Network
from drill.stage import SIDES, Part, Stage

STORE = "the store"
PARTS = ("web killed", "web killed", "worker killed", "bureau killed")
STORES = ("store stopped", "store stopped", "store killed", *2 * ("wire cut", "writes refused"))
FAILOVERS = ("failover", "planned failover", "demoted", "partition", "writes refused")


class Troubles:
    """When the store, or a web process (by its port), could not answer."""

    def __init__(self) -> None:
        self._open: dict[str, float] = {}
        self._over: list[tuple[str, float, float]] = []
        self._lock = threading.Lock()

    def begin(self, what: str) -> None:
        with self._lock:
            self._open.setdefault(what, time.monotonic())

    def end(self, what: str) -> None:
        with self._lock:
            if (since := self._open.pop(what, None)) is not None:  # it may have been in trouble twice at once
                self._over.append((what, since, time.monotonic()))

    def between(self, start: float, end: float, *what: str) -> str:
        """The first of these that was in trouble then; "" for none."""
        with self._lock:
            spans = [*self._over, *((name, since, end) for name, since in self._open.items())]
        found = {name for name, since, until in spans if since <= end and until >= start}
        return next((name for name in what if name in found), "")


class Stopwatch(threading.Thread):
    """Whether this machine is far slower than those that the drill's times are claimed for: does the same
    piece of work again and again, which takes 25 ms there: long enough to wait for its turn as a web process
    does. That it is woken late counts too. In a process of its own: here it would wait for the residents'
    threads."""

    FAR, PAUSE = 3 * 0.025, 0.5
    WORK = f"""
import hashlib, time
while True:
    due = time.monotonic() + {PAUSE}
    time.sleep({PAUSE})
    hashlib.pbkdf2_hmac("sha256", b"work", b"", 100_000)
    print(due, time.monotonic() - due, flush=True)
"""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._took: list[tuple[float, float]] = []
        command = [sys.executable, "-c", self.WORK]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, preexec_fn=dies_with_parent
        )

    def run(self) -> None:
        with self._process as process:
            assert process.stdout is not None
            for line in process.stdout:
                at, seconds = line.split()
                self._took.append((float(at), float(seconds)))

    def end(self) -> None:
        self._process.terminate()
        self.join()

    def was_slow(self, start: float, end: float) -> bool:
        """On the average of this time, which may be shorter than a pause, and of just before."""
        before = start - self.PAUSE - self.FAR
        took = [seconds for at, seconds in list(self._took) if at <= end and at + seconds >= before]
        return not took or statistics.fmean(took) > self.FAR


OLDER, EMPTY, KEYS = RARE = ("store set back", "store emptied", "keys rotated")
"""What happens only where it is asked for."""
ONCE = (KEYS,)
SETTLES = 15.0
"""Seconds after which what was planned shows: a new key seals, residents have been told."""


class Chaos(threading.Thread):
    """Until `end`: every few seconds something is killed, stopped or cut off. Counts what it did.

    `servers`: a primary and its replicas; `watchers`: Sentinels. The primary is stopped, replaced,
    demoted or cut off. `refused`: for how many seconds writes may be refused. `plans`: only these.
    """

    def __init__(
        self,
        stage: Stage,
        seed: int,
        every: float,
        troubles: Troubles,
        network: Network,
        servers: list[Server],
        watchers: list[Server],
        refused: tuple[float, ...],
        plans: tuple[str, ...] = (),
    ) -> None:
        super().__init__(daemon=True)
        self._watchers, self._refused = watchers, refused
        self._plans = plans or (*PARTS, *(FAILOVERS if servers else STORES))
        self._stage, self._dice, self._every = stage, random.Random(seed), every
        self._troubles, self._network, self._servers = troubles, network, servers
        self.served_by: Callable[[list[Part]], None] = lambda _: None
        self._copy, self.set_back, self._rare_at = stage.folder / "earlier", list[float](), math.inf
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
        stage.revive()
        plans = [p for p in self._plans if p not in ONCE or p not in self.done]
        if not plans:
            return
        what = dice.choice(plans)
        match what:
            case "web killed":
                stage.wait()  # a load balancer has somewhere to go
                self._kill_web(dice.choice(stage.web))
            case "worker killed":
                _kill(dice.choice(stage.workers))
            case "bureau killed":
                _kill(stage.bureau)
            case "store stopped":
                self._stop_store(dice.choice([0.2, 0.7, 2.0, 5.0]))
            case "store killed":
                self._kill_store(dice.choice([0.0, 0.5]))
            case "wire cut":
                self._cut_wire(dice.choice([1.0, 3.0]))
            case "writes refused":
                self._refuse_writes(dice.choice(self._refused))
            case "failover":
                self._fail_over()
            case "planned failover":
                self._plan_failover()
            case "demoted":
                self._demote(dice.choice([1.0, 6.0]))
            case "partition":
                self._partition(dice.choice([0.5, 4.0, 10.0]))
            case "store set back" | "store emptied":
                self._set_store_back(what == OLDER)
            case "keys rotated":
                stage.rotate(self.served_by)
        self.done[what] = self.done.get(what, 0) + 1
        if what in RARE:
            self._rare_at = min(self._rare_at, time.monotonic())

    def _set_store_back(self, older: bool) -> None:
        """It comes back with its data of some seconds before, or with none."""
        if older:
            self._stage.keep(self._copy)
            kept = self._beat()
            self._over.wait(self._dice.uniform(3, 8))  # meanwhile residents go on
            assert until(lambda: self._beat() > kept)
            time.sleep(EVERY)  # by then whoever lives has seen that: a fresher copy is not noticed
        self._troubles.begin(STORE)
        self.set_back.append(time.monotonic())
        self._stage.set_back(self._copy if older else self._copy / "none")
        self._troubles.end(STORE)
        self.set_back.append(time.monotonic())

    def _beat(self) -> int:
        with self._client() as client:
            return int(client.hget("sb:{s0}:life", "beat") or 0)

    def unfinished(self) -> bool:
        """What is asked for and rare has not happened yet, or only just now."""
        asked = any(plan in RARE for plan in self._plans)
        return asked and not self.failed and time.monotonic() < self._rare_at + SETTLES

    def _kill_web(self, web: Part) -> None:
        """From now until it serves again nobody can count on it."""
        self._troubles.begin(web.name)
        _kill(web)

        def wait() -> None:
            while not web.serves() and not self._over.is_set():
                time.sleep(0.1)
            self._troubles.end(web.name)

        threading.Thread(target=wait, daemon=True).start()

    def _stop_store(self, seconds: float) -> None:
        process = self._stage.valkey._process
        assert process is not None
        self._troubles.begin(STORE)
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        self._troubles.end(STORE)

    def _kill_store(self, away: float) -> None:
        self._troubles.begin(STORE)
        self._stage.valkey.kill()
        time.sleep(away)
        self._stage.valkey.start()
        self._troubles.end(STORE)

    def _cut_wire(self, seconds: float) -> None:
        """A third of what web0 and the workers ask Valkey is lost, late, or never answered."""
        name = "wires of " + self._stage.web[0].name
        self._troubles.begin(name)
        self._stage.store_wire.tell("0.3")
        time.sleep(seconds)
        self._stage.store_wire.tell("0")
        time.sleep(0.5)  # what was struck is noticed
        self._troubles.end(name)

    def _refuse_writes(self, seconds: float) -> None:
        """It answers what is read. No excuse for anybody: an answer within the budget is what is claimed."""
        with self._client() as client:
            settings = [("maxmemory", 1, 0)] if not self._servers else []
            name, bad, good = self._dice.choice(
                [*settings, ("min-replicas-to-write", 9, int(bool(self._servers)))]
            )
            client.config_set(name, bad)
            self._over.wait(seconds)
            client.config_set(name, good)

    def _client(self) -> redis.Redis:
        """Of the store itself, past all wires."""
        return (
            self._primary().client
            if self._servers
            else redis.Redis(unix_socket_path=str(self._stage.valkey.socket))
        )

    def _primary(self) -> Server:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [s for s in self._servers if _role(s) == "master" and _replicas(s)]
            if found:
                return found[0]
            time.sleep(0.1)
        raise TimeoutError("no primary has a replica")

    def _plan_failover(self) -> None:
        """As before maintenance. Open connections stay on the old primary for some seconds."""
        before = self._primary()
        with suppress(redis.ResponseError):  # INPROG, NOGOODSLAVE: the one before is not over
            self._watchers[0].client.execute_command("SENTINEL", "FAILOVER", "shebao")
        end = time.monotonic() + 30  # refused, it stays as it was
        while _role(before) == "master" and time.monotonic() < end:
            time.sleep(0.1)

    def _demote(self, seconds: float) -> None:
        """By hand, behind the Sentinels' back: it answers reads, and refuses writes until it is put right."""
        primary = self._primary()
        primary.client.replicaof("127.0.0.1", "1")
        self._over.wait(seconds)
        if not any(_role(s) == "master" for s in self._servers if s is not primary):
            primary.client.replicaof("NO", "ONE")

    def _fail_over(self) -> None:
        """The primary falls silent, its replica takes over; it comes back as if nothing were."""
        primary = self._primary()
        self._troubles.begin(STORE)
        primary.process.send_signal(signal.SIGSTOP)
        others = [s for s in self._servers if s is not primary]
        until(lambda: "master" in map(_role, others))
        time.sleep(self._dice.choice([0.0, 1.0]))
        primary.process.send_signal(signal.SIGCONT)
        self._troubles.end(STORE)
        until(lambda: _role(primary) == "slave", 30)  # or it is primary again

    def _partition(self, seconds: float) -> None:
        """The primary with one Sentinel, one web process and one worker; and all others. Then it heals."""
        primary, watchers = self._primary(), self._dice.sample(self._watchers, 3)
        side, *others = self._dice.sample(SIDES, 2)
        few = [primary.source, watchers[0].source, side]
        most = [*(s.source for s in (*self._servers, *watchers[1:]) if s.source not in few), *others]
        self._troubles.begin(STORE)
        self._network.cut(
            {s.front: most if s.source in few else few for s in (*self._servers, *self._watchers)}
        )
        self._over.wait(seconds)
        self._network.cut({})
        self._troubles.end(STORE)
        until(self._agree)

    def _agree(self) -> bool:
        """Whether all Sentinels name one primary, which has all others behind it."""
        primaries = [s.front for s in self._servers if _role(s) == "master"]
        named = [w.client.sentinel_master("shebao") for w in self._watchers]
        known = {int(n["port"]) for n in named if not n["is_sdown"]}
        return [*known] == primaries and _replicas(self._primary()) == len(self._servers) - 1

    def end(self) -> None:
        self._over.set()
        self._quiet.wait()
        assert not self.failed, self.failed


def _kill(part: Part) -> None:
    part.kill()
    part.start()


def _replicas(server: Server) -> int:
    with suppress(redis.RedisError):
        return int(server.client.info("replication")["connected_slaves"])
    return 0


def _role(server: Server) -> str:
    with suppress(redis.RedisError):
        return str(server.client.info("replication")["role"])
    return ""
