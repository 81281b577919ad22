"""What a message costs beside so many residents who are known already: two stores, in turn, in one run.

    .venv/bin/python benchmarks/sessions.py [FEW] [MANY]

The sessions are copies of one, each with a timer that is far from due. Prints the CPU µs a
message in our process and in Valkey, the bytes a session takes there, and the ratio of many to few; 1 if
that is more than 1.1.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from bench import SUBJECTS, InProcess  # noqa: E402, I001
from bot.kit.embedded import EmbeddedValkey  # noqa: E402
from bot.store.redis import SHARDS  # noqa: E402

ROUNDS, RESIDENTS = 7, 40
MOST = 1.1


def fill(client: redis.Redis, many: int) -> float:
    """Copies of the last session there is, each due one day. Bytes that one takes."""
    key = max(client.scan_iter(match="sb:*:s:*", count=10_000))
    value: dict[Any, Any] = client.hgetall(key)
    before = client.info("memory")["used_memory"]
    for batch in batches(range(many)):
        with client.pipeline(transaction=False) as pipe:
            for n in batch:
                shard, tag = n % SHARDS, f"{n:022d}"
                pipe.hset(f"sb:{{s{shard}}}:s:{tag}", mapping=value)
                pipe.zadd(f"sb:{{s{shard}}}:due", {f"t:{tag}": 4_000_000_000})
            pipe.execute()
    return float(client.info("memory")["used_memory"] - before) / max(many, 1)


def batches(numbers: range) -> Iterator[range]:
    for first in range(0, len(numbers), 5_000):
        yield numbers[first : first + 5_000]


def of_store(client: redis.Redis) -> float:
    """µs of CPU that it has used so far."""
    used = client.info("cpu")
    return float(used["used_cpu_user_main_thread"] + used["used_cpu_sys_main_thread"]) * 1e6


def main(few: int = 1_000, many: int = 1_000_000) -> None:
    folder = Path(tempfile.mkdtemp(prefix="sessions-"))
    subject = next(s for s in SUBJECTS if s.name == "shebao")
    costs: dict[int, list[tuple[float, float]]] = {few: [], many: []}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        running = {}
        for count in costs:
            valkey = EmbeddedValkey(folder / str(count)).start()
            stack.callback(valkey.stop)
            log = folder / f"{count}.log"
            process = InProcess(subject, Path(sys.executable), valkey.url, "plain", log)
            stack.callback(process.stop)
            process.walk(1, 9)
            client = redis.Redis.from_url(valkey.url)
            print(f"{count:>9,} sessions, {fill(client, count):5.0f} bytes each")
            running[count] = process, client
        for n in range(ROUNDS):
            for count, (process, client) in running.items():
                first, before = 100 + n * RESIDENTS, of_store(client)
                found = process.walk(first, first + RESIDENTS)
                store = (of_store(client) - before) / found["messages"]
                costs[count].append((found["us"], store))
    middle = {count: [statistics.median(c) for c in zip(*took, strict=True)] for count, took in costs.items()}
    for count, (ours, store) in middle.items():
        print(f"{count:>9,} sessions: {ours:6.0f} µs a message, {store:6.0f} µs in the store")
    ratio = sum(middle[many]) / sum(middle[few])
    print(f"{ratio:.2f} times as much")
    sys.exit(ratio > MOST)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
