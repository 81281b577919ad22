"""The clock of a development server: the real time plus what the phone's page has added."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast

import redis

LONGEST = 400 * 86_400
"""The most seconds by which the clock may be ahead."""
_KEY = "phone:ahead"


class WorldClock:
    """Epoch seconds, the same in the web process and the worker. `now`: the real time."""

    def __init__(self, client: redis.Redis, now: Callable[[], int]) -> None:
        self._client, self._now, self._known = client, now, 0

    def __call__(self) -> int:
        return self._now() + self.ahead

    @property
    def ahead(self) -> int:
        """Seconds ahead; the last known value while Redis does not answer."""
        with suppress(redis.RedisError):
            self._known = int(cast("bytes | None", self._client.get(_KEY)) or 0)
        return self._known

    def forward(self, seconds: int) -> int:
        """Moves the clock and returns how far it is ahead. Raises ValueError beyond LONGEST, RedisError."""
        if not 0 < seconds <= LONGEST - self.ahead:
            raise ValueError("the clock goes forward only, and 400 days at most")
        return self._client.incrby(_KEY, seconds)

    def back(self) -> None:
        """Resets it to the real time.

        Raises:
            RedisError.
        """
        self._client.delete(_KEY)
