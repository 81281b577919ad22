"""Residents who walk at once over HTTP: messages a second, and how long answers took.

    python load.py ADDRESS FIRST RESIDENTS AT_ONCE [plain|safe]

Each keeps its connection and writes again as soon as it was answered. One process, one core.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from residents import request, walk, words


class Phone(asyncio.Protocol):
    """One connection; walks residents of `queue` until it is empty."""

    def __init__(self, queue: list[int], safe: bool, took: list[float], over: asyncio.Future[None]) -> None:
        self.queue, self.safe, self.took, self.over = queue, safe, took, over
        self.waits = b""
        self.count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._next_resident()

    def _next_resident(self) -> None:
        if not self.queue:
            self.transport.close()
            return
        self.resident = self.queue.pop()
        self.steps = walk(self.resident)
        self._send(next(self.steps))

    def _send(self, step: tuple[str, str]) -> None:
        self.count += 1
        query, body = request(*step, self.resident * 100 + self.count % 100, self.safe)
        head = f"POST /wechat?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\n"
        self.began = time.perf_counter()
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def data_received(self, data: bytes) -> None:
        self.waits += data
        head, whole, body = self.waits.partition(b"\r\n\r\n")
        if not whole:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
        if not head.startswith(b"HTTP/1.1 200") or not length:
            self.over.set_exception(ValueError(f"answered {head[:200]!r}"))
            return
        if len(body) < int(length):
            return
        self.took.append(time.perf_counter() - self.began)
        self.waits = b""
        try:
            self._send(self.steps.send(words(body, self.safe)))
        except StopIteration:
            self._next_resident()
        except ValueError as e:
            self.over.set_exception(e)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(error or EOFError()) if self.waits or error else self.over.set_result(
                None
            )


async def run(address: str, first: int, residents: int, at_once: int, safe: bool) -> dict[str, float]:
    parts, loop = urlsplit(address), asyncio.get_running_loop()
    queue, took = list(range(first, first + residents)), []  # type: ignore[var-annotated]
    overs = [loop.create_future() for _ in range(at_once)]
    began = time.perf_counter()
    for over in overs:
        await loop.create_connection(
            lambda over=over: Phone(queue, safe, took, over), parts.hostname, parts.port
        )
    await asyncio.gather(*overs)
    seconds = time.perf_counter() - began
    took.sort()
    p50, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    return {"per_second": len(took) / seconds, "p50_ms": p50, "p99_ms": p99, "messages": len(took)}


if __name__ == "__main__":
    address, first, residents, at_once, *mode = sys.argv[1:]
    print(json.dumps(asyncio.run(run(address, int(first), int(residents), int(at_once), mode == ["safe"]))))
