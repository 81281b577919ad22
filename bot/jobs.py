"""The worker: takes due jobs and timers under a lease and hands them to the turn."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.logs import where
from bot.store.redis import RedisStore, StoreAway
from bot.turn import LEASE, Turns

log = structlog.get_logger()


class Worker:
    """Several at once are safe: a claim is one script, and finishing a job requires that it still exists."""

    def __init__(self, store: RedisStore, turns: Turns, threads: int = 4, pause: float = 0.5) -> None:
        self.store, self.turns, self.pause, self.threads = store, turns, pause, threads
        self._stop = threading.Event()

    def run(self) -> None:
        """Until `stop`; Redis being away is waited out."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="worker") as pool:
            while not self._stop.is_set():
                try:
                    busy = list(pool.map(lambda found: self.take(*found), self.store.due()))
                except StoreAway as e:
                    log.warning("worker waits", cause=str(e))
                    busy = []
                if not any(busy):
                    self._stop.wait(self.pause)

    def stop(self) -> None:
        self._stop.set()

    def take(self, shard: int, member: str) -> bool:
        """Claim and run one due thing; False if another worker has it or it came to nothing."""
        try:
            claimed = self.store.claim(shard, member, LEASE)
            if claimed is None:
                return False
            owner, job, attempt, _ = claimed
            if job is None:
                self.turns.run_timer(owner)
            else:
                self.turns.run_job(owner, job, attempt)
        except StoreAway as e:
            log.warning("job left for later", cause=str(e))
            return False
        except Exception as e:  # one broken job must not stop the others; its lease brings it back
            log.error("job failed", shard=shard, **where(e))
            return False
        return True
