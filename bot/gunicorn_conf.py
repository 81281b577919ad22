"""The web server's configuration: `shebao web`, `shebao run` and the drill name it. Whatever depends on this
server stands here. The process that starts the others imports nothing of ours, so that a reload (HUP) serves
what is installed then.

A proxy with a certificate stands in front and takes a request in whole before it passes it on.

Why this server: granian 2.8 (WSGI, 8 blocking threads) leaves a client that has closed its sending side
without any answer. Both finish what is under way when they are stopped. On the walk of the bench granian
answered 0.99, 1.06, 2.41 and 2.08 times as many messages a second, in four rounds, and took 6 MB more; the
machine was so busy that this does not settle which is faster. It may be granian.
"""

import os
import socket
import struct
import sys
import time
from contextlib import suppress

from gunicorn import systemd

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 32  # one slow call must not hold up the others: measured, 8 threads do, 32 do not
control_socket_disable = True  # it would be one for all services of this user, in the home directory

# Seconds.
timeout = 30  # a worker that stands still is killed
graceful_timeout = 15  # calls under way take at most 8
keepalive = 75  # nginx keeps a connection for 60: the proxy closes first, never in the middle of a request
_SILENCE = 5  # from a client that stopped in the middle of a request, or of an answer
_LINGERS = 0.5  # for a client to close; what it has sent is read, else it may lose the answer to a reset
_LAST_RECEIVED = 52  # where Linux's tcp_info has tcpi_last_data_recv, milliseconds

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# No header says where the application is, how it was asked for or by whom. X-Forwarded-For is believed by the
# application where the setting `proxies` says so.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
header_map = "drop"

# Off until --access-logfile names a place. Never with the query (%(r)s, %(q)s), which holds who wrote and the
# signature, nor with the referrer.
access_log_format = "%(h)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


# Where systemd listens. gunicorn's own word comes before any process can answer.
_NOTIFY = os.environ.pop("NOTIFY_SOCKET", "")


def post_worker_init(worker) -> None:  # type: ignore[no-untyped-def]
    """Tell systemd that this process has loaded the application."""
    if _NOTIFY:
        os.environ["NOTIFY_SOCKET"] = _NOTIFY
        systemd.sd_notify("READY=1", worker.log, unset_environment=True)


def pre_request(_worker, request) -> None:  # type: ignore[no-untyped-def]
    """Tell the application for how long this request has waited, whether for a thread or for a process that
    had still to start: the kernel knows when it came in. What a client says of it is dropped."""
    request.headers[:] = [(name, value) for name, value in request.headers if name != "X-QUEUE-TIME"]
    try:
        known = request.unreader.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_RECEIVED + 4)
    except (AttributeError, OSError):  # not on Linux, or not over TCP
        return
    if len(known) == _LAST_RECEIVED + 4:
        waited = int.from_bytes(known[_LAST_RECEIVED:], sys.byteorder)
        request.headers.append(("X-QUEUE-TIME", f"{waited / 1000:.3f}"))


def post_request(_worker, _request, environ, response) -> None:  # type: ignore[no-untyped-def]
    """Wait here, in the request's own thread, for the client to close where the answer asked it to. gunicorn
    does so for 2 seconds in the one thread that takes connections, and all others would wait as well."""
    used = environ.get("gunicorn.socket")
    if used is None or (response is not None and not response.should_close()):
        return
    until = time.monotonic() + _LINGERS
    try:
        used.shutdown(socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            used.settimeout(left)
            if not used.recv(65536):
                break
    except OSError:
        pass  # reset, or still open: no longer our business
    with suppress(OSError):
        used.shutdown(socket.SHUT_RDWR)  # then gunicorn has nothing left to wait for


def when_ready(server) -> None:  # type: ignore[no-untyped-def]
    """Let no client hold a thread for good: connections inherit this from the socket that listens."""
    seconds = struct.pack("ll", _SILENCE, 0)
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, seconds)
