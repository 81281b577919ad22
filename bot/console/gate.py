"""The replays before a publish: played in a process of their own, so that no resident waits for them.

What came of it is kept in Redis under a hash of all that was played: every web process shows it, and nothing
that was changed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import cast

import redis
import structlog

import bot
from bot.content.read.files import Files, content_of, identity
from bot.content.verdict import LONGEST, REPLAYS, STUB, Verdict, contents, from_plain

log = structlog.get_logger()
RUNNING = b"running"
ALIVE = 20
"""Seconds after which replays are taken to be played no more where nobody said so again."""
KEPT = 86_400
WAITED = 3.0
"""Seconds that a request waits: a few replays are played at once."""


class Gate:
    """`root`: the content directory. Raises redis.RedisError."""

    def __init__(self, client: redis.Redis, root: Path, language: str) -> None:
        self._client, self._root, self._language = client, root.resolve(), language

    def look(self, old: Files, new: Files) -> Verdict | bool:
        """What came of it; True while it is played, False where nobody has begun."""
        return self._read(self._key(old, new))

    def play(self, old: Files, new: Files) -> Verdict | bool:
        """Begin where nobody has, and wait a little. As `look`."""
        if not (self._root / REPLAYS).is_dir():
            return Verdict(0)
        key = self._key(old, new)
        if self._client.set(key, RUNNING, nx=True, ex=ALIVE):
            threading.Thread(target=self._play, args=(key, old, new), daemon=True).start()
        until = time.monotonic() + WAITED
        while (found := self._read(key)) is True and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _read(self, key: str) -> Verdict | bool:
        raw = cast("bytes | None", self._client.get(key))
        return from_plain(json.loads(raw)) if raw not in (None, RUNNING) else raw is not None

    def _key(self, old: Files, new: Files) -> str:
        digest = hashlib.sha256(f"{identity(old)} {identity(new)} {self._language}".encode())
        for path in (self._root / STUB, *sorted((self._root / REPLAYS).rglob("*.yaml"))):
            digest.update(os.fsencode(path) + b"\0" + content_of(path) + b"\0")
        return f"console:gate:{digest.hexdigest()[:32]}"

    def _play(self, key: str, old: Files, new: Files) -> None:
        try:
            with contents(self._root, old, new) as (before, after):
                found = self._apart(key, before, after)
            self._client.set(key, json.dumps(asdict(found)), ex=KEPT)
        except (OSError, redis.RedisError) as e:  # nothing is kept, so that it can be begun anew
            log.error("replays not played", cause=type(e).__name__)

    def _apart(self, key: str, before: Path, after: Path) -> Verdict:
        folders = [str(path) for path in (self._root, before, after)]
        command = [sys.executable, "-m", "bot.kit.replay.gate", *folders, self._language]
        env = {name: value for name, value in os.environ.items() if not name.startswith("SHEBAO_")}
        child = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=Path(bot.__file__).parents[1],  # what is played is the content given, by this program
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        until = time.monotonic() + LONGEST
        while True:
            try:
                out, wrong = child.communicate(timeout=ALIVE / 4)
                break
            except subprocess.TimeoutExpired:
                self._client.set(key, RUNNING, ex=ALIVE)
                if time.monotonic() > until:
                    child.kill()
        if child.returncode:
            log.error("replays not played", code=child.returncode, last=wrong.decode(errors="replace")[-300:])
            return Verdict(0, cannot=f"exit {child.returncode}")
        return from_plain(json.loads(out))
