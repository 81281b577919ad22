"""What those on duty look at, one hash a day and shard: traffic, who is with the staff, how changes ended.

Fields: `m:<slot>` messages of these ten minutes; `s:<tag>` until when a resident is with the staff (epoch
seconds, 0: no more); sealed, `e:<id>` how a change ended and for whom, `c:<id>` a comment and for what, which
says nothing of who wrote it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import redis

from bot.store.connect import answering
from bot.store.records import Noted
from bot.store.seal import Seal, SealError

_AT_ONCE = 16
"""Shards in one question to Redis, so that a busy city's answer comes within the time-out."""
SLOTS = 144


@dataclass(frozen=True)
class Ended:
    """A change whose outcome is known. `at`: epoch seconds. `tag`: the resident's."""

    at: int
    tag: str
    action: str
    outcome: str


@dataclass(frozen=True)
class Comment:
    """`slot`: flow.slot. `rated`: what was chosen in the same run. `text`: masked. `at`: epoch seconds."""

    at: int
    slot: str
    rated: str
    text: str


@dataclass(frozen=True)
class Day:
    """`messages`: of each ten minutes, from midnight in China. `staff`: (tag, epoch seconds).
    The newest is first."""

    messages: tuple[int, ...]
    staff: tuple[tuple[str, int], ...]
    ended: tuple[Ended, ...]
    comments: tuple[Comment, ...]

    @property
    def total(self) -> int:
        return sum(self.messages)


def packed(seal: Seal, noted: Noted) -> dict[str, str]:
    """As the commit's script writes it."""
    return {
        name: str(value)
        if isinstance(value, int)
        else b64encode(seal.seal(json.dumps(value).encode(), name)).decode()
        for name, value in noted.items()
    }


def read(client: redis.Redis, seal: Seal, day: date, shards: int) -> Day:
    """What no key opens any more is left out. Raises StoreAway."""
    messages, staff = [0] * SLOTS, []
    ended: list[Ended] = []
    comments: list[Comment] = []
    for name, value in _fields(client, f"{day:%Y%m%d}", range(shards)):
        kind, _, rest = name.partition(":")
        if kind == "m":
            messages[int(rest)] += int(value)
        elif kind == "s":
            staff.append((rest, int(value)))
        else:
            try:
                held = json.loads(seal.open(b64decode(value), name))
            except SealError:
                continue
            if kind == "e":
                ended.append(Ended(*held))
            else:
                comments.append(Comment(*held))
    ended.sort(key=lambda one: -one.at)
    comments.sort(key=lambda one: -one.at)
    return Day(tuple(messages), tuple(staff), tuple(ended), tuple(comments))


def _fields(client: redis.Redis, day: str, shards: Sequence[int]) -> Iterator[tuple[str, str]]:
    for first in range(0, len(shards), _AT_ONCE):
        with answering():
            pipe = client.pipeline(transaction=False)
            for shard in shards[first : first + _AT_ONCE]:
                pipe.hgetall(f"sb:{{s{shard}}}:a:{day}")
            hashes = pipe.execute()
        for held in hashes:
            for name, value in held.items():
                yield name.decode(), value.decode()
