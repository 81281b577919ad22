"""The keys of pictures that were sent on the resident's page; `bot.page.pictures` says what is in them."""

from __future__ import annotations

from typing import cast

import redis

from bot.store.connect import answering
from bot.store.records import ResidentKey

ALL = "page:pictures"
"""How many there are in all: their names, by when they end."""


def key(owner: ResidentKey) -> str:
    return owner.key("pic", owner.tag)


def drop(client: redis.Redis, owner: ResidentKey) -> None:
    """Deletes a resident's pictures: what they were for is over.

    Raises:
        StoreAway.
    """
    with answering():
        names = cast("list[bytes]", client.hkeys(key(owner)))
        if names:
            client.delete(key(owner))
            client.zrem(ALL, *names)
