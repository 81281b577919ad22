"""A Redis client that sends commands over a connection of the thread.

redis-py makes the connection and reads the answer: it knows passwords, TLS, Sentinels and the deadline. Its
pool, retries and metrics cost more CPU than the command itself, so they are left out. Pipelines keep them,
and so does a cluster, where each command goes to the node of its slot.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
import redis
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError
from redis.sentinel import SentinelConnectionPool

Script = Callable[[Sequence[str], Sequence[Any]], Any]
"""Takes keys and arguments, returns the script's answer. Raises redis.RedisError."""


class _Mine(threading.local):
    connection: Any = None


class Client(redis.Redis):
    """One connection for each thread that asks; it closes with its thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._mine = _Mine()
        pool: Any = self.connection_pool
        # its class is abstract, and what is asked of such costs more than a call of the system
        self._sentinels = pool if isinstance(pool, SentinelConnectionPool) else None

    def execute_command(self, command: str, *args: Any, **options: Any) -> Any:
        """Sends it again if the connection is lost: the command may then have run already."""
        packed = (hiredis.pack_command((*command.split(), *args)),)
        for again in (True, False):
            connection = self._connected()
            self._mine.connection = None  # until its answer was read completely
            try:
                connection.send_packed_command(packed, check_health=False)
                answer = self.parse_response(connection, command, **options)  # type: ignore[no-untyped-call]
            except (redis.ConnectionError, redis.TimeoutError):
                if not again:
                    raise
            except redis.ResponseError:
                self._mine.connection = connection
                raise
            else:
                self._mine.connection = connection
                return answer
        raise AssertionError

    def _connected(self) -> Any:
        """Returns a connection of this process to the current primary."""
        pool, mine = self.connection_pool, self._mine.connection
        if mine is not None and mine.pid == os.getpid():
            sentinels = self._sentinels
            if sentinels is None or sentinels.master_address == (mine.host, mine.port):
                return mine
        made = pool.connection_class(**pool.connection_kwargs)
        made.connect()
        return made


def script(client: redis.Redis, text: str) -> Script:
    if isinstance(client, RedisCluster):
        return client.register_script(text)
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def run(keys: Sequence[str], args: Sequence[Any]) -> Any:
        try:
            return client.execute_command("EVALSHA", sha, len(keys), *keys, *args)  # type: ignore[no-untyped-call]
        except NoScriptError:  # another server, or one that has started again
            return client.execute_command("EVAL", text, len(keys), *keys, *args)  # type: ignore[no-untyped-call]

    return run
