"""`shebao forget OPENID`: the same deletion as unfollowing, with a list of what stays until when.

`shebao reset OPENID`: puts aside the session alone. Neither needs to open it.
`shebao export OPENID`: all that is held, for the resident who asks for it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bot.engine.events import AuthorizationRevoked
from bot.engine.scope import china_time
from bot.engine.session import new
from bot.store import evidence
from bot.store.connect import answering
from bot.store.records import CommitRequest
from bot.store.redis import RedisStore
from bot.turn.unread import afresh

if TYPE_CHECKING:
    from bot.turn.turns import Turns

NAMES = {
    "s": "session: answers, consents, what was looked up",
    "o": "texts waiting to be told",
    "h": "an answer that may not have arrived",
    "w": "texts being pushed",
    "m": "a reminder",
    "n": "times of the last message, for pushes",
    "t": "the last turns, masked",
    "k": "with whom the openid was matched: tags",
    "rec": "a recording that was under way",
    "tape": "what a recording had heard",
    "x": "a session that was put aside",
}


class NotForgotten(Exception):
    """The deletion failed; the log says why."""


def forget(store: RedisStore, turns: Turns, openid: str, now: int) -> tuple[list[str], list[str]]:
    """Returns what was removed, and what stays until when. `now`: epoch seconds.

    Raises:
        StoreAway: Redis did not answer.
        NotForgotten: the deletion failed.
    """
    owner = store.owner(openid)
    with answering():
        before = {kind for kind in NAMES if store.client.exists(owner.key(kind, owner.tag))}
    revoked = AuthorizationRevoked(now, secrets.randbits(64))
    if not turns.handle(openid, "", f"forget:{secrets.token_hex(8)}", revoked).done:
        raise NotForgotten
    with answering():
        after = {kind for kind in NAMES if store.client.exists(owner.key(kind, owner.tag))}
        stays = []
        jobs, closed = store.jobs_of(owner)
        open_ = sorted(job.call.action for job in jobs if job.call.once) + ["?"] * closed
        if open_:
            stays.append(f"until it is known: what is being submitted ({', '.join(open_)})")
        rows: Any = store.client.zrange(owner.key("ei", owner.tag), 0, -1, withscores=True)
        if rows:
            day = china_time(int(max(score for _, score in rows))).date()
            stays.append(f"until {day} at the latest: evidence of {len(rows)} receipts")
    stays.append("for a day: how often a check failed, under a tag")
    stays.append("15 minutes: answers to the last deliveries, for repeated ones")
    stays.append("in the bureau's own systems: what it keeps by law; we cannot delete that")
    return [NAMES[kind] for kind in NAMES if kind in before - after], stays


def export(store: RedisStore, openid: str) -> dict[str, Any]:
    """What is held on a resident, in the clear where it is held so. Changes nothing. Raises StoreAway,
    ArchiveAway, SealError."""
    owner = store.owner(openid)
    session = store.begin(owner, "").session
    jobs, _ = store.jobs_of(owner)
    with answering():
        held = [NAMES[kind] for kind in NAMES if store.client.exists(owner.key(kind, owner.tag))]
    receipts = [number for number, _ in store.holdings(owner).receipts]
    return {
        "openid": openid,
        "held": held,
        "session": to_builtins(session) if session else None,
        "under_way": [{"action": j.call.action, "arguments": to_builtins(j.call.arguments)} for j in jobs],
        "last_turns": store.trace(owner),
        "evidence": [evidence.find(store, number) for number in receipts],
    }


def reset(store: RedisStore, turns: Turns, openid: str) -> bool:
    """Starts a new session that knows the open calls and says what was lost; False if there was none. Raises
    StoreAway."""
    owner, content = store.owner(openid), turns.content("")
    while True:
        begun = store.begin(owner, "")
        if not begun.version:
            return False
        fresh = afresh(new(content, secrets.randbits(64), begun.now), store.jobs_of(owner)[0])
        plan = CommitRequest(begun.version, fresh, begun.now, aside=True, ends_beside=begun.beside)
        if store.commit(owner, "", plan) == "done":
            return True
