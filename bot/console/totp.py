"""The second factor: six digits that an app makes of a secret and the time (RFC 6238 over RFC 4226)."""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote, urlencode

import redis

from bot.console.accounts import Account
from bot.store.seal import Seal

STEP = 30
"""Seconds that a code is shown."""
DRIFT = 1
"""Steps that a telephone's clock may be off, before or after."""
DIGITS = 6


def new_secret() -> str:
    """160 bits, as RFC 4226 advises, in base32: what apps take."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """RFC 4226, 5.3: four bytes of the HMAC, where its last half byte says."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def otpauth(name: str, secret: str) -> str:
    """Returns what an app reads from a picture or a link."""
    return f"otpauth://totp/{quote(f'Shebao:{name}')}?{urlencode({'secret': secret, 'issuer': 'Shebao'})}"


class Codes:
    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def take(self, account: Account, typed: str, now: float) -> bool:
        """Checks whether it is the account's code of now, used for the first time.

        Raises:
            redis.RedisError.
        """
        code = "".join(typed.split())
        fitting = [
            step
            for step in range(int(now) // STEP - DRIFT, int(now) // STEP + DRIFT + 1)
            if hmac.compare_digest(code_at(account.secret, step).encode(), code.encode())
        ]
        return bool(fitting) and self._first(account, fitting[0])

    def _first(self, account: Account, step: int) -> bool:
        key = f"console:code:{self._seal.tag(f'console code {account.name} {step}')}"
        return bool(self._client.set(key, 1, nx=True, ex=STEP * (2 * DRIFT + 2)))
