"""Pictures that were sent on the page: drawn anew, so that nothing but the picture is left, and kept sealed.

A picture lives as long as the flow that asked for it may wait; once a call has fetched it, as long as WeChat
keeps one.
"""

from __future__ import annotations

import io
import re
import secrets
from threading import Lock
from typing import IO, Any, cast

import redis
from flask import Request

from bot.page.sealed import too_often
from bot.ports import Media, Unknown
from bot.store import page_pictures
from bot.store.connect import answering, server_time
from bot.store.records import ResidentKey, StoreAway
from bot.store.seal import Seal, SealError

MOST = 8_000_000
"""Bytes of a file, as phones make them."""
PIXELS = 24_000_000
SCANS = 30
"""Of a progressive JPEG, as cameras and browsers make ten: each scan goes over the whole picture."""
WIDEST = 1600
"""Pixels: enough to read a document by."""
EACH, ALL = 12, 2000
"""Pictures of one resident, and of all of them, at a time; a resident may send as many a minute."""
PATIENCE = 1.0
"""Seconds to wait until another picture is drawn."""
LASTS, SUBMITTED = 3600, 259_200
"""Seconds from the last one on; the same once it was submitted."""
_KINDS = ("JPEG", "PNG", "WEBP")
_ID = re.compile(r"page-(\d{1,3})-([A-Za-z0-9_-]{22})-([0-9a-f]{32})", re.ASCII)
SEGMENTS = 500
"""Of a JPEG; a colour profile or the notes of a camera are split into some dozens."""
_MARK = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd8])", re.DOTALL)
"""Takes the last of the bytes that may fill up before a mark: a long run would be read from each again."""
_SCAN, _END = b"\xda", b"\xd9"


class InMemory(Request):
    """A file that was sent is never put on this disk, not even for the request."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


class NotAPicture(Exception):
    """What was sent is none that can be used, or is too large."""


class TooMany(Exception):
    """No room for another one now."""


class Pictures:
    """Sealed in Redis, under keys that go with the resident's data."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal
        self.drawing = Lock()  # one at a time: a picture that is open takes a hundred times its bytes

    def take(self, owner: ResidentKey, sent: bytes) -> str:
        """Its media id.

        Raises:
            NotAPicture, TooMany, StoreAway.
        """
        # before anything is drawn: also what is refused has cost its time
        if too_often(self._client, f"page:tries:{owner.tag}", EACH):
            raise TooMany
        if not self.drawing.acquire(timeout=PATIENCE):
            raise TooMany
        try:
            drawn = redrawn(sent)
        finally:
            self.drawing.release()
        key, name = page_pictures.key(owner), secrets.token_hex(16)
        with answering():
            self._client.zremrangebyscore(page_pictures.ALL, 0, server_time(self._client))
            if self._client.hlen(key) >= EACH or self._client.zcard(page_pictures.ALL) >= ALL:
                raise TooMany
            self._client.hset(key, name, cast(Any, self._seal.seal(drawn, f"{key} {name}")))
            self._last(key, LASTS)
        return f"page-{owner.shard}-{owner.tag}-{name}"

    def _last(self, key: str, seconds: int) -> None:
        """All of a resident's so long at least: what was submitted is kept for its call. Counted as long."""
        left = self._client.ttl(key)
        if left < seconds:
            self._client.expire(key, seconds)
        until = server_time(self._client) + max(left, seconds)
        names = cast("list[bytes]", self._client.hkeys(key))
        if names:
            self._client.zadd(page_pictures.ALL, dict.fromkeys(names, until))

    def drop(self, owner: ResidentKey) -> None:
        """What they were for is over.

        Raises:
            StoreAway.
        """
        page_pictures.drop(self._client, owner)

    def find(self, media_id: str) -> bytes | None:
        """For a call; None: it is no picture of ours.

        Raises:
            Unknown.
        """
        found = _ID.fullmatch(media_id)
        if found is None:
            return None
        key, name = page_pictures.key(ResidentKey("", found[2], int(found[1]))), found[3]
        try:
            with answering():
                sealed = cast("bytes | None", self._client.hget(key, name))
                self._last(key, SUBMITTED)
            if sealed:
                return self._seal.open(sealed, f"{key} {name}")
        except (StoreAway, SealError) as e:
            raise Unknown("a picture of the page cannot be read") from e
        raise Unknown("no such picture")


class PageMedia:
    """`bot.ports.Media`: the page's pictures, and `beyond` for what came in the chat."""

    def __init__(self, pictures: Pictures, beyond: Media) -> None:
        self._pictures, self._beyond = pictures, beyond

    def fetch(self, media_id: str, within: float) -> bytes:
        """Raises Unknown."""
        found = self._pictures.find(media_id)
        return self._beyond.fetch(media_id, within) if found is None else found

    def upload(self, image: bytes, within: float) -> str:
        return self._beyond.upload(image, within)


def redrawn(sent: bytes) -> bytes:
    """A JPEG the right way up, at most WIDEST pixels, without what was beside the picture: where it was
    taken, by which phone.

    Raises:
        NotAPicture.
    """
    from PIL import Image, ImageOps  # only where pictures are sent

    if len(sent) > MOST or _costly(sent):
        raise NotAPicture("too large")
    try:
        with Image.open(io.BytesIO(sent), formats=_KINDS) as image:
            if image.width * image.height > PIXELS:  # told by its head, before it is opened
                raise NotAPicture("too many pixels")
            image.draft("RGB", (WIDEST, WIDEST))
            upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((WIDEST, WIDEST))
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=85)
        return out.getvalue()
    except NotAPicture:
        raise
    except Exception as e:  # Pillow raises anything at all for what is broken
        raise NotAPicture(type(e).__name__) from None


def _costly(sent: bytes) -> bool:
    """Whether a JPEG has more than SCANS scans. Only its own segments count: other files, a film behind a
    phone's picture, and a thumbnail hold bytes that look like marks."""
    at, scans = 2, 0
    if not sent.startswith(b"\xff\xd8"):
        return False
    for _ in range(SEGMENTS):
        mark = _MARK.search(sent, at)
        if mark is None or mark[1] == _END:
            return False
        scans += mark[1] == _SCAN
        if scans > SCANS:
            return True
        at = mark.end() + int.from_bytes(sent[mark.end() : mark.end() + 2])
    return True
