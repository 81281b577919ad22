"""The residents of a page: their accounts, their time, and pushed replies."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
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
"""Takes the replies pushed to an openid since the last look, oldest first."""
Push = Callable[[int, str], bool]
"""Sends one resident's waiting pushes, by shard and member, as bot.turn.push.Pushes.run."""


class Residents:
    """Each browser tab has accounts of its own, so that a new tab begins as a new resident."""

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
        """Returns 28 characters, as WeChat's openids have.

        Raises:
            ValueError.
        """
        if not isinstance(who, int) or not 0 <= who < self._count:
            raise ValueError("there is no such resident")
        if not isinstance(tab, str) or not _TAB.fullmatch(tab):
            raise ValueError("the tab has no name")
        return f"oPhone{who + 1:06d}Tab{tab}Aaaaa"

    def now(self, openid: str) -> int:
        """Returns CreateTime of the next message. It is in seconds; two events in one second would be one."""
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
        """Returns the last body sent, empty if there is none."""
        with self._lock:
            return self._last.get(openid, (0, b""))[1]

    def late(self, openid: str) -> list[Json]:
        """Returns the pushed replies, one bubble each.

        Raises:
            StoreAway, RedisError.
        """
        replies = self._pushed(openid) if self._pushed else ()
        return [{"kind": "text", "parts": parts(text_body(reply))} for reply in replies]

    def pass_time(self, seconds: int, openids: Iterable[str]) -> int:
        """Moves the clock forward; jobs and timers in the store come that much sooner.

        Timers due for these residents, and for all who wrote to this process, have run in order when it
        returns. Returns how far the clock is ahead.

        Raises:
            ValueError: the clock would go back or too far.
            StoreAway, RedisError: Redis did not answer.
        """
        ahead = self._clock.forward(seconds)
        with self._lock:
            known = {*openids, *self._last}
        owners = [self._store.owner(openid) for openid in known]
        self._store.jobs.sooner(seconds, owners)
        for owner in owners:
            push = partial(self._push, owner.shard, f"p:{owner.tag}")
            run_timers(self._store, self._turns, owner, self._clock, push)
        return ahead

    def _keep(self, openid: str, at: int, body: bytes) -> None:
        self._last[openid] = (at, body)
        while len(self._last) > _MOST:
            self._last.popitem(last=False)


def run_timers(
    store: RedisStore, turns: Turns, owner: ResidentKey, now: Callable[[], int], push: Callable[[], object]
) -> None:
    """Runs a resident's timers that are due, in order: the store's own clock does not know that time was let
    pass. `push`: sends what waits for them."""
    for _ in range(20):
        begun = store.begin(owner, "")
        if begun.session is None or not 0 < begun.session.wake_at <= now():
            return
        turns.run_timer(owner, begun.version)
        store.jobs.put_off(owner.shard, f"p:{owner.tag}", 0)
        push()  # before the next timer, or a reminder would arrive after what it reminds of
