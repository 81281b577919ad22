"""Figures for Prometheus: what this machine's processes did, and what is in the store.

Counts are in files that all processes of one address share. Each process has a number, held by a kernel lock:
a new process takes over the file of one that ended or was killed, so no count is lost or counted twice, and
there are never more files than processes. All listen on the same address; any of them answers for all. It is
not an address of the web server, so that a server without a free thread can still be seen.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, values
from prometheus_client.exposition import make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

from bot import logs
from bot.account.line_metrics import Lines
from bot.account.outside_metrics import OutsideCollector
from bot.account.served import Served
from bot.account.store_metrics import StoreCollector

log = structlog.get_logger()

ROOM = 1 << 19
"""Bytes of a file, reserved at once: a page that a full disk cannot provide would end the process."""
SILENCE = 5.0
"""Seconds that a client may be silent."""


# --- the files of one address --------------------------------------------------------------------
def number_in(folder: Path) -> tuple[int, int]:
    """Returns the number of this process, and the open descriptor that holds it.

    The first process after all have ended begins at zero.

    Raises:
        OSError: the folder cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    gate = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        known = [int(path.suffix[1:]) for path in folder.glob("number.*")]
        free = {n: handle for n in known if (handle := _hold(folder, n)) is not None}
        if len(free) == len(known):
            for left in folder.glob("*.db"):
                left.unlink()
        number = min(free, default=len(known))
        ours = free.pop(number, None) if free else _hold(folder, number)
        for handle in free.values():
            os.close(handle)
        if ours is None:
            raise OSError(number)
        return number, ours
    finally:
        os.close(gate)


def _hold(folder: Path, number: int) -> int | None:
    """Returns None if a living process has it."""
    handle = os.open(folder / f"number.{number}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _take_room(folder: Path, number: int) -> None:
    """Reserves the disk space.

    Raises:
        OSError: there is none.
    """
    if sys.platform == "linux":
        for kind in ("counter", "histogram"):
            handle = os.open(folder / f"{kind}_{number}.db", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(handle, 0, ROOM)
            finally:
                os.close(handle)


class _Quiet(WSGIRequestHandler):
    timeout = SILENCE

    def log_message(self, *_: Any) -> None:
        """Logs nothing."""


_held: list[int] = []


def start(bot: Served) -> Callable[[], None]:
    """Counts from now on, and answers at the setting `metrics` (empty: off). A failure here never affects
    residents. Returns a function that stops it."""
    if not bot.settings.metrics:
        return lambda: None
    host, _, port = bot.settings.metrics.rpartition(":")
    folder = bot.root / "var" / "metrics" / port
    before = values.ValueClass
    try:
        number, handle = number_in(folder)
        _held.append(handle)  # for the life of this process
        _take_room(folder, number)
        server = _listening(
            host.strip("[]"), int(port), registry(folder, number, StoreCollector(bot), OutsideCollector(bot))
        )
    except (OSError, OverflowError) as e:  # the port is taken, too high; the disk is full
        logs.observe(None)
        log.error("no figures", cause=type(e).__name__, address=bot.settings.metrics, alert=True)
        return lambda: None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def stop() -> None:
        logs.observe(None)
        values.ValueClass = before
        server.shutdown()
        server.server_close()
        os.close(_held.pop())

    return stop


def registry(folder: Path, number: int, *collectors: Any) -> CollectorRegistry:
    """Returns the counts of all processes in `folder`; this one, `number`, counts from now on."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # the library has no other way to set it
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
    logs.observe(Lines())
    made = CollectorRegistry()
    MultiProcessCollector(made, str(folder))  # type: ignore[no-untyped-call]
    for collector in collectors:
        made.register(collector)
    return made


def _listening(host: str, port: int, shown: CollectorRegistry) -> WSGIServer:
    class Server(ThreadingMixIn, WSGIServer):
        """All processes of one user may listen on the same address; the kernel distributes the requests."""

        daemon_threads = True
        allow_reuse_port = True
        address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]

    return make_server(host, port, make_wsgi_app(shown), Server, _Quiet)
