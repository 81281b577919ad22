"""`/card`: the page, and its submits. A GET steps nothing; a submit is a delivery like WeChat's."""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response, abort, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException

from bot.account.served import Served
from bot.engine.view import NOTHING, UNTYPED, View
from bot.page import submits
from bot.page.authorisation import Authorisation
from bot.page.conversation import NO_DELIVERY, Conversation
from bot.page.entrance import Entrance
from bot.page.face_routes import FaceRoutes
from bot.page.faces import Faces
from bot.page.links import Links
from bot.page.pictures import MOST, InMemory, NotAPicture, Pictures, TooMany
from bot.page.rendering import Rendering
from bot.page.screen import Screen, left_of, mark_of
from bot.page.visits import Visit, Visits
from bot.ports import Codes
from bot.store.records import StoreAway
from bot.store.seal import SealError
from bot.turn.decision import ON_PAGE
from bot.web import words
from bot.web.headers import protect

log = structlog.get_logger()

_BODY = 128_000
MOST_SOUGHT = 60
"""Characters that a list is searched for."""


def _keeping(visit: Visit, form: submits.Submit, seen: View, pictures: set[str]) -> Visit:
    """The visit with what was filled in, if anything was."""
    return replace(visit, entered=submits.typed(form, seen, pictures)) if submits.fills(form) else visit


class Page:
    """`codes`: draws the random code; None: it is shown as text. `authorisation`: None: only links open the
    page. `faces`: where they are compared elsewhere."""

    def __init__(
        self,
        bot: Served,
        links: Links,
        pictures: Pictures,
        codes: Codes | None,
        authorisation: Authorisation | None,
        faces: Faces | None,
    ) -> None:
        self.bot, self.pictures, self.codes = bot, pictures, codes
        secure = links.origin.startswith("https://")
        self.visits = Visits(bot.client, bot.store.seal, bot.settings.tag_key, secure, bot.now)
        self._rendering = Rendering(bot, self.visits)
        self._talk = Conversation(bot, self.visits, self._rendering)
        self._entrance = Entrance(bot, self.visits, self._rendering, links, authorisation)
        self._faces = FaceRoutes(self._talk, self.visits, self._rendering, faces)

    def blueprint(self) -> Blueprint:
        """Returns what serves `/card`."""
        made = Blueprint(
            "page", __name__, url_prefix="/card", template_folder="templates", static_folder="static"
        )
        made.record_once(lambda state: setattr(state.app, "request_class", InMemory))
        made.before_request(self._begin)
        made.after_request(self._protect)
        made.register_error_handler(HTTPException, self._refused)
        made.register_error_handler(StoreAway, self._away)
        made.register_error_handler(SealError, self._away)
        made.add_url_rule("", "show", self.show)
        made.add_url_rule("", "submit", self.submit, methods=["POST"])
        made.add_url_rule("/find", "find", self.find, methods=["POST"])
        made.add_url_rule("/code.png", "code", self.code)
        self._entrance.add_to(made)
        self._faces.add_to(made)
        made.add_url_rule("/out", "leave", self.leave, methods=["POST"])
        made.add_url_rule("/<path:_>", "nowhere", lambda _: abort(404), methods=["GET", "POST"])
        for asked_again in ("/find", "/in", "/out"):  # a reload of what a submit was answered
            made.add_url_rule(asked_again, "here", self.here)
        return made

    def _begin(self) -> None:
        sends = request.mimetype == "multipart/form-data" and request.path == "/card"
        request.max_content_length = 2 * MOST if sends else _BODY
        if not request.query_string.isascii():  # nothing can be read of it
            g.language, g.name = "zh", ""
            abort(400)
        g.language = words.language_of(request)
        g.name = self.visits.name(request)

    # --- the conversation ---
    def show(self) -> ResponseReturnValue:
        found = self.visits.of(g.name)
        if found is None:
            return self._entrance.closed()
        visit = found
        owner, begun, content = self._talk.look(visit, visit.delivery or NO_DELIVERY)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._rendering.door("ended")
        seen = self._talk.seen(owner, begun, content, visit)
        if seen.run != visit.shown[0]:  # before its first question is answered: that one counts
            visit = replace(visit, shown=(seen.run, self._talk.at(begun.session)))
        noticed = visit
        if begun.session is not None and not begun.session.frames and not begun.session.calls:
            aside = begun.session.suspended
            if aside is None or aside.until <= self.bot.now():  # else they are sent when it is resumed
                self.pictures.drop(owner)
            noticed = replace(visit, entered=UNTYPED)
        self.visits.change(g.name, found, noticed)
        home = not visit.run and seen.kind == NOTHING
        changes = self.bot.store.holdings(owner).done if home else ()
        top = self.bot.revisions.now.loaded.menu
        keys = frozenset(button.key for each in top for button in (each, *each.sub))
        screen = Screen(content, visit, begun, seen, changes, keys)
        return self._rendering.page(
            "page.html", screen=screen, view=seen, nonce=secrets.token_hex(16), picture=self.codes is not None
        )

    def submit(self) -> ResponseReturnValue:
        """One thing the resident did: done once, however often it is sent; nothing where the page showed
        something else than what is open."""
        visit = self.visits.of(g.name)
        if visit is None:  # before anything is read of what was sent
            return self._rendering.door("stale")
        form = self._talk.form()
        delivery = f"{ON_PAGE}{visit.openid}:{form.nonce}"
        owner, begun, content = self._talk.look(visit, delivery)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._rendering.door("ended")
        had = form.form.get("told", "").split(",")  # the browser has the page that showed it
        self.bot.store.shown(owner, {r: left_of(r) for r in begun.outbox if mark_of(r) in had})
        seen = self._talk.seen(owner, begun, content)
        looks = form.form.get("word") == "repeat" and form.mark != seen.mark  # it has come by now
        consented = f"{delivery}:agreed"
        twice = submits.filled_too(form) and self._talk.look(visit, consented)[1].delivery
        if begun.delivery or looks or twice:
            return redirect("/card", 303)
        before = {*visit.entered.pictures.values()}  # ids of photos that have come, and nothing else as text
        visit = _keeping(visit, form, seen, before)
        if visit.run and (seen.run != visit.run or seen.mark != form.mark):
            return self._talk.noticed(visit, "moved")
        at = self._talk.at(begun.session)
        sent, taken = dict[str, str](), submits.pictures(seen)
        given = {k: v for k, v in form.form.items() if k not in taken or v in before}
        try:
            for name, file in request.files.items() if form.mark == seen.mark else ():
                if file and name in taken:
                    sent[name] = self.pictures.take(owner, file.read())
        except (NotAPicture, TooMany) as e:
            notice = self._rendering.words()[f"picture_{type(e).__name__}"]
            visit = _keeping(visit, replace(form, form={**given, **sent}), seen, before | {*sent.values()})
            self.visits.keep(g.name, replace(visit, delivery="", notice=notice))
            return redirect("/card", 303)
        form = replace(form, form={**given, **sent})
        visit = _keeping(visit, form, seen, before | {*sent.values()})
        event = submits.event_of(form, content, seen, at, secrets.randbits(64), sent.get("picture", ""))
        if event is None:  # what could be tapped has gone with time, or with what the chat did meanwhile
            return self._talk.noticed(visit, "moved")
        born = visit.born or (begun.session.born if begun.session else "")
        visit = replace(visit, at=at, born=born, notice="")
        if not submits.ahead_of(form, seen):
            visit = self._talk.hand_in(visit, delivery, event)
        else:
            visit = self._talk.hand_in(visit, consented, event)
            owner, after, content = self._talk.look(visit, delivery)
            then, at = self._talk.seen(owner, after, content), self._talk.at(after.session)
            filled = submits.event_ahead(form, seen, then, content, at, secrets.randbits(64))
            if filled is not None:
                visit = self._talk.hand_in(replace(visit, at=at), delivery, filled)
        if visit.run:
            self._talk.follow(visit, begun, content)
        return redirect("/card", 303)

    def find(self) -> ResponseReturnValue:
        """What a long list is to show: it may name a place, so it stands in no address."""
        visit = self.visits.of(g.name)
        if visit is None:
            return self._rendering.door("stale")
        form = self._talk.form()
        words = form.form.get("find", "")[:MOST_SOUGHT]
        self.visits.keep(g.name, replace(visit, find=(form.mark, words)))
        return redirect("/card", 303)

    def code(self) -> ResponseReturnValue:
        """The random code as a picture: the one that stands, never a new one."""
        visit = self.visits.of(g.name)
        if visit is None or self.codes is None:
            abort(404)
        owner, begun, content = self._talk.look(visit, NO_DELIVERY)
        seen = self._talk.seen(owner, begun, content)
        if visit.over(begun.session) or not seen.code or visit.run not in (0, seen.run):
            abort(404)
        return Response(self.codes.draw(seen.code, seen.language), content_type="image/png")

    def here(self) -> ResponseReturnValue:
        return redirect("/card", 303)

    def leave(self) -> ResponseReturnValue:
        if not self.visits.fits(g.name, request.form.get("token", "")):
            abort(403)
        self.visits.end(g.name)
        response = make_response(self._rendering.door("ended"))
        secure = self.visits.cookie.startswith("__Host-")  # of which a browser takes nothing else
        response.delete_cookie(self.visits.cookie, path="/", secure=secure, httponly=True, samesite="Lax")
        return response

    # --- small things ---
    def _protect(self, response: Response) -> Response:
        allowed = {"form_action": "'self'", "img_src": "'self' data: blob:"}  # what was picked is shown
        if self.bot.settings.phone != "yes":
            return protect(response, **allowed)
        protect(response, **allowed, frame_ancestors="'self'")  # it is shown inside /phone
        del response.headers["X-Frame-Options"]
        return response

    def _refused(self, e: HTTPException) -> ResponseReturnValue:
        why = {403: "stale", 413: "large"}.get(e.code or 500, "trouble")
        return self._rendering.page("door.html", why=why), e.code or 500

    def _away(self, e: Exception) -> ResponseReturnValue:
        log.warning("page away", cause=str(e))
        return self._rendering.page("door.html", why="away"), 503
