"""`shebao forget OPENID`: the same deletion as unfollowing, with a list of what stays until when.

`shebao reset OPENID`: puts aside the session alone. Neither needs to open it.
`shebao held OPENID`: all that is held, for the resident who asks for it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bot.cli.errors import said, unopened
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

KINDS = ("s", "o", "h", "w", "m", "n", "t", "k", "rec", "tape", "x")
"""Keys of a resident that a deletion removes; `kind_<name>` of commands.yaml says what each holds."""


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
        before = {kind for kind in KINDS if store.client.exists(owner.key(kind, owner.tag))}
    revoked = AuthorizationRevoked(now, secrets.randbits(64))
    if not turns.handle(openid, "", f"forget:{secrets.token_hex(8)}", revoked).done:
        raise NotForgotten
    with answering():
        after = {kind for kind in KINDS if store.client.exists(owner.key(kind, owner.tag))}
        stays = []
        jobs, closed = store.jobs_of(owner)
        open_ = sorted(job.call.action for job in jobs if job.call.once) + ["?"] * closed
        if open_:
            stays.append(said("stays_open", actions=", ".join(open_)))
        rows: Any = store.client.zrange(owner.key("ei", owner.tag), 0, -1, withscores=True)
        if rows:
            day = china_time(int(max(score for _, score in rows))).date()
            stays.append(said("stays_evidence", day=day, count=len(rows)))
    stays += [said("stays_checks"), said("stays_answers"), said("stays_bureau")]
    return [said(f"kind_{kind}") for kind in KINDS if kind in before - after], stays


def export(store: RedisStore, openid: str) -> dict[str, Any]:
    """Returns what is held on a resident, in the clear where it is held so. Changes nothing.

    Raises:
        StoreAway, ArchiveAway, SealError.
    """
    owner = store.owner(openid)
    begun = store.begin(owner, "")
    session = to_builtins(begun.session) if begun.session else None
    jobs, _ = store.jobs_of(owner)
    with answering():
        held = [said(f"kind_{kind}") for kind in KINDS if store.client.exists(owner.key(kind, owner.tag))]
    receipts = [number for number, _ in store.holdings(owner).receipts]
    proofs = [proof for number in receipts for proof in evidence.find(store, number, owner)]
    return {
        "openid": openid,
        "held": held,
        "session": session if begun.unread is None else unopened(begun.unread),
        "under_way": [
            {
                "action": job.call.action,
                "arguments": to_builtins(job.call.arguments),
                "consents": to_builtins(job.consents),
                "turns": store.trace(owner, job),
            }
            for job in jobs
        ],
        "last_turns": store.trace(owner),
        "evidence": proofs,
    }


def reset(store: RedisStore, turns: Turns, openid: str) -> bool:
    """Starts a new session that knows the open calls and says what was lost; False if there was none.

    Raises:
        StoreAway.
    """
    owner, content = store.owner(openid), turns.content("")
    while True:
        begun = store.begin(owner, "")
        if not begun.version:
            return False
        fresh = afresh(new(content, secrets.randbits(64), begun.now), store.jobs_of(owner)[0])
        plan = CommitRequest(begun.version, fresh, begun.now, aside=True, ends_beside=begun.beside)
        if store.commit(owner, "", plan) == "done":
            return True
