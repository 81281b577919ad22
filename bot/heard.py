"""What becomes of an answer: on its way to WeChat, or known to be all that its delivery will ever show."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.background import PATIENCE, POLL
from bot.engine.effects import Reply
from bot.store.redis import Owner, RedisStore, StoreAway

log = structlog.get_logger()


class Hearing:
    """`pushes`: what waits is pushed."""

    def __init__(self, store: RedisStore, pushes: bool) -> None:
        self._store, self._pushes = store, pushes
        self._later = ThreadPoolExecutor(1, thread_name_prefix="heard")

    def heard(self, owner: Owner, delivery: str) -> None:
        """The delivery's answer need not be told again."""
        try:
            self._store.heard(owner, delivery)
        except StoreAway as e:  # told once more, then
            log.warning("not noted as heard", resident=owner.tag, cause=str(e))

    def turned_away(self, owner: Owner, delivery: str, reply: Reply) -> None:
        """WeChat shows this answer and no other one: repetitions of the delivery are not done after all."""
        self._later.submit(self._turned_away, owner, delivery, reply)  # Redis may be away just now

    def _turned_away(self, owner: Owner, delivery: str, reply: Reply) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._store.turned_away(owner, delivery, reply, self._pushes)
            except StoreAway as e:
                if time.monotonic() > until:
                    log.warning("not noted as turned away", resident=owner.tag, cause=str(e))
                    return
                time.sleep(POLL)
            else:
                return
