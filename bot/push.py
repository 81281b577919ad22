"""Pushing what waits: in order, one claim at a time, at least once, within what WeChat allows."""

from __future__ import annotations

import structlog

from bot.engine.effects import Reply, joined
from bot.ports import Sender
from bot.store.outbox import Claimed, Outbox
from bot.writing import NOTHING, fitting

log = structlog.get_logger()

LEASE = 30
"""Seconds of a claim; longer than all its messages may take."""
WITHIN = 4.0
"""Seconds for one message: at most 5 of them in a claim."""
AGAIN = 20
"""Seconds until the next try after a failure of WeChat's, or ours."""


class Pushes:
    def __init__(self, outbox: Outbox, sender: Sender) -> None:
        self._outbox, self._sender = outbox, sender

    def run(self, shard: int, member: str) -> bool:
        """Claim and push what one resident waits for; False if there was nothing to do. Raises StoreAway."""
        claimed = self._outbox.claim(shard, member, LEASE)
        if claimed is None:
            return False
        told = sent = 0
        result = "sent"
        for texts in _messages(claimed):
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
        again = AGAIN if result in ("later", "sent") else 0
        finished = self._outbox.finish(claimed, told, sent, 1 if result == "sent" else again)
        log.info(
            "push", resident=claimed.owner.tag, result=result, texts=told, messages=sent, lapsed=not finished
        )
        return True


def _messages(claimed: Claimed) -> list[tuple[Reply, ...]]:
    """As few messages as hold them, for WeChat counts messages."""
    rest, found = claimed.items, []
    while rest:
        count = max(fitting(rest, NOTHING), 1)
        found.append(rest[:count])
        rest = rest[count:]
    return found
