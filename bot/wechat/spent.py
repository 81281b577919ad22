"""Records spent daily quotas of WeChat's interfaces: no process calls one again before midnight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis import Redis

from bot.engine.scope import until_midnight
from bot.store.connect import answering
from bot.store.records import StoreAway

log = structlog.get_logger()

SPENT = 45009


class Spent:
    """Spent quotas, shared by all processes of an account. `clock`: epoch seconds."""

    def __init__(self, redis: Redis, app_id: str, clock: Callable[[], float]) -> None:
        self._redis, self._clock = redis, clock
        self._key = f"wechat:spent:{app_id}"

    def known(self, call: str) -> bool:
        """Checks whether the quota is spent; False if Redis does not answer, as WeChat checks it anyway."""
        try:
            with answering():
                until: Any = self._redis.zscore(self._key, call)
        except StoreAway:
            return False
        return until is not None and until > self._clock()

    def note(self, call: str) -> None:
        """Records that WeChat reported a spent quota."""
        now = int(self._clock())
        seconds = until_midnight(now)  # the quotas restart then
        try:
            with answering():
                first = self._redis.zadd(self._key, {call: now + seconds}, gt=True, ch=True)
                self._redis.expire(self._key, seconds)
        except StoreAway:
            first = 1
        if first:
            log.error("quota of the day is spent", call=call, errcode=SPENT, seconds=seconds, alert=True)

    def all(self) -> Mapping[str, int]:
        """Returns the spent calls, and until when (epoch seconds).

        Raises:
            RedisError.
        """
        found: Any = self._redis.zrange(self._key, 0, -1, withscores=True)
        return {call.decode(): int(until) for call, until in found if until > self._clock()}

    def again(self) -> None:
        """Allows the calls again: the quotas were reset in WeChat's console.

        Raises:
            RedisError.
        """
        self._redis.delete(self._key)
