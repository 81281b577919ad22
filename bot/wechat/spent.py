"""The day's quota of one of WeChat's interfaces: once spent, no process calls it again before midnight."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from redis import Redis, RedisError

log = structlog.get_logger()

SPENT = 45009
_DAY, _CHINA = 86400, 8 * 3600


def until_midnight(now: float) -> int:
    """Seconds until the quotas begin anew: midnight in China."""
    return _DAY - int(now + _CHINA) % _DAY


class Spent:
    """Shared by all processes of an account. `clock`: epoch seconds."""

    def __init__(self, redis: Redis, app_id: str, clock: Callable[[], float]) -> None:
        self._redis, self._app_id, self._clock = redis, app_id, clock

    def known(self, call: str) -> bool:
        """Where Redis does not answer it is tried: WeChat knows."""
        try:
            return bool(self._redis.exists(self._key(call)))
        except RedisError:
            return False

    def note(self, call: str) -> None:
        """WeChat has said so."""
        seconds = until_midnight(self._clock())
        try:
            first = self._redis.set(self._key(call), b"1", nx=True, ex=seconds)
        except RedisError:
            first = True
        if first:
            log.error("quota of the day is spent", call=call, errcode=SPENT, seconds=seconds, alert=True)

    def _key(self, call: str) -> str:
        return f"wechat:spent:{self._app_id}:{call}"
