"""Pushes pending replies: in order, one claim at a time, at least once, within WeChat's limits."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import structlog

from bot.engine.effects import Reply, joined
from bot.engine.scope import until_midnight
from bot.ports import Notice, Pushed, Sender
from bot.store.memory_outbox import MemoryOutbox
from bot.store.outbox import Claimed, Outbox
from bot.turn.decision import NOTHING
from bot.turn.words import fitting

log = structlog.get_logger()

LEASE = 40
"""Seconds of a claim; longer than all its messages may take."""
WITHIN = 4.0
"""Seconds for one message: at most 8 of them in a claim, as bot.store.window says."""
AGAIN = 20
"""Seconds until the next attempt after a failure of WeChat or ours."""
NOTICE_AGAIN = 300
"""The same for a notice: no window closes over it."""
SPREAD = 600


class Pushes:
    """`clock`: epoch seconds."""

    def __init__(self, outbox: Outbox | MemoryOutbox, sender: Sender, clock: Callable[[], float]) -> None:
        self._outbox, self._sender, self._clock = outbox, sender, clock

    def run(self, shard: int, member: str) -> bool:
        """Claims and pushes one resident's pending replies, or sends a notice if they can only be held.

        Returns False if there is nothing to do.

        Raises:
            StoreAway: Redis did not answer.
        """
        claimed = self._outbox.claim(shard, member, LEASE)
        if claimed is None:
            return False
        if claimed.left <= 0:
            self._announce(claimed)
            return True
        told = sent = 0
        result: Pushed = "sent"
        for texts in messages(claimed.items):
            if sent >= claimed.left:
                result = "held"
                break
            result = self._sender.push(claimed.owner.openid, "", joined(texts, NOTHING), WITHIN)
            if result != "sent":
                break
            told, sent = told + len(texts), sent + 1
        if result == "sent" and claimed.reminder is not None and sent < claimed.left:
            result = self._sender.push(claimed.owner.openid, "", claimed.reminder, WITHIN)
            sent += result == "sent"
        shut = result in ("held", "unreachable", "broken")
        again = {"sent": 1, "later": AGAIN, "spent": self._tomorrow(claimed)}.get(result, 0)
        if result in ("held", "broken") and self._outbox.notifies:
            again = 1  # then a notice is sent
        finished = self._outbox.finish(claimed, told, sent, again, shut)
        log.info(
            "push", resident=claimed.owner.tag, result=result, texts=told, messages=sent, lapsed=not finished
        )
        return True

    def _announce(self, claimed: Claimed) -> None:
        """Sends a notice that a result or the like waits; the text follows when the resident writes."""
        mark, result, sent = "", "sent", 0
        first = len(claimed.items) - claimed.fresh
        for item, its_mark in list(zip(claimed.items, claimed.marks, strict=True))[first:]:
            if item.notice:
                notice = Notice(item.notice, item.text.partition("\n")[0], int(self._clock()))
                result = self._sender.notify(claimed.owner.openid, notice, WITHIN)
                sent += result == "sent"
            if result in ("later", "spent"):
                break
            mark = its_mark  # a final refusal is not tried again either
        again = {"later": NOTICE_AGAIN, "spent": self._tomorrow(claimed)}.get(result, 1)
        finished = self._outbox.finish(claimed, 0, 0, again, noticed=mark)
        log.info("notice", resident=claimed.owner.tag, result=result, messages=sent, lapsed=not finished)

    def _tomorrow(self, claimed: Claimed) -> int:
        """Seconds until the quota restarts, spread over ten minutes so that not all come at once."""
        return until_midnight(self._clock()) + zlib.crc32(claimed.owner.tag.encode()) % SPREAD


def messages(waiting: tuple[Reply, ...]) -> list[tuple[Reply, ...]]:
    """Groups replies into as few messages as possible, since WeChat counts messages."""
    rest, found = waiting, []
    while rest:
        count = max(fitting(rest, NOTHING), 1)
        found.append(rest[:count])
        rest = rest[count:]
    return found
