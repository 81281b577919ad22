"""What residents cost in Redis: while they write, a quarter of an hour later, a week later; and a receipt.

    .venv/bin/python benchmarks/memory.py [RESIDENTS]

So many of each kind of open_loop.py write to the shipped machine, and what they add to Redis's memory is
shared out among them. Time passes by deleting what would have run out by then, and by moving evidence to the
archive, as a worker does after three days.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from shipped import Shipped, cores_of, served  # noqa: I001
from bot.services.archive import SqlArchive
from bot.store import evidence
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from open_loop import Crowd
from residents import ASKS, LOOKS, REPORTS

KINDS = {"asks": ASKS, "looks at the card": LOOKS, "reports it lost": REPORTS}
QUARTER, WEEK = 15 * 60, 7 * 86400


@dataclass
class Cost:
    """Bytes a resident: of Redis's memory at three times, and of the log that it writes to the disk. Of
    their receipt, in Redis and in the archive."""

    kind: str
    writing: float
    quarter: float
    week: float
    log: float
    receipt: float
    archived: float


def used(store: RedisStore) -> int:
    return int(store.client.info("memory")["used_memory"])


def pass_time(store: RedisStore, seconds: int) -> None:
    """What lives no longer is gone."""
    keys = list(store.client.scan_iter(match="sb:*", count=1000))
    pipe = store.client.pipeline(transaction=False)
    for key in keys:
        pipe.ttl(key)
    gone = [key for key, left in zip(keys, pipe.execute(), strict=True) if 0 <= left <= seconds]
    for first in range(0, len(gone), 1000):
        store.client.unlink(*gone[first : first + 1000])


def archive(store: RedisStore) -> list[int]:
    """Moves all evidence as if it were old enough; the bytes of each receipt's."""
    client: Any = store.client
    sizes: list[int] = []
    while keys := [*client.scan_iter(match="sb:{s*}:e:*", count=1000)]:
        for key in keys:
            sizes.append(int(client.memory_usage(key)))
            tag, facts = store.forms.open_tagged(client.lindex(key, 0))
            facts["recorded_at"] -= evidence.MOVED_AFTER + 1
            client.lset(key, 0, store.forms.tagged(ResidentKey("", tag, 0), facts))
        client.delete(evidence.ARCHIVING)
        evidence.archive(store)
    return sizes


async def measure(shipped: Shipped, many: int) -> list[Cost]:
    store, file = RedisStore(shipped.machine.client, shipped.seal()), shipped.archive
    store.archive = SqlArchive(f"sqlite:///{file}")
    store.fleet.say()
    crowd, found = Crowd(shipped.lines()), []
    await crowd.first()
    for texts in KINDS.values():  # what all share is there by then
        await crowd.walk(texts, many // 2)
    archive(store)
    for kind, texts in KINDS.items():
        pass_time(store, WEEK)
        at, log = used(store), store.client.info("persistence")["aof_current_size"]
        kept = file.stat().st_size
        await crowd.walk(texts, many)
        writing, log = used(store) - at, store.client.info("persistence")["aof_current_size"] - log
        pass_time(store, QUARTER)
        quarter = used(store) - at
        receipts = archive(store)
        pass_time(store, WEEK)
        of_one = [size / many for size in (writing, quarter, used(store) - at, log)]
        of_receipt = [size / max(len(receipts), 1) for size in (sum(receipts), file.stat().st_size - kept)]
        found.append(Cost(kind, *of_one, *of_receipt))
    return found


def main(many: int = 500) -> None:
    columns = "while they write", "15 minutes later", "a week later", "on the disk", "receipt", "archived"
    print(f"| bytes of one who | {' | '.join(columns)} |\n|{'---|' * 7}")
    with served(*cores_of(1)) as shipped:
        for cost in asyncio.run(measure(shipped, many)):
            sizes = (cost.writing, cost.quarter, cost.week, cost.log, cost.receipt, cost.archived)
            print(f"| {cost.kind} | " + " | ".join(f"{size:,.0f}" for size in sizes) + " |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
