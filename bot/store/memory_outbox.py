"""Pending replies in one process: like bot.store.outbox, over the store in memory."""

from __future__ import annotations

import secrets

from bot.store.memory import MemoryStore
from bot.store.outbox import Claimed
from bot.store.packing import CONFIRMED_WITHIN
from bot.store.records import ResidentKey


class MemoryOutbox:
    """Like bot.store.outbox.Outbox, for an account that pushes and sends no notices."""

    notifies = False

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def claim(self, shard: int, member: str, lease: int) -> Claimed | None:
        owner, now = ResidentKey("", member[2:], shard), self._store.clock()
        if not self._store.is_due(member):
            return None
        it = self._store.of(owner)
        it.claim, it.outbox[:0], it.claimed = "", it.claimed, []
        if it.unconfirmed and now - it.unconfirmed[2] >= CONFIRMED_WITHIN:
            it.outbox.insert(0, it.unconfirmed[1])
            it.unconfirmed = None
        left, reminder = it.window.left(int(now)), it.reminder
        it.reminder = None
        if reminder and reminder[1] <= now:
            reminder = None
        if left <= 0 or not (it.outbox or reminder):
            self._store.put(member, it.unconfirmed[2] + CONFIRMED_WITHIN if it.unconfirmed else 0)
            return None
        it.claim, it.claimed, it.outbox = secrets.token_hex(8), it.outbox, []
        self._store.put(member, now + lease)
        items, ends = tuple(it.claimed), str(it.window.ends)
        return Claimed(
            self._store.owner(it.openid), it.claim, left, items, reminder and reminder[0], ends=ends
        )

    def finish(
        self, claimed: Claimed, told: int, sent: int, again_in: int, shut: bool = False, noticed: str = ""
    ) -> bool:
        it, now = self._store.of(claimed.owner), self._store.clock()
        if it.claim != claimed.id:
            return False
        it.claim, it.outbox[:0], it.claimed = "", it.claimed[told:], []
        opened = str(it.window.ends) != claimed.ends
        it.window.use(sent, int(now))
        if (shut or not again_in) and not opened:
            it.window.shut()
        waits, again_in = it.outbox or it.reminder or it.unconfirmed, 1 if opened else again_in
        self._store.put(f"p:{claimed.owner.tag}", now + again_in if waits and again_in else 0)
        return True
