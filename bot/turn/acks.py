"""Tracks whether WeChat received a reply, and pins a reply that is the only answer to its delivery."""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event, Lock, Thread

import structlog

from bot.engine.effects import Reply
from bot.logs import where
from bot.store.memory import Store
from bot.store.records import ResidentKey, StoreAway
from bot.turn.attempts import Attempts

log = structlog.get_logger()

PATIENCE = 30.0
"""Seconds of attempts to record a pinned answer; WeChat repeats a delivery for 15."""


class ReplyAcks:
    """`pushes`: pending replies are pushed."""

    def __init__(self, store: Store, pushes: bool) -> None:
        self._store, self._pushes = store, pushes
        self._later: SimpleQueue[tuple[ResidentKey, str, Reply, float]] = SimpleQueue()
        self._thread: Thread | None = None
        self._starting, self._wrote = Lock(), Event()

    def mark_sent(self, owner: ResidentKey, delivery: str) -> None:
        """Records that the delivery's answer need not be sent again."""
        try:
            self._store.mark_sent(owner, delivery)
        except StoreAway as e:  # it is sent once more, then
            log.warning("not marked as sent", resident=owner.tag, cause=str(e))

    def pin_answer(self, owner: ResidentKey, delivery: str, reply: Reply) -> None:
        """Records that WeChat shows only this answer: repetitions of the delivery are not handled any
        more."""
        self._later.put((owner, delivery, reply, time.monotonic() + PATIENCE))
        with self._starting:
            if self._thread is None:  # a daemon: a process that ends does not wait for an absent store
                self._thread = Thread(target=self._run, name="acks", daemon=True)
                self._thread.start()

    def wrote(self) -> None:
        """Records that the store took a turn, so that it is worth another attempt."""
        if not self._wrote.is_set():  # it is, unless an answer waits to be pinned
            self._wrote.set()

    def _run(self) -> None:
        """Pins answers one by one, since an absent store affects all of them; the time of each runs while it
        waits."""
        while True:
            try:
                self._pin_answer(*self._later.get())
            except Exception as e:  # a bug here must not end it
                log.error("acks stumbled", **where(e))

    def _pin_answer(self, owner: ResidentKey, delivery: str, reply: Reply, until: float) -> None:
        attempts, cause = Attempts(until, self._wrote.wait), StoreAway("too late")
        while attempts.left() > 0:
            self._wrote.clear()
            try:
                self._store.pin_answer(owner, delivery, reply, self._pushes)
                return
            except StoreAway as e:
                cause = e
            if not attempts.again():
                break
        log.warning("not noted as turned away", resident=owner.tag, cause=str(cause))
