"""What a draft makes of residents' words, worked out in a process of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import redis

from bot.console.apart import Apart
from bot.content.read.files import Files, content_of, identity
from bot.content.understanding import MESSAGES, Comparison
from bot.content.verdict import contents
from bot.store.seal import Seal

msgspec.json.Decoder(Comparison)  # so that no two threads learn the type at once: see bot.store.forms


class Compared:
    """`root`: the content directory, with files of messages.

    Raises:
        redis.RedisError.
    """

    def __init__(self, client: redis.Redis, seal: Seal, root: Path, language: str) -> None:
        self._apart = Apart(client, seal, "bot.content.understanding")
        self._root, self._language = root.resolve(), language

    def look(self, old: Files, new: Files, asked: Sequence[str]) -> Comparison | bool:
        """Returns what came of it, begun where nobody has; True while it is worked out, False where it
        failed. `asked`: messages for which nobody has said what is right."""
        files = sorted((self._root / MESSAGES).glob("*.tsv"))
        given = json.dumps(sorted(asked), ensure_ascii=False).encode()
        digest = hashlib.sha256(f"{identity(old)} {identity(new)} {self._language}".encode() + given)
        for path in files:
            digest.update(content_of(path) + b"\0")

        @contextmanager
        def arguments() -> Iterator[Sequence[str]]:
            with contents(self._root, old, new) as (before, after):
                yield [str(before), str(after), self._language, *map(str, files)]

        found: Any = self._apart.run(f"console:compared:{digest.hexdigest()[:32]}", arguments, given)
        return found if isinstance(found, bool) else msgspec.convert(found, Comparison)
