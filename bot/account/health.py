"""Checks for a load balancer whether residents can be served now; reads only, never writes."""

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
    """Returns the fault and its reason; ("ok", "") if there is none. A store in doubt still serves
    residents."""
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
    """Runs one check at a time, however many requests come."""

    def __init__(self, look: Callable[[], tuple[str, str]]) -> None:
        self._look, self._lock = look, Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: Future[tuple[str, str]] | None = None

    def __call__(self) -> tuple[str, str]:
        """Returns the result of `look`; "store away" if the store does not answer in time."""
        with self._lock:
            if self._looking is None or self._looking.done():
                self._looking = self._pool.submit(self._look)
            looking = self._looking
        try:
            return looking.result(WITHIN)
        except Late:
            return "store away", "no answer"
