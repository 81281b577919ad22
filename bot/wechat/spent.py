"""The day's quota of one of WeChat's interfaces: once spent, no process calls it again before midnight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis import Redis, RedisError

from bot.engine.scope import until_midnight

log = structlog.get_logger()

SPENT = 45009


class Spent:
    """Shared by all processes of an account. `clock`: epoch seconds."""

    def __init__(self, redis: Redis, app_id: str, clock: Callable[[], float]) -> None:
        self._redis, self._clock = redis, clock
        self._key = f"wechat:spent:{app_id}"

    def known(self, call: str) -> bool:
        """Where Redis does not answer it is tried: WeChat knows."""
        try:
            until: Any = self._redis.zscore(self._key, call)
        except RedisError:
            return False
        return until is not None and until > self._clock()

    def note(self, call: str) -> None:
        """WeChat has said so."""
        now = int(self._clock())
        seconds = until_midnight(now)  # then the quotas begin anew
        try:
            first = self._redis.zadd(self._key, {call: now + seconds}, gt=True, ch=True)
            self._redis.expire(self._key, seconds)
        except RedisError:
            first = 1
        if first:
            log.error("quota of the day is spent", call=call, errcode=SPENT, seconds=seconds, alert=True)

    def all(self) -> Mapping[str, int]:
        """Which calls, and until when (epoch seconds). Raises RedisError."""
        found: Any = self._redis.zrange(self._key, 0, -1, withscores=True)
        return {call.decode(): int(until) for call, until in found if until > self._clock()}

    def again(self) -> None:
        """Call them again: the quotas were reset in WeChat's console. Raises RedisError."""
        self._redis.delete(self._key)
