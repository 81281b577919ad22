"""Connections on which WeChat's deliveries travel, one at a time each."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass, field

GIVES_UP = 5.0
"""Seconds until WeChat waits no longer and delivers again."""
TRIES = 3


def post(query: str, body: bytes) -> bytes:
    """One delivery as it stands on the wire."""
    head = f"POST /wechat?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Line(asyncio.Protocol):
    """A connection; one question at a time."""

    def __init__(self) -> None:
        self.open, self.data, self.answer = True, b"", asyncio.Future[bytes]()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, asked: bytes) -> asyncio.Future[bytes]:
        """The body of the answer; b"" where it is not 200, or did not come whole."""
        self.data, self.answer = b"", asyncio.Future()
        self.transport.write(asked)  # type: ignore[attr-defined]
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, whole, body = self.data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if whole and length and len(body) >= int(length[1]) and not self.answer.done():
            if b"connection: close" in head.lower():
                self.close()
            self.answer.set_result(body if head.startswith(b"HTTP/1.1 200") else b"")

    def connection_lost(self, _: Exception | None) -> None:
        self.open = False
        if not self.answer.done():
            self.answer.set_result(b"")

    def close(self) -> None:
        self.open = False
        self.transport.abort()  # type: ignore[attr-defined]


@dataclass
class Lines:
    """As many connections to one address as are needed at once. `kept`: each is used again. `patience`:
    seconds for an answer."""

    port: int
    tls: ssl.SSLContext | None = None
    kept: bool = True
    patience: float = GIVES_UP
    free: list[Line] = field(default_factory=list)

    async def ask(self, asked: bytes) -> bytes:
        """The body of the answer; b"" where it is not 200, or did not come whole.

        Raises:
            TimeoutError: it did not come in time.
            OSError: nobody listens.
        """
        line = None
        try:
            async with asyncio.timeout(self.patience):
                line = await self._line()
                answer = await line.ask(asked)
        except TimeoutError:
            if line is not None:
                line.close()
            raise
        if self.kept and line.open:
            self.free.append(line)
        else:
            line.close()
        return answer

    async def _line(self) -> Line:
        while self.free:
            if (line := self.free.pop()).open:
                return line
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, "127.0.0.1", self.port, ssl=self.tls)
        return line
