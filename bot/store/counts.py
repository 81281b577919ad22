"""Reads the commits' counts over all shards: by day and revision, and the words that nothing answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import redis

from bot.store.connect import answering
from bot.store.packing import QUESTIONS_TTL
from bot.store.redis import SHARDS
from bot.store.seal import Seal, SealError

RESIDENTS = 2
"""Words are shown once this many residents used them: words of only one may identify them."""
_AT_ONCE = 16
"""Shards per request to Redis, so that a busy city's answer comes within the time-out."""
_HELD = 100
"""Past days kept in memory; they no longer change."""

Day = Mapping[str, Mapping[str, int]]
"""One day's counts: revision -> name -> how often."""


@dataclass(frozen=True)
class Question:
    """Masked words that nothing answered. `residents`: at least so many asked; `last`: the last day. `at`:
    flow.step, of words that were written there instead of an answer."""

    text: str
    times: int
    residents: int
    last: date
    at: str = ""


class Counts:
    """Reads counts. All requests to Redis raise StoreAway."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal
        self._past: dict[date, Day] = {}

    def read(self, days: Sequence[date], today: date) -> dict[date, Day]:
        """Returns every day's counts, in the order of `days`; `today` by China's clocks."""
        found: dict[date, Day] = {}
        for day in days:
            past = day < today - timedelta(days=1)  # an event just before midnight may be written after it
            if not past or day not in self._past:
                found[day] = self._day(day)
                if past:
                    while len(self._past) >= _HELD:
                        self._past.pop(next(iter(self._past)), None)
                    self._past[day] = found[day]
            else:
                found[day] = self._past[day]
        return found

    def _day(self, day: date) -> Day:
        made: dict[str, Counter[str]] = {}
        for _, counted in self._hashes("c", day):
            for key, n in counted.items():
                revision, _, name = key.decode().partition("|")
                made.setdefault(revision, Counter())[name] += int(n)
        return made

    def questions(self, days: Sequence[date]) -> tuple[Question, ...]:
        """Returns what at least RESIDENTS residents asked, most residents first; nothing is older than 30
        days.

        A resident's shard never changes, so words from two shards are two residents' words. Nothing else is
        kept of who asked, and two residents in one shard count as one.
        """
        return self._asked("u", days)

    def instead(self, days: Sequence[date]) -> tuple[Question, ...]:
        """Returns what at least RESIDENTS residents wrote at a question that was no answer to it, as
        `questions` does."""
        return self._asked("i", days)

    def _asked(self, kind: str, days: Sequence[date]) -> tuple[Question, ...]:
        times: Counter[str] = Counter()
        shards: dict[str, set[int]] = {}
        sealed: dict[str, bytes] = {}
        last: dict[str, date] = {}
        for day in sorted(days)[-QUESTIONS_TTL // 86400 - 1 :]:
            for shard, held in self._hashes(kind, day):
                for key, value in held.items():
                    tag, _, is_text = key.decode().partition(":")
                    if is_text:
                        sealed[tag] = value
                        continue
                    times[tag] += int(value)
                    shards.setdefault(tag, set()).add(shard)
                    last[tag] = day
        known = [t for t in times if len(shards[t]) >= RESIDENTS]
        known.sort(key=lambda t: (-len(shards[t]), -times[t], t))
        found = []
        for tag in known:
            at, _, text = self._opened(sealed.get(tag), tag).rpartition("\n")
            if text:
                found.append(Question(text, times[tag], len(shards[tag]), last[tag], at))
        return tuple(found)

    def _opened(self, sealed: bytes | None, tag: str) -> str:
        try:
            return self._seal.open(sealed, tag).decode() if sealed else ""
        except SealError:  # its key is gone, and in some days the words are too
            return ""

    def _hashes(self, kind: str, day: date) -> Iterator[tuple[int, dict[bytes, bytes]]]:
        name = day.strftime("%Y%m%d")
        for first in range(0, SHARDS, _AT_ONCE):
            shards = range(first, min(first + _AT_ONCE, SHARDS))
            with answering():
                pipe = self._client.pipeline(transaction=False)
                for shard in shards:
                    pipe.hgetall(f"sb:{{s{shard}}}:{kind}:{name}")
                hashes = pipe.execute()
            yield from zip(shards, hashes, strict=True)
