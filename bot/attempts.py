"""How often the store is asked again: one deadline for all that a delivery, a call or a timer needs of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from bot.store.records import StoreAway

FURTHER = 3
"""Attempts after the first one that the store failed."""
RACES = 20
"""Attempts after another turn of the same resident was faster."""
POLLS = 9
"""Looks at a turn that is under way elsewhere; with those that begin and end the wait at most 12."""


class Attempts:
    """Until `until` (of time.monotonic()). A pause is longer than the one before; for one thread.

    `wait`: for seconds, at most. Else a store that answers reads and refuses writes would be asked for ever.
    """

    def __init__(self, until: float, wait: Callable[[float], object] = time.sleep) -> None:
        self.until, self._wait = until, wait
        self.not_after = 0.0  # the deadline by the store's clock; 0 until the store has told its time
        self._first = self.left() / 30  # then 4 and 16 times as long: 0.15, 0.6 and 2.4 of 4.5 s
        self._began = time.monotonic()
        self._failures = self._races = self._polls = 0

    def left(self) -> float:
        """Seconds."""
        return self.until - time.monotonic()

    def began(self, clock: float) -> None:
        """The store has told its time. Its deadline never moves to a later moment, whichever server tells."""
        ends = clock + self.left()
        self.not_after = min(self.not_after, ends) if self.not_after else ends

    def again(self, spare: float = 0.0) -> bool:
        """The store failed: pause before the next attempt; False where there is none left, or no time for one
        that takes as long (a refusal comes at once, silence costs a second) with `spare` seconds after it."""
        took = time.monotonic() - self._began
        pause = min(self._first * 4**self._failures, self.left() - took - spare)
        self._failures += 1
        if self._failures > FURTHER or pause <= 0:
            return False
        self._wait(pause)
        self._began = time.monotonic()
        return True

    def failed(self, cause: StoreAway) -> None:
        """The same; raises `cause` where it is over."""
        if not self.again():
            raise cause

    def raced(self, result: str) -> None:
        """Another turn wrote first: decide again. Raises StoreAway after too many times."""
        pause = 0.01 * self._races * random.uniform(0.5, 1)
        self._races += 1
        if self._races > RACES or self.left() < pause:
            raise StoreAway(result)
        self._wait(pause)
        self._began = time.monotonic()

    def poll(self, until: float) -> bool:
        """Pause before looking again at what another does; False where it was looked at often enough."""
        left = until - time.monotonic()
        if self._polls == POLLS or left <= 0:
            return False
        self._polls += 1
        self._wait(left * self._polls / sum(range(self._polls, POLLS + 1)))
        self._began = time.monotonic()
        return True
