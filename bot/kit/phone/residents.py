"""The residents of a page: their accounts, their time, and what arrives without a message of theirs."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from bot.engine.effects import Reply
from bot.kit.phone.clock import WorldClock
from bot.kit.phone.wire import Json, parts
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from bot.turn.turns import Turns
from bot.wechat.outbound import text_body

_TAB = re.compile(r"[a-z0-9]{8}", re.ASCII)
_MOST = 2_000
Pushed = Callable[[str], Sequence[Reply]]
"""Takes what was pushed to an openid since the last look, oldest first."""
Push = Callable[[int, str], bool]
"""Pushes what waits for one resident, by shard and member, as bot.turn.push.Pushes.run."""


class Residents:
    """Each browser tab has accounts of its own, so that a new tab begins as somebody who never wrote."""

    def __init__(
        self,
        store: RedisStore,
        turns: Turns,
        count: int,
        clock: WorldClock,
        pushed: Pushed | None,
        push: Push,
    ) -> None:
        self._store, self._turns, self._count, self._clock = store, turns, count, clock
        self._pushed, self._push = pushed, push
        self._last: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._lock = Lock()

    def openid(self, who: object, tab: object) -> str:
        """28 characters, as WeChat's have. Raises ValueError."""
        if not isinstance(who, int) or not 0 <= who < self._count:
            raise ValueError("there is no such resident")
        if not isinstance(tab, str) or not _TAB.fullmatch(tab):
            raise ValueError("the tab has no name")
        return f"oPhone{who + 1:06d}Tab{tab}Aaaaa"

    def now(self, openid: str) -> int:
        """CreateTime of the next message. It has seconds, and two events in one would be one to the bot."""
        with self._lock:
            at, body = self._last.pop(openid, (0, b""))
            at = max(self._clock(), at + 1)
            self._keep(openid, at, body)
            return at

    def sent(self, openid: str, body: bytes) -> None:
        with self._lock:
            at, _ = self._last.pop(openid, (0, b""))
            self._keep(openid, at, body)

    def last(self, openid: str) -> bytes:
        """The body last sent, empty if there is none."""
        with self._lock:
            return self._last.get(openid, (0, b""))[1]

    def late(self, openid: str) -> list[Json]:
        """What arrived by itself, a bubble each. Raises StoreAway, RedisError."""
        replies = self._pushed(openid) if self._pushed else ()
        return [{"kind": "text", "parts": parts(text_body(reply))} for reply in replies]

    def pass_time(self, seconds: int, openids: Iterable[str]) -> int:
        """The world's clock goes forward, and what waits in the store comes that much sooner.

        What falls due for these residents, and for whoever wrote to this process, has happened when it
        returns, in its order. Answers how far the clock is ahead. Raises ValueError, StoreAway, RedisError.
        """
        ahead = self._clock.forward(seconds)
        with self._lock:
            known = {*openids, *self._last}
        owners = [self._store.owner(openid) for openid in known]
        self._store.jobs.sooner(seconds, owners)
        for owner in owners:
            self._run_timers(owner)
        return ahead

    def _run_timers(self, owner: ResidentKey) -> None:
        for _ in range(20):
            session = self._store.begin(owner, "").session
            if session is None or not 0 < session.wake_at <= self._clock():
                return
            self._turns.run_timer(owner)
            # before the next one, or a reminder would come behind what it was for
            self._store.jobs.put_off(owner.shard, f"p:{owner.tag}", 0)
            self._push(owner.shard, f"p:{owner.tag}")

    def _keep(self, openid: str, at: int, body: bytes) -> None:
        self._last[openid] = (at, body)
        while len(self._last) > _MOST:
            self._last.popitem(last=False)
