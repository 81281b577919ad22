"""A network that can be cut in two: a TCP proxy before each server, in a process of its own.

    python -m drill.cut FRONT:BACK …

Ports of loopback. A line of standard input says, as JSON, which addresses reach a front no more:
{"FRONT": ["127.0.0.11", …]}. What they send meanwhile arrives when they do again, as TCP would have it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from store.servers import ports

from drill.stage import ROOT, TESTS, Part

CHECKS = 0.05
"""Seconds until it is looked at again whether a connection is still cut."""


class Network:
    """That process, seen from the drill. Close it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._part: Part | None = None
        (folder / "logs").mkdir(parents=True, exist_ok=True)

    def before(self, backs: list[int]) -> list[int]:
        """Where these ports are reached from now on."""
        fronts = ports(len(backs))
        pairs = [f"{front}:{back}" for front, back in zip(fronts, backs, strict=True)]
        env = os.environ | {"PYTHONPATH": f"{ROOT}:{TESTS}"}
        command = [sys.executable, "-m", "drill.cut", *pairs]
        self._part = Part("wire-network", command, self._folder, env, fronts[-1])
        self._part.start()
        return fronts

    def cut(self, unreached: dict[int, list[str]]) -> None:
        """By port of the front; {}: heal it."""
        assert self._part is not None
        self._part.tell(json.dumps(unreached))

    def close(self) -> None:
        if self._part is not None:
            self._part.kill()


class Fronts:
    def __init__(self) -> None:
        self._cut: dict[str, list[str]] = {}

    async def obey(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self._cut = json.loads(line)

    async def serve(self, front: str, back: str) -> None:
        async def accept(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
            who = near_out.get_extra_info("peername")[0]

            async def carry(from_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
                with suppress(OSError):
                    while chunk := await from_.read(65536):
                        await reaches()
                        to.write(chunk)
                        await to.drain()
                to.close()

            async def reaches() -> None:
                while who in self._cut.get(front, ()):
                    await asyncio.sleep(CHECKS)

            await reaches()
            try:
                far_in, far_out = await asyncio.open_connection("127.0.0.1", int(back))
            except OSError:
                near_out.close()
                return
            await asyncio.gather(carry(near_in, far_out), carry(far_in, near_out))

        async with await asyncio.start_server(accept, "127.0.0.1", int(front)) as server:
            await server.serve_forever()


async def main(pairs: list[str]) -> None:
    network = Fronts()
    await asyncio.gather(network.obey(), *(network.serve(*pair.split(":")) for pair in pairs))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
