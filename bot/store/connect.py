"""One Redis, one with Sentinels, or a Cluster: an address says which, the rest of the program does not care.

    redis://host:6379/0   rediss://…   unix:///path
    redis+sentinel://[user:password@]host:26379,host:26379/service[/db]
    redis+cluster://[user:password@]host:6379,host:6379

What each promises: see docs/durability.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import (
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel

from bot.store.records import StoreAway

TIMEOUT = 0.5
"""Seconds for a connection or an answer. redis-py's own defaults cost 3 to 58 s when Redis is away."""
WAIT_MS = 100
"""How long a commit waits for its copies."""


def connect(url: str) -> redis.Redis:
    """A client with short time-outs and one retry. Raises ValueError for an address nobody can read."""
    scheme = url.partition("://")[0]
    if scheme == "redis+sentinel":
        return _sentinel(url)
    if scheme == "redis+cluster":
        return _cluster(url)
    return redis.Redis.from_url(url, **_options())


def copies(url: str) -> int:
    """Replicas that must have a change before it is sent to the bureau, unless a setting says otherwise."""
    return int(url.startswith(("redis+sentinel:", "redis+cluster:")))


def _options() -> dict[str, Any]:
    return {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 1),
        "max_connections": 256,
    }


def _hosts(url: str, default: int) -> tuple[list[tuple[str, int]], dict[str, str], list[str]]:
    """Hosts, credentials, and the path's parts."""
    parts = urlsplit(url)
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    found = []
    for place in places.split(","):
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        if not host or not (port or str(default)).isdigit():
            raise ValueError("SHEBAO_REDIS_URL: hosts are written host:port,host:port")
        found.append((host, int(port or default)))
    given = {"username": unquote(user), "password": unquote(password)}
    return found, {k: v for k, v in given.items() if v}, [p for p in parts.path.split("/") if p]


def _sentinel(url: str) -> redis.Redis:
    hosts, login, path = _hosts(url, 26379)
    if not path:
        raise ValueError("SHEBAO_REDIS_URL: redis+sentinel://host:port/SERVICE needs the service's name")
    brief = {k: v for k, v in _options().items() if k != "max_connections"}
    make: Any = Sentinel  # redis-py gives it no types
    sentinel = make(hosts, sentinel_kwargs=brief)
    db = int(path[1]) if len(path) > 1 else 0
    return cast(redis.Redis, sentinel.master_for(path[0], db=db, **login, **_options()))


def _cluster(url: str) -> redis.Redis:
    hosts, login, _ = _hosts(url, 6379)
    node: Any = ClusterNode
    nodes = [node(host, port) for host, port in hosts]
    options: dict[str, Any] = {**_options(), "retry": Retry(NoBackoff(), 2), **login}
    with answering():
        made = RedisCluster(startup_nodes=nodes, **options)
    return cast(redis.Redis, made)


@contextmanager
def answering() -> Iterator[None]:
    """Redis being away, electing, loading or refusing writes is StoreAway, with one word that says why."""
    try:
        yield
    except (redis.RedisError, RedisClusterException) as e:  # the second is none of the first
        raise StoreAway(_why(e)) from e


def _why(error: Exception) -> str:
    """Redis's own code of a refusal, where redis-py leaves it or knows it; else the kind of error."""
    if isinstance(error, OutOfMemoryError):
        return "OOM"
    if isinstance(error, ReadOnlyError):
        return "READONLY"
    code = str(error).partition(" ")[0]
    return code if isinstance(error, ResponseError) and code.isupper() else type(error).__name__


def server_time(client: redis.Redis) -> int:
    """Redis's time in seconds; on a cluster that of one of its nodes."""
    if isinstance(client, RedisCluster):
        return int(client.time(target_nodes=client.get_random_node())[0])
    return int(client.time()[0])


class Commit:
    """A script that can wait, on its own connection, until replicas have what it wrote."""

    def __init__(self, client: redis.Redis, text: str) -> None:
        self._client, self._text = client, text
        self._script = client.register_script(text)

    def __call__(self, keys: Sequence[str], args: Sequence[Any], copies: int) -> tuple[bytes, bool]:
        """What the script answered, and whether so many replicas have it. Raises redis.RedisError."""
        if not copies:
            return self._script(keys=keys, args=args), True
        client = self._client
        if isinstance(client, RedisCluster):  # its pipeline carries no scripts: go to the key's own node
            node = client.get_node_from_key(keys[0])
            if node is None or node.redis_connection is None:
                raise redis.ConnectionError
            client = node.redis_connection
        for command in (("EVALSHA", self._script.sha), ("EVAL", self._text)):
            pipe: Any = client.pipeline(transaction=False)
            pipe.execute_command(*command, len(keys), *keys, *args)
            pipe.execute_command("WAIT", copies, WAIT_MS)
            try:
                answered, acknowledged = pipe.execute(raise_on_error=False)
            except redis.ConnectionError:
                self._look_again()
                raise
            if isinstance(answered, NoScriptError):
                continue
            if isinstance(answered, Exception):
                self._look_again()
                raise answered if isinstance(answered, redis.RedisError) else redis.RedisError()
            enough = isinstance(acknowledged, int) and acknowledged >= copies
            return answered, enough
        raise ResponseError("the script does not load")

    def _look_again(self) -> None:
        """The key may have another node by now."""
        if isinstance(self._client, RedisCluster):
            self._client.nodes_manager.initialize()
