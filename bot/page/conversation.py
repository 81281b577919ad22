"""A resident's conversation as the page has it: read, shown, and carried on by what is submitted."""

from __future__ import annotations

from flask import abort, g, redirect, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from bot.account.served import Served
from bot.engine.content import Content
from bot.engine.events import Event
from bot.engine.session import Session, new
from bot.engine.view import UNTYPED, View, view
from bot.page import submits
from bot.page.rendering import Rendering
from bot.page.visits import Visit, Visits
from bot.store.records import ResidentKey, Snapshot

NO_DELIVERY = "page"
_TURNED_AWAY = ("common.too_fast", "common.too_busy", "common.trouble")


class Conversation:
    """Everything raises StoreAway and, where something kept does not open, SealError."""

    def __init__(self, bot: Served, visits: Visits, rendering: Rendering) -> None:
        self._bot, self._visits, self._rendering = bot, visits, rendering

    def look(self, visit: Visit, delivery: str) -> tuple[ResidentKey, Snapshot, Content]:
        """Reads the session, and notes that the page is open. The page speaks its language from here on."""
        owner = self._bot.store.owner(visit.openid)
        self._bot.store.looked(owner)
        begun = self._bot.store.begin(owner, delivery)
        if begun.unread is not None:
            raise begun.unread
        content = self._bot.revisions.content(begun.revision)
        said = begun.session.language if begun.session else content.default_language
        g.language = "en" if said == "en" else "zh"
        return owner, begun, content

    def seen(self, owner: ResidentKey, begun: Snapshot, content: Content, visit: Visit | None = None) -> View:
        at, typed = self.at(begun.session), visit.entered if visit else UNTYPED
        session: Session = begun.session or new(content, 0, at)
        held = self._bot.store.holdings(owner) if session.system_question == "forget" else None
        since = visit.shown[1] if visit and visit.shown[0] else at
        return view(content, session, at, held, typed, begun.maintenance, since)

    def at(self, session: Session | None) -> int:
        """Returns the time of an event, epoch seconds: never before the last one, as WeChat's clock may be
        ahead of ours."""
        return max(self._bot.now(), session.heard_at if session else 0)

    def form(self) -> submits.Submit:
        """Returns what was sent by this browser, as our page sends it; anything else is refused (403)."""
        form = submits.read(request.form)
        if not self._visits.fits(g.name, request.form.get("token", "")) or form is None:
            abort(403)
        return form

    def hand_in(self, visit: Visit, delivery: str, event: Event) -> Visit:
        visit = replace(visit, delivery=delivery)
        self._visits.keep(g.name, visit)  # first: a process that dies in between has its answer found
        event = replace(event, linked=bool(visit.run))
        told = self._bot.turns.handle(visit.openid, visit.account, delivery, event)
        if told.reply.says and told.reply.says[0] in _TURNED_AWAY:
            visit = replace(visit, notice=told.reply.text)
            self._visits.keep(g.name, visit)
        return visit

    def follow(self, visit: Visit, before: Snapshot, content: Content) -> None:
        """Lets a link open what its own run has led to by this submit: it is the same matter."""
        session = self._bot.store.begin(self._bot.store.owner(visit.openid), NO_DELIVERY).session
        begun = next((f for f in reversed(session.frames if session else ()) if f.why == "start"), None)
        own = content.flows.get(visit.flow)
        earlier = before.session.runs if before.session else 0
        if begun is None or own is None or begun.run <= earlier or not begun.linked:
            return
        if begun.flow in own.hands_over() and begun.flow != content.person:
            before_it = (*visit.before, visit.flow)
            self._visits.keep(g.name, replace(visit, run=begun.run, flow=begun.flow, before=before_it))

    def noticed(self, visit: Visit, why: str) -> ResponseReturnValue:
        """Leads back to what is open, with the page's own words about what was sent. The answer before, if it
        must not be lost, waits with what else has come."""
        self._visits.keep(g.name, replace(visit, delivery="", notice=self._rendering.words()[why], away=""))
        return redirect("/card", 303)
