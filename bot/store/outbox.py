"""What waits to be pushed: claimed by one script under a lease, given back where it could not be sent."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from bot.engine.effects import Reply
from bot.store.connect import answering
from bot.store.records import Owner
from bot.store.redis import SESSION_TTL, RedisStore


@dataclass(frozen=True)
class Claimed:
    """`left`: messages that WeChat still allows. `reminder` stands after the items and is never kept."""

    owner: Owner
    id: str
    left: int
    items: tuple[Reply, ...]
    reminder: Reply | None


class Outbox:
    """Raises StoreAway."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        folder = Path(__file__).parent
        self._claim = store.client.register_script((folder / "push_claim.lua").read_text())
        self._finish = store.client.register_script((folder / "push_finish.lua").read_text())

    def claim(self, shard: int, member: str, lease: int) -> Claimed | None:
        """None where nothing may be sent now: not due, nothing waits, or the resident must write first."""
        tag = member.partition(":")[2]
        owner, claim = Owner("", tag, shard), secrets.token_hex(8)
        with answering():
            got = self._claim(keys=self._keys(owner), args=[member, lease, claim, SESSION_TTL])
        if not got:
            return None
        left, reminder, items = got
        sealed = items[0] if items else reminder
        openid = json.loads(self._store.seal.open(sealed, tag))["openid"]
        owner = Owner(openid, tag, shard)
        return Claimed(
            owner,
            claim,
            left,
            tuple(self._store.reply(owner, item) for item in items),
            self._store.reply(owner, reminder) if reminder else None,
        )

    def finish(self, claimed: Claimed, told: int, sent: int, again_in: int) -> bool:
        """`told` items were told with `sent` messages. What is left is tried again in `again_in` seconds;
        0: it is held until the resident writes. False: the lease had lapsed and another has it."""
        owner = claimed.owner
        args: list[str | int] = [f"p:{owner.tag}", claimed.id, told, sent, again_in, SESSION_TTL]
        with answering():
            return bool(self._finish(keys=self._keys(owner), args=args) == b"done")

    def _keys(self, owner: Owner) -> list[str]:
        return [owner.key("due"), *(owner.key(kind, owner.tag) for kind in ("o", "w", "m", "n"))]
