"""Failed real-name checks are counted under tags of the resident and of the ID number until the day ends.

So neither following again nor many accounts help to probe one number; deletion does not reset it.
"""

from __future__ import annotations

from collections.abc import Callable

import redis

from bot.engine.scope import china_time
from bot.ports import Request, Result, Service
from bot.services.identity import plain_id
from bot.store.seal import Seal

COUNTED = frozenset({"real_name.check", "real_name.check_family", "real_name.match_face"})
KEPT = 2 * 86400


class Limited:
    """A real-name service with a limit of its own: after `tries` failures in a day, `locked`.

    A check takes its place in the count before it is made and gives it back unless it failed, so parallel
    checks cannot pass the limit; the places are idempotency keys, so a repeated attempt counts once.
    """

    def __init__(
        self,
        service: Service,
        client: redis.Redis,
        seal: Seal,
        tries: int,
        now: Callable[[], int],
    ) -> None:
        self._service, self._client, self._seal = service, client, seal
        self._tries, self._now = tries, now

    def perform(self, request: Request) -> Result:
        """As bot.ports.Service. Redis being away counts as `unavailable`: nothing was asked."""
        if request.action not in COUNTED:
            return self._service.perform(request)
        number = plain_id(str(request.arguments["id_number"]))
        day = f"{china_time(self._now()):%Y%m%d}"
        names = [f"sb:tries:{day}:{tag}" for tag in (request.resident, self._seal.tag(number))]
        place = self._seal.tag(request.key)
        try:
            taken = [self._take(name, place) for name in names]
            allowed = max(taken) <= self._tries
            result = self._service.perform(request) if allowed else Result("locked")
            if result.outcome != "mismatch":
                for name in names:
                    self._client.srem(name, place)
        except redis.RedisError:
            return Result("unavailable")
        return result

    def _take(self, name: str, place: str) -> int:
        pipe = self._client.pipeline(transaction=False)
        pipe.sadd(name, place)
        pipe.expire(name, KEPT)
        pipe.scard(name)
        return int(pipe.execute()[2])

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
