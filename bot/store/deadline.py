"""Keeps every request to Redis within the deadline of the thread that asks.

One command may cost redis-py many time-outs: it is sent twice, each time after a new connection that is tried
twice, each time after every Sentinel was asked twice.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import redis


class _Ends(threading.local):
    until = math.inf


_ends = _Ends()


class within:
    """Ends this thread's requests by `until` (of time.monotonic()), with redis.TimeoutError."""

    def __init__(self, until: float) -> None:
        self._until = until

    def __enter__(self) -> None:
        self._before, _ends.until = _ends.until, self._until

    def __exit__(self, *_: object) -> None:
        _ends.until = self._before


def timely(connection_class: Any) -> Any:
    """Returns the same kind of connection, with time-outs that shrink towards the deadline."""

    class Timely(connection_class):  # type: ignore[misc]  # redis-py has one class for each kind of socket
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._longest: float = options["socket_timeout"]
            self._allowed = 0.0

        def send_packed_command(self, command: Any, check_health: bool = True) -> None:
            self._hurry()
            super().send_packed_command(command, check_health)

        def _connect(self) -> Any:
            self._hurry()
            return super()._connect()

        def _hurry(self) -> None:
            left = min(self._longest, _ends.until - time.monotonic())
            if left <= 0:
                raise redis.TimeoutError("the deadline is over")
            if left != self._allowed:  # as seldom; a socket's time-out costs a call of the system
                self._allowed = self.socket_timeout = self.socket_connect_timeout = left
                if self._sock is not None:
                    self._sock.settimeout(left)

    return Timely
