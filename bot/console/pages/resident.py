"""What happened to one resident, masked: asked for by a form, so that no address holds who it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from bot.console.naming import Naming
from bot.console.views import Views, account, address, field
from bot.engine.content import Content
from bot.engine.session import Frame
from bot.store import evidence
from bot.store.recordings import Recordings
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from bot.store.seal import SealError


@dataclass(frozen=True)
class Found:
    """`tag`: the resident's. `stands`: flow.step. `left`: the one that they left for a person or that waits
    for 继续. `result`: flow and words of the last change, with its receipt. `calls`: actions under way.
    `handoff_until`: epoch seconds, 0 where no staff have the conversation. `turns`: oldest first. `evidence`:
    of all who have the receipt, the resident's first, as `shebao evidence` prints it. `sealed`: there is a
    session, which does not open; the rest is shown all the same."""

    tag: str
    stands: str
    left: str
    result: tuple[str, str] | None
    calls: tuple[str, ...]
    handoff_until: int
    outbox: int
    turns: tuple[dict[str, Any], ...]
    evidence: list[dict[str, Any]]
    sealed: bool = False

    @property
    def tags(self) -> list[str]:
        """Returns the tags of all who are shown."""
        return [*dict.fromkeys([self.tag, *(proof["resident"] for proof in self.evidence)])]

    @staticmethod
    def printed(proof: dict[str, Any]) -> str:
        return json.dumps(proof, ensure_ascii=False, indent=2)


def add_to(views: Views) -> None:
    @views.blueprint.route("/resident", methods=["GET", "POST"])
    def resident() -> ResponseReturnValue:
        if request.method == "GET":
            return views.show("resident.html", asked=False, found=None, sealed=False)
        content = views.bot.turns.content("")
        found, sealed = None, False
        try:
            found = look(views.bot.store, field("asked", 64), content, int(views.now()))
            sealed = found is not None and found.sealed
        except SealError:
            sealed = True
        views.audit.note(account().name, "look", " ".join(found.tags) if found else "", address())
        naming = Naming(content, g.language)
        return views.show("resident.html", asked=True, found=found, sealed=sealed, names=naming)


def look(store: RedisStore, asked: str, content: Content, now: int) -> Found | None:
    """Looks by receipt number, by tag, else by openid. None where nothing is kept.

    Raises:
        StoreAway, SealError.
    """
    owners = evidence.holders(store, asked)
    kept = evidence.find(store, asked) if owners else []
    owner = owners[0] if owners else Recordings(store).known_as(asked) or store.owner(asked)
    found = _found(store, owner, kept, content, now)
    return found if found.turns or found.stands or found.evidence or found.sealed else None


def _found(
    store: RedisStore, owner: ResidentKey, kept: list[dict[str, Any]], content: Content, now: int
) -> Found:
    begun = store.begin(owner, "")
    sealed = begun.unread is not None
    session, turns = begun.session, tuple(store.trace(owner))
    if session is None:
        return Found(owner.tag, "", "", None, (), 0, len(begun.outbox), turns, kept, sealed)
    suspended = session.suspended.frames if session.suspended else ()
    top, left = session.top, [f for f in (*suspended, *session.frames) if f.flow != content.person]
    result = session.result if session.result and session.result.until > now else None
    return Found(
        owner.tag,
        _place(top),
        _place(left[-1]) if left and left[-1] is not top else "",
        (result.flow, "\n".join(words for _, words in result.says)) if result else None,
        tuple(call.action for call in session.calls.values()),
        session.handoff_until,
        len(begun.outbox),
        turns,
        kept,
    )


def _place(frame: Frame | None) -> str:
    return f"{frame.flow}.{frame.step}" if frame else ""
