"""Failed real-name checks are counted under tags of the resident and of the ID number until the day ends.

So neither following again nor many accounts help to probe one number; deletion does not reset it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import redis

from bot.ports import Request, Result, Service
from bot.services.stub import epoch
from bot.store.seal import Seal

CHINA = timezone(timedelta(hours=8))
COUNTED = {"real_name.check": "id_number", "real_name.check_family": "id_number"}
KEPT = 2 * 86400


class Limited:
    """A real-name service with a limit of its own: after `tries` failures in a day, `locked`."""

    def __init__(
        self,
        service: Service,
        client: redis.Redis,
        seal: Seal,
        tries: int,
        now: Callable[[], int] = epoch,
    ) -> None:
        self._service, self._client, self._seal = service, client, seal
        self._tries, self._now = tries, now

    def perform(self, request: Request) -> Result:
        """As bot.ports.Service. Redis being away counts as `unavailable`: nothing was asked."""
        if request.action not in COUNTED:
            return self._service.perform(request)
        number = str(request.arguments[COUNTED[request.action]])
        day = datetime.fromtimestamp(self._now(), CHINA).strftime("%Y%m%d")
        keys = [f"sb:tries:{day}:{tag}" for tag in (request.resident, self._seal.tag(number))]
        try:
            if any(int(self._client.get(key) or 0) >= self._tries for key in keys):
                return Result("locked")
            result = self._service.perform(request)
            if result.outcome == "mismatch":
                for key in keys:
                    self._client.incr(key)
                    self._client.expire(key, KEPT)
        except redis.RedisError:
            return Result("unavailable")
        return result

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
