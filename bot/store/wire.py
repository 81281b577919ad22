"""The scripts of a turn, asked over a connection that belongs to the thread.

redis-py makes the connection: it knows passwords, TLS, Sentinels and the deadline. Its pool, retries and
metrics cost more CPU than the command that they surround, so they are left out. A cluster is asked through
all of it, since each command goes to the node of its slot.
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
"""Takes keys and arguments, gives what the script answered. Raises redis.RedisError."""


class _Mine(threading.local):
    connection: Any = None


class Wire:
    """One connection for each thread that asks; it closes with its thread."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._mine = _Mine()

    def script(self, text: str) -> Script:
        if isinstance(self.client, RedisCluster):
            return self.client.register_script(text)
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

        def run(keys: Sequence[str], args: Sequence[Any]) -> Any:
            try:
                return self._ask("EVALSHA", sha, len(keys), *keys, *args)
            except NoScriptError:  # another server, or one that has started again
                return self._ask("EVAL", text, len(keys), *keys, *args)

        return run

    def _ask(self, *command: Any) -> Any:
        """Twice, where the connection is lost: the script may then have run already."""
        packed = (hiredis.pack_command(command),)
        for again in (True, False):
            try:
                connection = self._connected()
                connection.send_packed_command(packed, check_health=False)
                return connection.read_response(disconnect_on_error=True)
            except (redis.ConnectionError, redis.TimeoutError):
                self._mine.connection = None
                if not again:
                    raise
        raise AssertionError

    def _connected(self) -> Any:
        """Ready for a question: to whom is primary now, nothing left to read, not another process's."""
        pool, mine = self.client.connection_pool, self._mine.connection
        if mine is not None and mine.pid == os.getpid() and not _moved(pool, mine):
            try:
                if not mine.can_read():
                    return mine
            except redis.ConnectionError:
                pass  # the server has closed it
        self._mine.connection = None
        made = pool.connection_class(**pool.connection_kwargs)
        made.connect()
        self._mine.connection = made
        return made


def _moved(pool: Any, connection: Any) -> bool:
    return isinstance(pool, SentinelConnectionPool) and pool.master_address != (
        connection.host,
        connection.port,
    )
