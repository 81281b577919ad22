"""The stub of `Sender`: keeps pushed replies, sealed, so that a simulated phone can show them."""

from __future__ import annotations

from typing import cast

import redis
from msgspec import json

from bot.engine.effects import Reply
from bot.ports import Notice, Pushed
from bot.store.seal import Seal

KEPT = 7 * 86400
_REPLY = json.Decoder(Reply)


class StubSender:
    """Raises nothing: `later` if Redis is away."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        return self._keep(openid, reply)

    def notify(self, openid: str, notice: Notice, within: float) -> Pushed:
        return self._keep(openid, Reply(text=f"［{notice.matter}］\n{notice.line}", says=("notice",)))

    def _keep(self, openid: str, reply: Reply) -> Pushed:
        key = self._key(openid)
        sealed = self._seal.seal(json.encode(reply), key)
        try:
            self._client.rpush(key, sealed)
            self._client.expire(key, KEPT)
        except redis.RedisError:
            return "later"
        return "sent"

    def take(self, openid: str) -> list[Reply]:
        """Returns the replies since the last call, oldest first.

        Raises:
            redis.RedisError.
        """
        key = self._key(openid)
        found: list[Reply] = []
        while sealed := cast("bytes | None", self._client.lpop(key)):
            found.append(_REPLY.decode(self._seal.open(sealed, key)))
        return found

    def _key(self, openid: str) -> str:
        return f"stub:pushed:{self._seal.tag(openid)}"
