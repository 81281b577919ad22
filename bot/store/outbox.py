"""Pending pushes: claimed by one script under a lease, given back if they could not be sent."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.engine.effects import Reply
from bot.store.connect import answering
from bot.store.packing import CONFIRMED_WITHIN, SESSION_TTL
from bot.store.records import ResidentKey
from bot.store.redis import WAITS, RedisStore
from bot.store.seal import OpensElsewhere, SealError

log = structlog.get_logger()


@dataclass(frozen=True)
class Claimed:
    """`left`: messages that WeChat still allows. `reminder` comes after the items and is never kept.

    `fresh`: how many of the items, the last ones, have had no notice yet. `marks` name the items. `ends`:
    when WeChat's windows end, as a text to compare.
    """

    owner: ResidentKey
    id: str
    left: int
    items: tuple[Reply, ...]
    reminder: Reply | None
    fresh: int = 0
    marks: tuple[str, ...] = ()
    ends: str = ""


class Outbox:
    """`pushes`: customer-service messages may be sent. `notifies`: held replies may get a notice.

    Raises:
        StoreAway: from all methods.
    """

    def __init__(self, store: RedisStore, pushes: bool = True, notifies: bool = False) -> None:
        self._store, self._pushes, self.notifies = store, pushes, notifies
        folder = Path(__file__).parent
        self._claim = store.client.register_script((folder / "push_claim.lua").read_text())
        self._finish = store.client.register_script((folder / "push_finish.lua").read_text())

    def claim(self, shard: int, member: str, lease: int) -> Claimed | None:
        """Returns None if nothing may be sent now: not due, nothing pending, or the resident must write
        first."""
        tag = member.partition(":")[2]
        owner, claim = ResidentKey("", tag, shard), secrets.token_hex(8)
        with answering():
            args: list[str | int] = [member, lease, claim, SESSION_TTL, int(self._pushes), int(self.notifies)]
            got = self._claim(keys=self._keys(owner), args=[*args, CONFIRMED_WITHIN])
        if not got:
            return None
        left, reminder, items, noticed, windows = got
        marks = tuple(hashlib.sha1(item, usedforsecurity=False).hexdigest() for item in items)
        known, ends = noticed.decode(), windows.decode()
        sealed = items[0] if items else reminder
        fresh = len(items) - marks.index(known) - 1 if known in marks else len(items)
        try:
            owner = ResidentKey(self._store.forms.open(owner, sealed)["openid"], tag, shard)
            replies = tuple(self._store.forms.reply(owner, item) for item in items)
            reminds = self._store.forms.reply(owner, reminder) if reminder else None
        except SealError as e:  # another process may open it; if none does, the resident's next turn says so
            log.error("push waits", resident=tag, cause=str(e), alert=True)
            nothing = Claimed(owner, claim, left, (), None, ends=ends)
            self.finish(nothing, 0, 0, WAITS * isinstance(e, OpensElsewhere))
            return None
        return Claimed(owner, claim, left, replies, reminds, fresh, marks, ends)

    def finish(
        self, claimed: Claimed, told: int, sent: int, again_in: int, shut: bool = False, noticed: str = ""
    ) -> bool:
        """Records that `told` items were sent in `sent` messages. The rest is tried again in `again_in`
        seconds; 0: it is held until the resident writes. `shut`: nothing more can be pushed until then. If
        they wrote since the claim, neither holds. `noticed`: the mark of the last item with a notice. False:
        the lease had lapsed and another process has it."""
        owner = claimed.owner
        closed = int(shut or not again_in)
        args: list[str | int] = [f"p:{owner.tag}", claimed.id, told, sent, again_in, SESSION_TTL]
        args += [closed, noticed, claimed.ends]
        with answering():
            return bool(self._finish(keys=self._keys(owner), args=args) == b"done")

    def _keys(self, owner: ResidentKey) -> list[str]:
        return [owner.key("due"), *(owner.key(kind, owner.tag) for kind in ("o", "w", "m", "n", "h"))]
