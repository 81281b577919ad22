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


def names(client: redis.Redis, owner: ResidentKey) -> list[bytes]:
    """Returns the names of a resident's pictures.

    Raises:
        StoreAway.
    """
    with answering():
        return cast("list[bytes]", client.hkeys(key(owner)))


def uncount(client: redis.Redis, gone: list[bytes]) -> None:
    """Takes deleted pictures out of the number of all.

    Raises:
        StoreAway.
    """
    with answering():
        client.zrem(ALL, *gone)


def drop(client: redis.Redis, owner: ResidentKey) -> None:
    """Deletes a resident's pictures: what they were for is over.

    Raises:
        StoreAway.
    """
    if held := names(client, owner):
        with answering():
            client.delete(key(owner))
        uncount(client, held)
