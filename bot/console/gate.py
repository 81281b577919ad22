"""The replays before a publish: played in a process of their own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import redis

from bot.console.apart import Apart
from bot.content.read.files import STUB, Files, content_of, identity
from bot.content.verdict import Verdict, contents, replay_folders
from bot.store.seal import Seal

FORM = 2
"""Of what is kept; another release's is not read."""

msgspec.json.Decoder(Verdict)  # so that no two threads learn the type at once: see bot.store.forms


class Gate:
    """`root`: the content directory.

    Raises:
        redis.RedisError.
    """

    def __init__(self, client: redis.Redis, seal: Seal, root: Path, language: str) -> None:
        self._apart = Apart(client, seal, "bot.kit.replay.gate")
        self._root, self._language = root.resolve(), language

    def look(self, old: Files, new: Files) -> Verdict | bool:
        """Returns what came of it; True while they are played, False where nobody has begun."""
        return _verdict(self._apart.look(self._key(old, new)))

    def play(self, old: Files, new: Files) -> Verdict | bool:
        """Begin where nobody has, and wait a little. As `look`."""
        if not replay_folders(self._root):
            return Verdict(0)

        @contextmanager
        def arguments() -> Iterator[Sequence[str]]:
            with contents(self._root, old, new) as (before, after):
                yield [*map(str, (self._root, before, after)), self._language]

        def cannot(code: int) -> Any:
            return asdict(Verdict(0, cannot=f"exit {code}"))

        return _verdict(self._apart.run(self._key(old, new), arguments, failed=cannot))

    def _key(self, old: Files, new: Files) -> str:
        digest = hashlib.sha256(f"{FORM} {identity(old)} {identity(new)} {self._language}".encode())
        replays = [path for folder in replay_folders(self._root) for path in sorted(folder.rglob("*.yaml"))]
        for path in (self._root / STUB, *replays):
            digest.update(os.fsencode(path) + b"\0" + content_of(path) + b"\0")
        return f"console:gate:{digest.hexdigest()[:32]}"


def _verdict(found: Any) -> Verdict | bool:
    return found if isinstance(found, bool) else msgspec.convert(found, Verdict)
