"""Runs every few seconds in a living process: checks the store, announces the process, raises the beat."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from bot.logs import where
from bot.store.fleet import KeyMissing
from bot.store.records import StoreAway
from bot.store.redis import RedisStore

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two beats."""


class Pulse:
    """Runs from `start` until `stop`, or in a `with`. `raises`: the beat too. `serves`: the revision."""

    def __init__(
        self,
        store: RedisStore,
        raises: bool = False,
        every: float = EVERY,
        serves: Callable[[], str] = lambda: "",
    ) -> None:
        self._store, self._raises, self._every, self._serves = store, raises, every, serves
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def beat(self) -> None:
        """Beats once.

        Raises:
            StoreAway.
        """
        self._store.epochs.look(self._raises)
        self._store.fleet.say(self._serves())

    def _run(self) -> None:
        while True:
            try:
                self.beat()
            except StoreAway as e:
                log.warning("no beat", cause=str(e))
            except KeyMissing as e:
                log.error("key missing", cause=str(e), alert=True)
            except Exception as e:  # a bug here must not end it
                log.error("pulse stumbled", **where(e))
            if self._over.wait(self._every):
                return
