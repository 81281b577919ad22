"""A wire that breaks: a TCP proxy on loopback, in a process of its own.

    python -m drill.proxy PORT UPSTREAM SEED OFTEN NOTES NAME

UPSTREAM is a port or the path of a unix socket. OFTEN: faults per exchange (0 to 1) at the start; another
number on a line of standard input changes it. Each exchange may be
refused (the connection is closed before the request went on), dropped (closed after it), reset in mid-answer,
delayed, or half-open: nothing more goes through, and neither side is told.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

KINDS = ("refused", "dropped", "reset", "delayed", "half-open")


class Wire:
    def __init__(self, upstream: str, seed: str, often: float, notes: Path, name: str) -> None:
        self.upstream, self.often, self.name = upstream, often, name
        self.dice = random.Random(seed)
        self._notes = notes.open("ab")

    async def accept(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            if self.upstream.isdigit():
                far_in, far_out = await asyncio.open_connection("127.0.0.1", int(self.upstream))
            else:
                far_in, far_out = await asyncio.open_unix_connection(self.upstream)
        except OSError:
            _reset(near_out)
            return
        link = Link(self, near_in, near_out, far_in, far_out)
        with suppress(OSError):
            await asyncio.gather(link.ask(), link.answer())
        for side in (near_out, far_out):
            side.close()

    def draw(self) -> str:
        if self.dice.random() >= self.often:
            return ""
        kind = self.dice.choice(KINDS)
        self._notes.write(f"{self.name} {kind}\n".encode())
        self._notes.flush()
        return kind

    async def obey(self) -> None:
        """Numbers on standard input."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.often = float(line)


class Link:
    """One connection. A fault is drawn when a request comes; some strike its answer."""

    def __init__(
        self,
        wire: Wire,
        near_in: asyncio.StreamReader,
        near_out: asyncio.StreamWriter,
        far_in: asyncio.StreamReader,
        far_out: asyncio.StreamWriter,
    ) -> None:
        self._wire = wire
        self._near_in, self._near_out, self._far_in, self._far_out = near_in, near_out, far_in, far_out
        self._fault = ""

    async def ask(self) -> None:
        while chunk := await self._near_in.read(65536):
            self._fault = self._fault or self._wire.draw()
            if self._fault == "half-open":
                continue
            if self._fault == "refused":
                _reset(self._near_out)
                break
            self._far_out.write(chunk)
            await self._far_out.drain()
            if self._fault == "dropped":
                self._near_out.close()
                break
        self._far_out.close()

    async def answer(self) -> None:
        while chunk := await self._far_in.read(65536):
            if self._fault == "half-open":
                continue
            if self._fault == "reset":
                self._near_out.write(chunk[: len(chunk) // 2])
                await asyncio.sleep(0)
                _reset(self._near_out)
                return
            if self._fault == "delayed":
                await asyncio.sleep(self._wire.dice.choice([0.05, 0.3, 0.8]))
                self._fault = ""
            self._near_out.write(chunk)
            await self._near_out.drain()
        if self._fault != "half-open":
            self._near_out.close()


def _reset(side: asyncio.StreamWriter) -> None:
    """Close so that the other side gets RST."""
    used: socket.socket | None = side.get_extra_info("socket")
    if used is not None:
        with suppress(OSError):
            used.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    side.close()


async def serve(port: int, wire: Wire) -> None:
    server = await asyncio.start_server(wire.accept, "127.0.0.1", port)
    async with server:
        await asyncio.gather(server.serve_forever(), wire.obey())


if __name__ == "__main__":
    _port, _upstream, _seed, _often, _log, _name = sys.argv[1:]
    asyncio.run(serve(int(_port), Wire(_upstream, _seed, float(_often), Path(_log), _name)))
