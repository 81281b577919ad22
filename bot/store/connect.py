"""One Redis, one with Sentinels, or a Cluster, chosen by the address; the rest of the program is the same.

    redis://host:6379/0   rediss://…   unix:///path
    redis+sentinel://[user:password@]host:26379,host:26379/service[/db]
    redis+cluster://[user:password@]host:6379,host:6379

For what each guarantees see docs/durability.md.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import (
    AskError,
    ClusterError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from bot.store.deadline import timely
from bot.store.records import StoreAway
from bot.store.wire import Client, script

TIMEOUT = 0.5
"""Seconds for a connection or an answer. redis-py's own defaults cost 3 to 58 s when Redis is away."""
WAIT_MS = 100
"""Milliseconds that a commit waits for its copies."""
MAX_LAG = 3
"""Seconds since a replica last answered: the min-replicas-max-lag that docs/durability.md asks for."""
LATELY = 20.0
"""Seconds; Sentinels take some ten to turn a replaced primary into a replica."""
HOPS = 3
"""Nodes of a cluster that pass a command on."""


def connect(url: str) -> redis.Redis:
    """Returns a client with short time-outs and one retry.

    Raises:
        ValueError: an invalid address.
    """
    scheme = url.partition("://")[0]
    if scheme == "redis+sentinel":
        return _sentinel(url)
    if scheme == "redis+cluster":
        return _cluster(url)
    return _timely(Client.from_url(url, **_options()))


def copies(url: str) -> int:
    """Returns the replicas that must have a change before it is sent to the bureau, unless a setting says
    otherwise."""
    return int(url.startswith(("redis+sentinel:", "redis+cluster:")))


def _options() -> dict[str, Any]:
    return {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 1),
        "max_connections": 256,
    }


def _hosts(url: str, default: int) -> tuple[list[tuple[str, int]], dict[str, str], list[str]]:
    """Returns hosts, credentials, and the parts of the path."""
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
    make: Any = Sentinel  # redis-py has no types for it
    sentinel = make(hosts, sentinel_kwargs=brief)
    for watcher in sentinel.sentinels:
        _timely(watcher)
    db = int(path[1]) if len(path) > 1 else 0
    return _timely(sentinel.master_for(path[0], redis_class=Client, db=db, **login, **_options()))


def _timely(client: redis.Redis) -> redis.Redis:
    pool = client.connection_pool
    pool.connection_class = timely(pool.connection_class)
    return client


def _cluster(url: str) -> redis.Redis:
    hosts, login, _ = _hosts(url, 6379)
    node: Any = ClusterNode
    nodes = [node(host, port) for host, port in hosts]
    options: dict[str, Any] = {**_options(), "retry": Retry(NoBackoff(), 2), **login}
    url = "redis://{}:{}".format(*hosts[0])  # it takes a connection class only with an address
    with answering():
        made = RedisCluster(
            startup_nodes=nodes, url=url, connection_class=timely(redis.Connection), **options
        )
    return cast(redis.Redis, made)


def take(client: redis.Redis, key: str, lasts: int) -> bytes:
    """Takes a key for `lasts` seconds, as the first one who asks. Returns what it holds then, b"" if it is
    taken already. The client sends again what was not answered: one's own is known by its value.

    Raises:
        redis.RedisError.
    """
    ours = secrets.token_bytes(16)
    taken = client.set(key, ours, nx=True, ex=lasts) or client.get(key) == ours
    return ours if taken else b""


class answering:
    """Turns a Redis that is away, electing, loading or refusing writes into StoreAway, with one word that
    says why."""

    def __enter__(self) -> None:
        """Uses no generator, since every request to the store passes through this class."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, redis.RedisError | RedisClusterException):  # the second is no subclass
            raise StoreAway(_why(error)) from error


def _why(error: Exception) -> str:
    """Returns Redis's own code of a refusal, if redis-py keeps or knows it; else the kind of error."""
    if isinstance(error, OutOfMemoryError):
        return "OOM"
    if isinstance(error, ReadOnlyError):
        return "READONLY"
    if isinstance(error, TryAgainError) or type(error) is ClusterError:  # redis-py: passed on too often
        return "TRYAGAIN"
    code = str(error).partition(" ")[0]
    return code if isinstance(error, ResponseError) and code.isupper() else type(error).__name__


def server_time(client: redis.Redis) -> int:
    """Returns Redis's time in seconds; on a cluster that of one of its nodes."""
    if isinstance(client, RedisCluster):
        return int(client.time(target_nodes=client.get_random_node())[0])
    return int(client.time()[0])


def look_again(client: redis.Redis) -> None:
    """Closes connections, since the primary may have changed: asks the Sentinels, or the cluster's nodes."""
    if isinstance(client, RedisCluster):
        client.nodes_manager.initialize()
    elif isinstance(client.connection_pool, SentinelConnectionPool):
        pool: Any = client.connection_pool
        pool.proxy.reset()  # connections in use no longer lead to the primary
        pool.disconnect(inuse_connections=False)


def _keep_up(info: Any) -> list[int]:
    """Returns the offsets that the replicas have confirmed."""
    replicas = (info.get(f"slave{n}", {}) for n in range(int(info.get("connected_slaves", 0))))
    good = (r for r in replicas if r.get("state") == "online" and int(r.get("lag", 0)) <= MAX_LAG)
    return [int(r.get("offset", 0)) for r in good]


def _node_of(client: redis.Redis, key: str) -> redis.Redis:
    """Returns the key's own node, since a cluster's pipeline carries no scripts."""
    if not isinstance(client, RedisCluster):
        return client
    return _connection(client, client.get_node_from_key(key))


def _connection(client: Any, node: Any) -> redis.Redis:
    if node is None:
        raise redis.ConnectionError
    return cast(redis.Redis, client.get_redis_connection(node))


class Commit:
    """A script that can wait, on its own connection, until replicas have what it wrote."""

    def __init__(self, client: redis.Redis, text: str) -> None:
        self._client, self._text = client, text
        self._script = script(client, text)
        self._seen: dict[str, tuple[int, float]] = {}
        self._expected = 0

    def replicas(self) -> int:
        """Returns the number of replicas that keep up, of the primary with the fewest.

        Raises:
            redis.RedisError.
        """
        if isinstance(self._client, RedisCluster):
            found: Any = self._client.info("replication", target_nodes=RedisCluster.PRIMARIES)
            infos = list(found.values())
        else:
            infos = [self._client.info("replication")]
        for info in infos:
            self._note(info)
        return min((len(_keep_up(info)) for info in infos), default=0)

    def _note(self, info: Any) -> None:
        """Records how many replicas keep up, or did lately: one that has just left may be the primary by
        now."""
        history, now = str(info.get("master_replid", "")), time.monotonic()
        most, at = self._seen.get(history, (0, 0.0))
        if (count := len(_keep_up(info))) >= most or now - at > LATELY:
            self._seen[history] = most, at = count, now
        self._expected = most

    def waited(self, key: str, command: Sequence[Any], copies: int) -> tuple[Any, bool]:
        """Returns a command's answer (or its error), and whether what its connection wrote has its copies.

        `copies` replicas must have it, and all others that keep up or did lately: any may be the next
        primary.

        Raises:
            redis.RedisError.
        """
        client, asking = self._client, False
        node = _node_of(client, key)
        for _ in range(HOPS):
            pipe: Any = node.pipeline(transaction=False)
            if asking:
                pipe.execute_command("ASKING")
            pipe.execute_command(*command)
            pipe.info("replication")
            pipe.execute_command("WAIT", max(copies, self._expected), WAIT_MS)
            pipe.info("replication")
            answered, before, acknowledged, after = pipe.execute(raise_on_error=False)[-4:]
            if isinstance(answered, AskError):
                asking = not isinstance(answered, MovedError)  # redis-py: each moved one is an ask too
                if not asking:
                    look_again(client)
                node = _node_of(client, key)
                if asking:  # the key's slot is moving there
                    there = client.get_node(answered.host, answered.port)  # type: ignore[attr-defined]
                    node = _connection(client, there)
                continue
            have: list[int] = []
            if isinstance(before, dict) and isinstance(after, dict):  # some hosts hide it
                self._note(after)
                have = [o for o in _keep_up(after) if o >= before.get("master_repl_offset", 0)]
            enough = isinstance(acknowledged, int) and acknowledged >= copies
            return answered, enough and len(have) >= self._expected
        raise TryAgainError("its slot is being moved")

    def __call__(self, keys: Sequence[str], args: Sequence[Any], copies: int) -> tuple[bytes, bool]:
        """Returns the script's answer, and whether `copies` replicas have it.

        Raises:
            redis.RedisError.
        """
        try:
            if not copies:
                return self._script(keys, args), True
            command = ("EVAL", self._text, len(keys), *keys, *args)  # rare: it need not be loaded
            answered, enough = self.waited(keys[0], command, copies)
            if isinstance(answered, Exception):
                raise answered if isinstance(answered, redis.RedisError) else redis.RedisError()
            return answered, enough
        except redis.RedisError:
            if copies or not isinstance(self._client, RedisCluster):  # redis-py has done so for a cluster
                look_again(self._client)
            raise
