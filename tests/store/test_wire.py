"""Commands over a connection of the thread: lost, closed, taken over, shared, each has its own answer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import redis
from redis.sentinel import SentinelConnectionPool

from bot.store.connect import connect, look_again
from bot.store.deadline import timely, within
from bot.store.wire import Client, script

from .servers import Server, ports, until

ECHO = "return ARGV[1]"
WRITES = "redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]"
BUSY = "local n = 0 for i = 1, 2e7 do n = n + i end return 'late'"


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    made = connect(redis_url)
    yield made
    made.script_flush()
    made.close()


def connections(client: redis.Redis) -> int:
    return len([one for one in client.client_list() if one["cmd"] in ("evalsha", "eval")])


def test_each_thread_has_one_and_it_closes_with_its_thread(client: redis.Redis) -> None:
    client.client_kill_filter(_type="normal", skipme=True)  # of tests before this one
    echo = script(client, ECHO)
    together = threading.Barrier(4)

    def ask(n: int) -> list[Any]:
        together.wait()
        return [echo([], [f"{n}.{m}"]) for m in range(20)]

    with ThreadPoolExecutor(4) as pool:
        for n, answers in enumerate(pool.map(ask, range(4))):
            assert answers == [f"{n}.{m}".encode() for m in range(20)]
        assert connections(client) == 4
    assert until(lambda: connections(client) == 0)


def test_a_script_that_the_server_has_lost_is_sent_again(client: redis.Redis) -> None:
    echo, writes = script(client, ECHO), script(client, WRITES)
    for _ in range(2):
        assert (echo([], ["a"]), writes(["{s1}"], ["b"])) == (b"a", b"b")
        client.script_flush()


def test_one_that_the_server_closed_is_made_again(client: redis.Redis, redis_url: str) -> None:
    echo, other = script(client, ECHO), connect(redis_url)
    assert echo([], ["a"]) == b"a"
    other.client_kill_filter(_type="normal", skipme=True)
    assert echo([], ["b"]) == b"b"
    other.client_kill_filter(_type="normal", skipme=True)
    assert client.set("x", "c")
    assert client.get("x") == b"c"


def test_an_answer_that_came_too_late_is_nobodys(client: redis.Redis) -> None:
    echo, busy = script(client, ECHO), script(client, BUSY)
    echo([], ["a"])
    with pytest.raises(redis.TimeoutError), within(time.monotonic() + 0.02):
        busy([], [])
    with suppress(redis.TimeoutError):
        client.ping()  # waits for it
    assert until(client.ping)
    assert echo([], ["b"]) == b"b"
    with pytest.raises(redis.TimeoutError), within(time.monotonic() - 1):
        echo([], ["c"])
    assert echo([], ["d"]) == b"d"


def test_a_forked_process_asks_over_its_own(client: redis.Redis) -> None:
    echo = script(client, ECHO)
    assert echo([], ["parent"]) == b"parent"
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.write(writes, echo([], ["child"]))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reads, 10) == b"child"
    assert echo([], ["again"]) == b"again"
    for end in (reads, writes):
        os.close(end)


def test_a_refusal_is_told_as_redis_py_tells_it(client: redis.Redis) -> None:
    with pytest.raises(redis.ResponseError, match="made up"):
        script(client, "return redis.error_reply('MADE made up')")([], [])


# --- who is primary ----------------------------------------------------------------------------------
class Watcher:
    """Stands in for the Sentinels. `primary`: the one they name."""

    def __init__(self, primary: Server) -> None:
        self.primary, self.asked = primary, 0

    def discover_master(self, _: str) -> tuple[str, int]:
        self.asked += 1
        return "127.0.0.1", self.primary.port


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    folder = tmp_path_factory.mktemp("servers")
    made = [Server(folder / str(n), port) for n, port in enumerate(ports(2))]
    for server in made:
        server.client.config_set("requirepass", "open")  # its own connection stays
    yield made
    for server in made:
        server.kill()


@pytest.fixture
def watched(servers: list[Server]) -> tuple[redis.Redis, Watcher]:
    for server in servers:
        server.client.replicaof("NO", "ONE")
    watcher = Watcher(servers[0])
    pool = SentinelConnectionPool("shebao", watcher, password="open", socket_timeout=2)
    pool.connection_class = timely(pool.connection_class)
    return Client.from_pool(pool), watcher


def test_a_primary_that_was_demoted_is_left_for_the_new_one(
    watched: tuple[redis.Redis, Watcher], servers: list[Server]
) -> None:
    client, watcher = watched
    writes = script(client, WRITES)
    old = watcher.primary
    for n in range(3):
        writes(["x"], [str(n)])
    assert watcher.asked == 1
    watcher.primary = servers[1]
    old.client.replicaof("127.0.0.1", str(watcher.primary.port))
    assert writes(["x"], ["new"]) == b"new"
    assert watcher.primary.client.get("x") == "new"


def test_who_looks_again_makes_every_thread_ask_who_is_primary(
    watched: tuple[redis.Redis, Watcher], servers: list[Server]
) -> None:
    """The old one goes on answering, cut off from those who chose another."""
    client, watcher = watched
    writes, go = script(client, WRITES), threading.Barrier(3)

    def ask(name: str) -> None:
        writes([name], ["before"])
        go.wait()
        go.wait()
        writes([name], ["after"])

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, name) for name in "ab"]
        go.wait()
        watcher.primary = servers[1]
        look_again(client)
        go.wait()
        for one in asked:
            one.result()
    assert watcher.primary.client.mget("a", "b") == ["after", "after"]
