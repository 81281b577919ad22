"""Work that takes seconds, done in a process of its own, so that no resident waits for it.

What came of it is kept in Redis, sealed, under a key made of all that it rests on: every web process shows
it, and nothing that was changed since.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Generic, TypeVar, cast

import msgspec
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

T = TypeVar("T")
Arguments = AbstractContextManager[Sequence[str]]
"""What the module is started with, and what has to be there meanwhile."""


class Apart(Generic[T]):
    """`module` is run, and prints a `kind` as JSON.

    Raises:
        redis.RedisError.
    """

    def __init__(self, client: redis.Redis, seal: Seal, module: str, kind: type[T]) -> None:
        self._client, self._seal, self._module = client, seal, module
        # here, so that no two threads learn the type at once: see bot.store.forms
        self._form: msgspec.json.Decoder[T | bool] = msgspec.json.Decoder(kind | bool)

    def look(self, key: str) -> T | bool:
        """Returns what came of it; True while it is done, False where nobody has begun, or it failed."""
        raw = cast("bytes | None", self._client.get(key))
        if raw in (None, RUNNING):
            return raw is not None
        try:
            return self._form.decode(self._seal.open(raw, key))
        except SealError:  # its key is gone: done anew
            return False

    def run(
        self,
        key: str,
        arguments: Arguments,
        given: bytes = b"",
        failed: Callable[[int], T | None] = lambda code: None,
    ) -> T | bool:
        """Begin where nobody has, and wait a little. As `look`. `given`: the process's input. `failed`: what
        is kept where it exits with a code; None: that it failed, until it may be begun anew."""
        if self._client.set(key, RUNNING, nx=True, ex=ALIVE):
            threading.Thread(target=self._run, args=(key, arguments, given, failed), daemon=True).start()
        until = time.monotonic() + WAITED
        while (found := self.look(key)) is True and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _run(self, key: str, arguments: Arguments, given: bytes, failed: Callable[[int], T | None]) -> None:
        found: T | bool | None = None
        try:
            with arguments as made:
                code, out = self._process(key, made, given)
            found = failed(code) if code else self._form.decode(out)
        except (OSError, redis.RedisError) as e:
            log.error("work apart failed", module=self._module, cause=type(e).__name__)
        lasts = KEPT if found is not None else ALIVE  # a page that looks again must not begin it again
        self._client.set(key, self._seal.seal(msgspec.json.encode(found or False), key), ex=lasts)

    def _process(self, key: str, arguments: Sequence[str], given: bytes) -> tuple[int, bytes]:
        """Returns the exit code, and what it printed."""
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
        return child.returncode, out
