"""Whether residents can be served now, for a load balancer; found out by looking, never by writing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from threading import Lock

from bot.store.records import StoreAway
from bot.store.redis import RedisStore
from bot.turn.revisions import Revisions

WITHIN = 0.8
"""Seconds; a balancer waits no longer than a second."""
UNREAD = "sessions that a newer release wrote cannot be read here: see shebao doctor"


def look(store: RedisStore, revisions: Revisions, copies: int) -> tuple[str, str]:
    """What is wrong, and why; ("ok", "") if nothing is. Residents are served by a store in doubt too."""
    try:
        doubt = store.epochs.doubt()
        store.check_writes()
        store.check_copies(copies)
        revisions.content(revisions.current())
    except StoreAway as e:
        return "store away", str(e)
    if revisions.broken:
        return "revision not loaded", ""
    why = [f"store in doubt ({doubt})"] if doubt else []
    return "ok", "; ".join(why + [UNREAD] * store.fleet.unread())


class Health:
    """Looks once at a time, however often it is asked."""

    def __init__(self, look: Callable[[], tuple[str, str]]) -> None:
        self._look, self._lock = look, Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: Future[tuple[str, str]] | None = None

    def __call__(self) -> tuple[str, str]:
        """As `look`; the store is away where it keeps us waiting."""
        with self._lock:
            if self._looking is None or self._looking.done():
                self._looking = self._pool.submit(self._look)
            looking = self._looking
        try:
            return looking.result(WITHIN)
        except Late:
            return "store away", "no answer"
