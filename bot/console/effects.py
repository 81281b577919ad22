"""What a change would do to the replays and to residents' words, worked out in processes of their own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from bot.console.apart import Apart
from bot.content.read.files import STUB, Files, content_of, identity
from bot.content.understanding import MESSAGES, Comparison
from bot.content.verdict import Verdict, contents, replay_folders
from bot.store.seal import Seal

FORM = 2
"""Of what is kept; another release's is not read."""


class Effects:
    """`root`: the content directory, with replays and files of messages. All return what came of it; True
    while it is worked out, False where nobody has begun, or it failed.

    Raises:
        redis.RedisError.
    """

    def __init__(self, client: redis.Redis, seal: Seal, root: Path, language: str) -> None:
        self._replays = Apart(client, seal, "bot.kit.replay.gate", Verdict)
        self._words = Apart(client, seal, "bot.content.understanding", Comparison)
        self._root, self._language = root.resolve(), language

    def played(self, old: Files, new: Files) -> Verdict | bool:
        """What the replays said, where somebody has played them."""
        return self._replays.look(self._of_replays(old, new))

    def play(self, old: Files, new: Files) -> Verdict | bool:
        """Plays the replays where nobody has, and waits a little."""
        if not replay_folders(self._root):
            return Verdict(0)
        return self._replays.run(
            self._of_replays(old, new),
            self._sides(old, new, first=[self._root]),
            failed=lambda code: Verdict(0, cannot=f"exit {code}"),
        )

    def compare(self, old: Files, new: Files, asked: Sequence[str]) -> Comparison | bool:
        """Compares how words are understood, where nobody has. `asked`: messages for which nobody has said
        what is right."""
        files = sorted((self._root / MESSAGES).glob("*.tsv"))
        given = json.dumps(sorted(asked), ensure_ascii=False).encode()
        key = self._key("compared", old, new, files, given)
        return self._words.run(key, self._sides(old, new, last=files), given)

    @contextmanager
    def _sides(
        self, old: Files, new: Files, first: Sequence[Path] = (), last: Sequence[Path] = ()
    ) -> Iterator[Sequence[str]]:
        """Unpacks both contents, and yields what the process is started with."""
        with contents(self._root, old, new) as (before, after):
            yield [*map(str, (*first, before, after)), self._language, *map(str, last)]

    def _of_replays(self, old: Files, new: Files) -> str:
        replays = [path for folder in replay_folders(self._root) for path in sorted(folder.rglob("*.y*ml*"))]
        return self._key("gate", old, new, (self._root / STUB, *replays))

    def _key(self, what: str, old: Files, new: Files, files: Iterable[Path], given: bytes = b"") -> str:
        about = f"{FORM} {identity(old)} {identity(new)} {self._language}"
        digest = hashlib.sha256(about.encode() + given)
        for path in files:
            digest.update(os.fsencode(path) + b"\0" + content_of(path) + b"\0")
        return f"console:{what}:{digest.hexdigest()[:32]}"
