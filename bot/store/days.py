"""Figures for those on duty, one hash per day and shard: traffic, who is with the staff, how changes ended.

Fields: `m:<slot>` messages of these ten minutes; `s:<tag>` until when a resident is with the staff (epoch
seconds, 0: no more); sealed, `e:<id>` how a change ended and for whom, `c:<id>` a comment and for what, which
says nothing of its writer.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import redis

from bot.store.connect import answering
from bot.store.records import Noted, ResidentKey
from bot.store.seal import Seal, SealError

_AT_ONCE = 16
"""Shards per request to Redis, so that a busy city's answer comes within the time-out."""
SLOTS = 144
_HELD = 40
"""Past days kept in memory; they no longer change."""


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
    """`messages`: of each ten minutes, from midnight in China. `staff`: residents, and until when (epoch
    seconds; 0: no more). The newest is first."""

    messages: tuple[int, ...]
    staff: tuple[tuple[ResidentKey, int], ...]
    ended: tuple[Ended, ...]
    comments: tuple[Comment, ...]

    @property
    def total(self) -> int:
        return sum(self.messages)


def packed(seal: Seal, noted: Noted) -> dict[str, str]:
    """Returns the fields as the commit's script writes them."""
    return {
        name: str(value)
        if isinstance(value, int)
        else b64encode(seal.seal(json.dumps(value).encode(), name)).decode()
        for name, value in noted.items()
    }


class Days:
    """Raises StoreAway."""

    def __init__(self, client: redis.Redis, seal: Seal, shards: int) -> None:
        self._client, self._seal, self._shards = client, seal, shards
        self._past: dict[date, Day] = {}

    def read(self, day: date, today: date) -> Day:
        """Reads a day, without fields that no key opens any more. Past days are read once."""
        past = day < today - timedelta(days=1)  # an event just before midnight may be written after it
        if past and day in self._past:
            return self._past[day]
        found = self._read(day)
        if past:
            while len(self._past) >= _HELD:
                self._past.pop(next(iter(self._past)), None)
            self._past[day] = found
        return found

    def _read(self, day: date) -> Day:
        messages, staff = [0] * SLOTS, []
        ended: list[Ended] = []
        comments: list[Comment] = []
        for shard, name, value in self._fields(f"{day:%Y%m%d}"):
            kind, _, rest = name.partition(":")
            if kind == "m":
                messages[int(rest)] += int(value)
            elif kind == "s":
                staff.append((ResidentKey("", rest, shard), int(value)))
            else:
                try:
                    held = json.loads(self._seal.open(b64decode(value), name))
                except SealError:
                    continue
                if kind == "e":
                    ended.append(Ended(*held))
                else:
                    comments.append(Comment(*held))
        ended.sort(key=lambda one: -one.at)
        comments.sort(key=lambda one: -one.at)
        return Day(tuple(messages), tuple(staff), tuple(ended), tuple(comments))

    def _fields(self, day: str) -> Iterator[tuple[int, str, bytes]]:
        for first in range(0, self._shards, _AT_ONCE):
            shards = range(first, min(first + _AT_ONCE, self._shards))
            with answering():
                pipe = self._client.pipeline(transaction=False)
                for shard in shards:
                    pipe.hgetall(f"sb:{{s{shard}}}:a:{day}")
                hashes = pipe.execute()
            for shard, held in zip(shards, hashes, strict=True):
                for name, value in held.items():
                    yield shard, name.decode(), value
