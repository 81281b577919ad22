"""Retries of the store: one deadline for all that a delivery, a call or a timer needs of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog

from bot.logs import where
from bot.store.records import StoreAway

log = structlog.get_logger()
T = TypeVar("T")
Steps = Generator[str, None, T]
"""A turn, or a part of one. It stops where another turn of the resident could come in between, before: begin,
commit, result (of a call), wait (for another's answer), sent. Only "every order" uses these names."""

FURTHER = 3
"""Attempts after the first one that the store failed."""
RACES = 20
"""Attempts after another turn of the same resident was faster."""
POLLS = 9
"""Checks of a turn that is open elsewhere; with those that begin and end the wait at most 12."""


def drive(steps: Steps[T]) -> T:
    """Runs to the end, ignoring the stops."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


class Runtime:
    """The clock and threads of this process; a replay brings its own. `calls`: at once."""

    def __init__(self, calls: int = 1) -> None:
        self._pool = ThreadPoolExecutor(calls, thread_name_prefix="call")

    now: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds of a monotonic clock."""

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def start(self, work: Steps[None]) -> Iterable[str]:
        """Runs the work on a thread of its own.

        Returns the steps that the caller goes through instead: none here, all if there are no threads.
        """

        def noted() -> None:
            try:
                drive(work)
            except Exception as e:  # the job is durable: its lease lapses and a worker takes it
                log.error("call failed", **where(e))

        self._pool.submit(noted)
        return ()

    def call(self, make: Callable[..., T], *args: Any) -> T:
        """Returns the result of a call (the arguments are those of bot.turn.calls.Calls.make)."""
        return make(*args)

    def attempts(self, seconds: float) -> Attempts:
        return Attempts(self.now() + seconds, self.pause, self.now)


class Attempts:
    """Counts the attempts of one thread, and pauses between them, longer each time.

    `until`: the deadline, of the clock `now`. `wait`: sleeps at most these seconds. `stored`: seconds spent
    asking the store. The number of attempts is limited too: a store that reads but refuses writes answers at
    once.
    """

    def __init__(
        self,
        until: float,
        wait: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.until, self._wait, self.now = until, wait, now
        self.not_after = 0.0  # the deadline by the store's clock; 0 until its time is known
        self._first = self.left() / 30  # then 4 and 16 times as long: 0.13, 0.5 and 2.1 of 4 s
        self._began = self.now()
        self._failures = self._races = self._polls = 0
        self.stored = 0.0

    def left(self) -> float:
        """Seconds left."""
        return self.until - self.now()

    def began(self, clock: float) -> None:
        """Notes the store's time. The deadline never moves to a later moment, whichever server answers."""
        ends = clock + self.left()
        self.not_after = min(self.not_after, ends) if self.not_after else ends

    def again(self, spare: float = 0.0) -> bool:
        """Pauses after a failure of the store; False if no attempt is left, or no time for one as long as the
        last (a refusal is immediate, silence costs a second) with `spare` seconds after it."""
        took = self.now() - self._began
        pause = min(self._first * 4**self._failures, self.left() - took - spare)
        self._failures += 1
        if self._failures > FURTHER or pause <= 0:
            return False
        self._wait(pause)
        self._began = self.now()
        return True

    def failed(self, cause: StoreAway) -> None:
        """Pauses like `again`; raises `cause` if no attempt is left."""
        log.debug("store failed", cause=str(cause))
        if not self.again():
            raise cause

    def raced(self, result: str) -> None:
        """Pauses after another turn wrote first.

        Raises:
            StoreAway: after too many times.
        """
        log.debug("turn raced", result=result)
        pause = 0.01 * self._races * random.uniform(0.5, 1)
        self._races += 1
        if self._races > RACES or self.left() < pause:
            raise StoreAway(result)
        self._wait(pause)
        self._began = self.now()

    def poll(self, until: float) -> bool:
        """Pauses before the next check of another's turn; False after the last one."""
        left = until - self.now()
        if self._polls == POLLS or left <= 0:
            return False
        self._polls += 1
        self._wait(left * self._polls / sum(range(self._polls, POLLS + 1)))
        self._began = self.now()
        return True
