"""A time limit on a whole HTTP exchange.

The time-outs of requests are per read: a service that sends a byte now and then is never cut. Here a timer
shuts the socket down when the time is over, whatever the exchange is doing. (A name lookup cannot be cut.)
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_here = threading.local()


class Deadline:
    """`with Deadline(3.0) as deadline:` ends this thread's exchanges after at most 3 seconds.

    `sent`: whether any part of a request was sent. `over`: whether the time ran out.
    """

    def __init__(self, seconds: float) -> None:
        self.sent = False
        self.over = False
        self._ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0.0), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _here.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _here.deadline = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(self._ends - time.monotonic(), 0.001)

    def sends_on(self, used: socket.socket) -> None:
        with self._lock:
            self.sent = True
            self._socket = used
        if self.over:  # the time ran out while connecting
            self._shut()

    def _cut(self) -> None:
        self.over = True
        self._shut()

    def _shut(self) -> None:
        with self._lock:
            used = self._socket
        if used is not None:
            # not SSLSocket.shutdown: it drops the TLS state while the reading thread uses it
            with contextlib.suppress(OSError):
                socket.socket.shutdown(used, socket.SHUT_RDWR)


class _Watched:
    """Tells the thread's Deadline which socket a request uses, reused ones included."""

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        deadline: Deadline | None = getattr(_here, "deadline", None)
        if deadline is not None and self.sock is not None:
            deadline.sends_on(self.sock)
        super().send(data)  # type: ignore[misc]


class _Connection(_Watched, HTTPConnection):
    pass


class _TLSConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class WatchedAdapter(HTTPAdapter):
    """Mounted on a requests session whose exchanges run under a Deadline. Never retries."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
