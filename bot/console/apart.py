"""Work that takes seconds, done in a process of its own, so that no resident waits for it.

What came of it is kept in Redis, sealed, under a key made of all that it rests on: every web process shows
it, and nothing that was changed since.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import redis
import structlog

from bot.content.training import apart
from bot.content.verdict import LONGEST
from bot.store.seal import Seal, SealError

log = structlog.get_logger()
RUNNING = b"running"
ALIVE = 20
"""Seconds after which work is taken to be done no more where nobody said so again."""
KEPT = 86_400
WAITED = 3.0
"""Seconds that a request waits: what is short is done at once."""

Arguments = Callable[[], AbstractContextManager[Sequence[str]]]
"""What the module is started with, and what has to be there meanwhile."""


OnFailure = Callable[[int], Any]


class Failed(Exception):
    """The process ended with a `code` that is not 0."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _nothing(_: int) -> None:
    return None


class Apart:
    """`module` is run, and prints JSON.

    Raises:
        redis.RedisError.
    """

    def __init__(self, client: redis.Redis, seal: Seal, module: str) -> None:
        self._client, self._seal, self._module = client, seal, module

    def look(self, key: str) -> Any:
        """Returns what came of it; True while it is done, False where nobody has begun, or it failed."""
        raw = cast("bytes | None", self._client.get(key))
        if raw in (None, RUNNING):
            return raw is not None
        try:
            return json.loads(self._seal.open(raw, key))
        except SealError:  # its key is gone: done anew
            return False

    def run(self, key: str, arguments: Arguments, given: bytes = b"", failed: OnFailure = _nothing) -> Any:
        """Begin where nobody has, and wait a little. As `look`. `given`: the process's input. `failed`: what
        is kept where it exits with a code; None: that it failed, until it may be begun anew."""
        if self._client.set(key, RUNNING, nx=True, ex=ALIVE):
            threading.Thread(target=self._run, args=(key, arguments, given, failed), daemon=True).start()
        until = time.monotonic() + WAITED
        while (found := self.look(key)) is True and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _run(self, key: str, arguments: Arguments, given: bytes, failed: OnFailure) -> None:
        try:
            with arguments() as made:
                found = self._process(key, made, given)
        except Failed as e:
            found = failed(e.code)
        except (OSError, redis.RedisError) as e:
            log.error("work apart failed", module=self._module, cause=type(e).__name__)
            found = None
        lasts = KEPT if found is not None else ALIVE  # a page that looks again must not begin it again
        self._client.set(key, self._seal.seal(json.dumps(found or False).encode(), key), ex=lasts)

    def _process(self, key: str, arguments: Sequence[str], given: bytes) -> Any:
        child = subprocess.Popen(
            **apart(self._module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        until = time.monotonic() + LONGEST
        while True:
            try:
                out, wrong = child.communicate(given, timeout=ALIVE / 4)
                break
            except subprocess.TimeoutExpired:
                given = b""  # it is on its way
                self._client.set(key, RUNNING, ex=ALIVE)
                if time.monotonic() > until:
                    child.kill()
        if child.returncode:
            last = wrong.decode(errors="replace")[-300:]
            log.error("work apart failed", module=self._module, code=child.returncode, last=last)
            raise Failed(child.returncode)
        return json.loads(out)
