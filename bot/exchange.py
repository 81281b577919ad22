"""HTTP exchanges with services and with WeChat, under a time limit for the whole of each.

The time-outs of requests are per read: a service that sends a byte now and then is never cut. Here a timer
shuts the socket down when the time is over, whatever the exchange is doing. (A name lookup cannot be cut.)
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

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


def first_to_answer(
    addresses: Sequence[str], deadline: Deadline, connect: Callable[[str, float], socket.socket]
) -> socket.socket:
    """Returns the first connection that stands; it may take all the time that is left. `connect`: takes an
    address and its share of that time, in seconds; urllib3 gives each address of a host all of it.

    Raises:
        HTTPError: what the last one raised.
    """
    for number, address in enumerate(addresses, 1):
        try:
            made = connect(address, deadline.left / (len(addresses) - number + 1))
        except HTTPError:
            if number == len(addresses) or deadline.over:
                raise
        else:
            made.settimeout(deadline.left)
            return made
    raise ValueError("no address")


class _Watched:
    """Tells the thread's Deadline which socket a request uses, reused ones included."""

    sock: socket.socket | None
    _dns_host: str
    host: str
    port: int
    timeout: Any

    def _new_conn(self) -> socket.socket:
        deadline: Deadline | None = getattr(_here, "deadline", None)
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM) if deadline else []
        except (OSError, UnicodeError):
            found = []  # urllib3 says so in its own words
        if deadline is None or not found:
            return self._connected()
        name = self._dns_host
        try:
            return first_to_answer([str(each[4][0]) for each in found], deadline, self._to)
        finally:
            self._dns_host = name

    def _to(self, address: str, seconds: float) -> socket.socket:
        self._dns_host, self.timeout = address, seconds
        return self._connected()

    def _connected(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        return made

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


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class Session(requests.Session):
    """Exchanges that a Deadline can end. Never retries, and takes a redirect for an answer like any other:
    requests would read all of its body, and another address may see neither a token nor residents' data."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _WatchedAdapter(max_retries=0))

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None
