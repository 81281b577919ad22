"""The worker: claims due jobs under a lease and passes them to the turn or the sender."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import structlog

from bot.logs import where
from bot.ports import ArchiveAway
from bot.store import evidence
from bot.store.records import StoreAway
from bot.store.redis import WAITS, RedisStore
from bot.store.seal import OpensElsewhere
from bot.turn.decision import LEASE
from bot.turn.pulse import Pulse
from bot.turn.push import Pushes
from bot.turn.turns import Turns

log = structlog.get_logger()

LONGEST_PAUSE = 5.0
"""Seconds between two checks of a store that refuses requests."""
STUCK_TIMER = 600
"""Seconds until a timer that a bug of ours has stopped is tried again."""


class Worker:
    """Several at once are safe: a claim is one script, and finishing a job requires that it still exists.

    `threads`: calls at once; timers and pushes have two of their own, so that a bureau that hangs does not
    delay them.
    """

    def __init__(
        self,
        store: RedisStore,
        turns: Turns,
        threads: int = 8,
        pause: float = 0.5,
        pushes: Pushes | None = None,
    ) -> None:
        self.store, self.turns, self.pushes = store, turns, pushes
        self.pause, self.threads = pause, threads
        self._stop, self._refused, self._worked = (threading.Event() for _ in range(3))

    def run(self) -> None:
        """Runs until `stop`; waits for a store that is away or refuses writes, with growing pauses."""
        under_way: dict[tuple[int, str], Future[bool]] = {}
        pause = self.pause
        with (
            Pulse(self.store, raises=True, serves=lambda: self.turns.content("").revision),
            ThreadPoolExecutor(self.threads, thread_name_prefix="worker") as calls,
            ThreadPoolExecutor(2, thread_name_prefix="timer") as quick,
        ):
            tidied = -float(evidence.EVERY)
            while not self._stop.is_set():
                if time.monotonic() - tidied > evidence.EVERY / 4:
                    tidied = time.monotonic()
                    quick.submit(self.tidy)
                under_way = {found: f for found, f in under_way.items() if not f.done()}
                try:
                    for found in self.store.due():
                        is_call = found[1].startswith("j:")
                        busy = sum(member.startswith("j:") == is_call for _, member in under_way)
                        if found not in under_way and busy < 2 * self.threads and not self._stop.is_set():
                            pool = calls if is_call else quick
                            under_way[found] = pool.submit(self.take, *found)
                except StoreAway as e:
                    log.warning("worker waits", cause=str(e))
                    self._refused.set()
                except Exception as e:  # a bug here must not stop the worker for good
                    log.error("worker stumbled", **where(e))
                self._stop.wait(pause)
                refused = self._refused.is_set() and not self._worked.is_set()
                pause = min(2 * pause, LONGEST_PAUSE) if refused else self.pause
                self._refused.clear()
                self._worked.clear()
            for future in under_way.values():
                future.cancel()

    def tidy(self) -> None:
        """Moves old evidence to the archive, if there is one and it is time."""
        try:
            if moved := evidence.archive(self.store):
                log.info("evidence archived", moved=moved)
        except (StoreAway, ArchiveAway) as e:
            log.warning("evidence not archived", cause=str(e))
        except Exception as e:  # a bug here must not stop the worker
            log.error("worker stumbled", **where(e))

    def stop(self) -> None:
        self._stop.set()

    def take(self, shard: int, member: str) -> bool:
        """Claims and runs one due item; False if another worker has it or there was nothing to do."""
        attempt = 0
        try:
            if member.startswith("p:"):
                ran = self.pushes is not None and self.pushes.run(shard, member)
                self._worked.set()
                return ran
            claimed = self.store.claim(shard, member, LEASE)
            if claimed is None:
                return False
            if claimed.job is None:
                self.turns.run_timer(claimed.owner, claimed.version)
            else:
                attempt = claimed.attempt
                self.turns.run_job(claimed.owner, claimed.job, attempt, claimed.doubt)
        except StoreAway as e:
            log.warning("job left for later", cause=str(e))
            self._refused.set()
            return False
        except OpensElsewhere as e:  # this process cannot read it: no bug, and waiting loses nothing
            log.error("left to another process", shard=shard, cause=str(e), alert=True)
            self._wait(shard, member)
            return False
        except Exception as e:  # one broken job must not stop the others; it returns when its lease ends
            log.error("job failed", shard=shard, **where(e))
            self._failed(shard, member, e, attempt)
            return False
        self._worked.set()
        return True

    def _wait(self, shard: int, member: str) -> None:
        with suppress(StoreAway):
            self.store.jobs.put_off(shard, member, WAITS)

    def _failed(self, shard: int, member: str, bug: Exception, attempt: int) -> None:
        try:
            if not member.startswith("j:"):
                self.store.jobs.put_off(shard, member, STUCK_TIMER)
            elif self.store.jobs.failed(shard, member, type(bug).__name__, attempt):
                log.error("dead letter", shard=shard, cause=type(bug).__name__, alert=True)
        except StoreAway:
            return
