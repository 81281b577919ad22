"""What happened to one resident, masked: asked for by a form, so that no address holds who it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from bot.console.naming import Naming
from bot.console.views import Views, account, address, field
from bot.store import evidence
from bot.store.recordings import Recordings
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from bot.store.seal import SealError


@dataclass(frozen=True)
class Found:
    """`tag`: the resident's. `stands`: flow.step. `calls`: actions under way. `handoff_until`: epoch seconds,
    0 where nobody of the staff has the conversation. `turns`: oldest first."""

    tag: str
    stands: str
    calls: tuple[str, ...]
    handoff_until: int
    outbox: int
    turns: tuple[dict[str, Any], ...]
    evidence: dict[str, Any] | None

    @property
    def printed(self) -> str:
        """The evidence as `shebao evidence` prints it."""
        return json.dumps(self.evidence, ensure_ascii=False, indent=2)


def add_to(views: Views) -> None:
    @views.blueprint.route("/resident", methods=["GET", "POST"])
    def resident() -> ResponseReturnValue:
        if request.method == "GET":
            return views.show("resident.html", asked=False, found=None, sealed=False)
        found, sealed = None, False
        try:
            found = look(views.bot.store, field("asked", 64))
        except SealError:
            sealed = True
        views.audit.note(account().name, "look", found.tag if found else "", address())
        naming = Naming(views.bot.turns.content(""), g.language)
        return views.show("resident.html", asked=True, found=found, sealed=sealed, names=naming)


def look(store: RedisStore, asked: str) -> Found | None:
    """By receipt number, by tag, else by openid. None where nothing is kept. Raises StoreAway, SealError."""
    owner = evidence.holder(store, asked)
    kept = evidence.find(store, asked) if owner else None
    found = _found(store, owner or Recordings(store).known_as(asked) or store.owner(asked), kept)
    return found if found.turns or found.stands or found.evidence else None


def _found(store: RedisStore, owner: ResidentKey, kept: dict[str, Any] | None) -> Found:
    try:
        begun = store.begin(owner, "")
    except ValueError as e:  # a session of another schema: an older program is still running
        raise SealError(str(e)) from e
    session = begun.session
    top = session.top if session else None
    calls = tuple(c.action for c in session.calls.values()) if session else ()
    handoff_until = session.handoff_until if session else 0
    turns = tuple(store.trace(owner))
    stands = f"{top.flow}.{top.step}" if top else ""
    return Found(owner.tag, stands, calls, handoff_until, len(begun.outbox), turns, kept)
