"""Ways for the reference bureau to answer badly, so that tests meet each on a real socket.

`Bureau-Fault: NAME` or `NAME=SECONDS`; the operation is carried out first, its answer is what goes wrong:
hang (no byte for so long), drip (a byte every 0.1 s, for so long), drip_head (the same in the headers),
reset (the connection is torn down), 500, 503 (without a word whether it was taken), garbage (200, no JSON),
nonsense (200 and an outcome that does not exist), large (5 MB), 302, 202 (it comes by callback).
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator

from flask import Response, request

_DEFAULT = 3.0  # seconds


def answer_badly(fault: str, perform: Callable[[], Response]) -> Response:
    """`fault`: see above; an unknown one answers 400."""
    name, _, seconds = fault.partition("=")
    lasts = float(seconds or _DEFAULT)
    answer = perform()
    match name:
        case "hang":
            time.sleep(lasts)
            return answer
        case "drip":
            return Response(_drip(answer.get_data(), lasts), 200, content_type="application/json")
        case "drip_head":
            _drip_head(lasts)
            return answer
        case "reset":
            _reset()
            return answer
        case "500" | "503":
            return Response("", int(name))
        case "garbage":
            return Response("<html>ok</html>", 200, content_type="text/html")
        case "nonsense":
            return Response(json.dumps({"outcome": "perhaps", "value": {}}), 200)
        case "large":
            return Response(b" " * 5_000_000 + answer.get_data(), 200)
        case "202":
            return Response('{"accepted": true}', 202, content_type="application/json")
        case "302":
            return Response("", 302, headers={"Location": request.url})
        case _:
            return Response("", 400)


def _drip(body: bytes, lasts: float) -> Iterator[bytes]:
    # spaces are allowed before JSON: the answer stays good, it only never ends in time
    for _ in range(int(lasts * 10)):
        time.sleep(0.1)
        yield b" "
    yield body


def _drip_head(lasts: float) -> None:
    used = _socket()
    with contextlib.suppress(OSError):
        used.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(int(lasts * 10)):
            time.sleep(0.1)
            used.sendall(b"a")
        used.sendall(b"\r\n\r\n")


def _reset() -> None:
    """Close without waiting for unsent data, which makes the kernel send RST."""
    used = _socket()
    used.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    used.shutdown(socket.SHUT_RDWR)


def _socket() -> socket.socket:
    """Werkzeug's development server lends its socket; tests run under no other."""
    used: socket.socket = request.environ["werkzeug.socket"]
    return used
