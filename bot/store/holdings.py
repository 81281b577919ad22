"""What is held on a resident beside the session, for whoever asks or wants it deleted."""

from __future__ import annotations

from typing import Any

from bot.engine.events import Held
from bot.store.connect import answering
from bot.store.records import Owner
from bot.store.redis import RedisStore
from bot.store.seal import SealError


def holdings(store: RedisStore, owner: Owner) -> Held:
    """By the clock of the events, as residents are told everything else. Raises StoreAway."""
    with answering():
        rows: Any = store.client.zrevrange(owner.key("ei", owner.tag), 0, -1, withscores=True)
        pipe = store.client.pipeline(transaction=False)
        for receipt, _ in rows:
            pipe.lindex(owner.key("e", receipt.decode()), 0)
        found: list[Any] = pipe.execute() if rows else []
    receipts = []
    for (_, until), item in zip(rows, found, strict=True):
        if item is None:  # its time is over
            continue
        try:
            facts = store.open_tagged(item)[1]
        except SealError:  # sealed with a key that is lost: it is held all the same
            receipts.append(("…", int(until)))
        else:
            receipts.append((facts["receipt"], int(until) - facts["recorded_at"] + facts["answered_at"]))
    return Held(tuple(receipts))
