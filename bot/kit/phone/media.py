"""WeChat's media store for development: pictures the phone sent and pictures the account uploaded."""

from __future__ import annotations

import re
import secrets

import redis

from bot.ports import Unknown
from bot.store.seal import Seal, SealError

KEPT = 86_400
"""Seconds. WeChat keeps temporary media for three days."""
MOST = 4_000_000
"""Bytes of one picture."""
_NAME = re.compile(r"phone-[0-9a-f]{16}", re.ASCII)
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


class PhoneMedia:
    """Implements bot.ports.Media over Redis; stored pictures are sealed."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def fetch(self, media_id: str, within: float) -> bytes:
        """Raises Unknown if there is no such picture."""
        key = f"phone:media:{media_id}"
        try:
            sealed = self._client.get(key) if _NAME.fullmatch(media_id) else None
            if isinstance(sealed, bytes):
                return self._seal.open(sealed, key)
        except (redis.RedisError, SealError):
            pass
        raise Unknown("no such picture")

    def upload(self, image: bytes, within: float) -> str:
        """Raises Unknown."""
        media_id = f"phone-{secrets.token_hex(8)}"
        key = f"phone:media:{media_id}"
        try:
            self._client.set(key, self._seal.seal(image, key), ex=KEPT)
        except redis.RedisError as e:
            raise Unknown("the picture was not kept") from e
        return media_id


def kind_of(image: bytes) -> str:
    """Returns the content type by the first bytes; "" for what is no picture that the page shows."""
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _KINDS.items() if image.startswith(magic)), "")
