"""One access token for all processes: sealed in Redis, renewed by one process at a time.

wechatpy has no lock here: 20 cold clients made 20 fetches and kept a token that had already been replaced.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from bot.ports import Unknown
from bot.store.connect import answering, take
from bot.store.records import StoreAway
from bot.store.seal import Seal, SealError

EARLY = 300  # seconds before its end: WeChat renews then, and the old token still works that long
_OWNER = "token"
_LOCK = 10  # seconds; longer than a fetch may take
_FETCH = 5.0  # seconds
_FORCE_EVERY = 300  # seconds; WeChat allows 20 forced renewals a day
_PAUSE = 0.05  # seconds between checks while another process renews

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True)
class Token:
    """A fetched token. `lasts`: seconds from now."""

    text: str
    lasts: int


@dataclass(frozen=True)
class _Kept:
    text: str
    renew_at: float  # epoch seconds


Fetch = Callable[[bool, float], Token]
"""(force, within seconds) -> a token from WeChat's stable_token."""


def kept_for(redis: Redis, app_id: str) -> int | None:
    """Seconds for which the cached token is valid, None if there is none.

    Raises:
        RedisError.
    """
    lasts: Any = redis.ttl(f"wechat:token:{app_id}")
    return lasts if lasts >= 0 else None


class OwnToken:
    """One client's token, cached nowhere else: stable_token gives every client the same one. Never forces."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._text = ""

    def get(self, until: float, refused: str = "") -> str:
        """See Tokens.get. A client that only checks must not replace the token of those who serve."""
        if not self._text or refused:
            self._text = self._fetch(False, min(_FETCH, until - time.monotonic())).text
        return self._text

    def left(self) -> int | None:
        """See Tokens.left: nothing is cached."""
        return None


class Tokens:
    """The shared token. `redis` must answer bytes (decode_responses=False). `clock`: epoch seconds."""

    def __init__(
        self, redis: Redis, seal: Seal, app_id: str, fetch: Fetch, clock: Callable[[], float]
    ) -> None:
        self._redis = redis
        self._seal = seal
        self._fetch = fetch
        self._clock = clock
        self._key = f"wechat:token:{app_id}"
        self._lock = f"wechat:token-lock:{app_id}"
        self._forced = f"wechat:token-forced:{app_id}"

    def get(self, until: float, refused: str = "") -> str:
        """Returns a token. `until`: when to give up, by time.monotonic().

        `refused`: a token WeChat has just refused; fetches another one, by force at most every 5 minutes.

        Raises:
            Unknown: WeChat or the token store does not answer.
        """
        try:
            with answering():
                return self._get(until, refused)
        except StoreAway as away:
            raise Unknown(f"the token store does not answer: {away}") from None

    def left(self) -> int | None:
        """Seconds until the cached token is renewed, None if there is none.

        Raises:
            RedisError.
        """
        kept = self._read()
        return round(kept.renew_at - self._clock()) if kept else None

    def _get(self, until: float, refused: str) -> str:
        while True:
            kept = self._read()
            usable = kept is not None and kept.text != refused
            if kept and usable and self._clock() < kept.renew_at:
                return kept.text
            if owner := take(self._redis, self._lock, _LOCK):
                try:
                    return self._renew(until, refused)
                except Unknown:
                    if not (kept and usable):
                        raise
                    return kept.text  # it works until its end
                finally:
                    self._redis.eval(_RELEASE, 1, self._lock, owner)
            if kept and usable:
                return kept.text  # another process renews it; it works until then
            if time.monotonic() + _PAUSE > until:
                raise Unknown("no access token in time")
            time.sleep(_PAUSE)

    def _renew(self, until: float, refused: str) -> str:
        kept = self._read()  # the process that held the lock before may have renewed it
        if kept and kept.text != refused and self._clock() < kept.renew_at:
            return kept.text
        token = self._fetch(False, min(_FETCH, until - time.monotonic()))
        if token.text == refused:
            if not take(self._redis, self._forced, _FORCE_EVERY):
                raise Unknown("WeChat refuses the token it gives; renewed by force a moment ago")
            token = self._fetch(True, min(_FETCH, until - time.monotonic()))
        self._write(token)
        return token.text

    def _read(self) -> _Kept | None:
        sealed = self._redis.get(self._key)
        if not isinstance(sealed, bytes):
            return None
        try:
            found = json.loads(self._seal.open(sealed, _OWNER))
            return _Kept(found["token"], found["renew_at"])
        except (SealError, ValueError, KeyError, TypeError):
            return None  # a sealing key was removed: fetch anew

    def _write(self, token: Token) -> None:
        early = min(EARLY, token.lasts // 2)  # keeps a short-lived token from being fetched at every call
        kept = {"token": token.text, "renew_at": self._clock() + token.lasts - early}
        self._redis.set(self._key, self._seal.seal(json.dumps(kept).encode(), _OWNER), ex=max(1, token.lasts))
