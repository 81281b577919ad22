"""`/card`: the page, and the ways into it. A GET steps nothing; a submit is a delivery like WeChat's."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException

from bot.account.served import Served
from bot.engine.events import Event, FormFilled, ImageReceived
from bot.engine.flow import Content
from bot.engine.session import Session, new
from bot.engine.view import NOTHING, View, view
from bot.page import submits
from bot.page.authorisation import Authorisation
from bot.page.faces import CANCELLED, FaceCheck, Faces, Refused, TooOften
from bot.page.links import Links
from bot.page.pictures import MOST, InMemory, NotAPicture, Pictures, TooMany
from bot.page.screen import Screen, left_of, mark_of
from bot.page.visits import ENTERED, LINKED, Visit, Visits
from bot.ports import Codes, Unknown
from bot.store.records import ResidentKey, Snapshot, StoreAway
from bot.store.seal import SealError
from bot.turn.writing import ON_PAGE
from bot.web import words
from bot.web.headers import protect

log = structlog.get_logger()

HERE = Path(__file__).parent
_BODY = 16_000
_NO_DELIVERY = "page"
_TURNED_AWAY = ("common.too_fast", "common.too_busy", "common.trouble")


def page(
    bot: Served,
    links: Links,
    pictures: Pictures,
    codes: Codes | None = None,
    authorisation: Authorisation | None = None,
    faces: Faces | None = None,
) -> Blueprint:
    """The blueprint that serves `/card`. `codes`: draws the random code; None: it is shown as text.
    `authorisation`: None: only links open the page. `faces`: where they are compared elsewhere."""
    return _Page(bot, links, pictures, codes, authorisation, faces).blueprint()


class _Page:
    def __init__(
        self,
        bot: Served,
        links: Links,
        pictures: Pictures,
        codes: Codes | None,
        authorisation: Authorisation | None,
        faces: Faces | None,
    ) -> None:
        self.authorisation, self.faces = authorisation, faces
        self.bot, self.links, self.pictures, self.codes = bot, links, pictures, codes
        secure = links.origin.startswith("https://")
        self.visits = Visits(bot.client, bot.store.seal, bot.settings.tag_key, secure, bot.now)
        self.words = words.read(HERE / "words.yaml")

    def blueprint(self) -> Blueprint:
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
        made.add_url_rule("/code.png", "code", self.code)
        made.add_url_rule("/in/<token>", "link", self.link)
        made.add_url_rule("/in", "enter", self.enter, methods=["POST"])
        made.add_url_rule("/back", "back", self.back)
        made.add_url_rule("/face", "face", self.face, methods=["POST"])
        made.add_url_rule("/face", "away", self.away)
        made.add_url_rule("/faced", "faced", self.faced)
        made.add_url_rule("/out", "leave", self.leave, methods=["POST"])
        made.add_url_rule("/<path:_>", "nowhere", self.nowhere, methods=["GET", "POST"])
        for asked_again in ("/in", "/out"):  # a reload of what a submit was answered
            made.add_url_rule(asked_again, "here", self.here)
        return made

    def _begin(self) -> None:
        sends = request.mimetype == "multipart/form-data" and request.path == "/card"
        request.max_content_length = 2 * MOST if sends else _BODY
        g.language = words.language_of(request)
        g.name = self.visits.name(request)

    # --- the conversation ---
    def show(self) -> ResponseReturnValue:
        visit = self.visits.of(g.name)
        if visit is None:
            return self._door("closed") if self.authorisation is None else self._authorise(self.authorisation)
        owner, begun, content = self._look(visit, visit.delivery or _NO_DELIVERY)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._door("ended")
        seen = self._seen(owner, begun, content, visit)
        if seen.run != visit.shown[0]:  # before its first question is answered: that one counts
            visit = replace(visit, shown=(seen.run, self._at(begun.session)))
            self.visits.keep(g.name, visit)
        if begun.session is not None and not begun.session.frames and not begun.session.calls:
            self.pictures.drop(owner)
            if visit.typed[0]:
                self.visits.keep(g.name, replace(visit, typed=("", {})))
        home = not visit.run and seen.kind == NOTHING
        changes = self.bot.store.holdings(owner).done if home else ()
        top = self.bot.revisions.now.loaded.menu
        keys = frozenset(button.key for each in top for button in (each, *each.sub))
        screen = Screen(content, visit, begun, seen, changes, keys)
        g.language = "en" if seen.language == "en" else "zh"
        return self._page(
            "page.html", screen=screen, view=seen, nonce=secrets.token_hex(16), picture=self.codes is not None
        )

    def submit(self) -> ResponseReturnValue:
        """One thing the resident did: done once, however often it is sent; nothing where the page showed
        something else than what is open."""
        visit = self.visits.of(g.name)
        if visit is None:  # before anything is read of what was sent
            return self._door("closed")
        form = self._form()
        delivery = f"{ON_PAGE}{visit.openid}:{form.nonce}"
        owner, begun, content = self._look(visit, delivery)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._door("ended")
        had = form.form.get("told", "").split(",")  # the browser has the page that showed it
        self.bot.store.shown(owner, {r: left_of(r) for r in begun.outbox if mark_of(r) in had})
        seen = self._seen(owner, begun, content)
        looks = form.form.get("word") == "repeat" and form.mark != seen.mark  # it has come by now
        consented = f"{delivery}:agreed"
        twice = submits.filled_too(form) and self._look(visit, consented)[1].delivery
        if begun.delivery or looks or twice:
            return redirect("/card", 303)
        if visit.run and (seen.run != visit.run or seen.mark != form.mark):
            return self._noticed(visit, "moved")
        at = self._at(begun.session)
        sent, taken = dict[str, str](), submits.pictures(seen)
        before = visit.typed[1].values()  # ids of photos that have come already, and nothing else as text
        given = {k: v for k, v in form.form.items() if k not in taken or v in before}
        try:
            for name, file in request.files.items() if form.mark == seen.mark else ():
                if file and name in taken:
                    sent[name] = self.pictures.take(owner, file.read())
        except (NotAPicture, TooMany) as e:
            notice = self._words()[f"picture_{type(e).__name__}"]
            kept = (seen.mark, submits.values({**given, **sent}, seen))
            self.visits.keep(g.name, replace(visit, delivery="", notice=notice, typed=kept))
            return redirect("/card", 303)
        form = replace(form, form={**given, **sent})
        event = submits.event_of(form, content, seen, at, secrets.randbits(64), sent.get("picture", ""))
        if event is None:
            abort(400)
        born = visit.born or (begun.session.born if begun.session else "")
        visit = replace(visit, at=at, born=born, notice="")
        if not submits.ahead_of(form, seen):
            visit = self._hand_in(visit, delivery, event)
        else:
            visit = self._hand_in(visit, consented, event)
            owner, after, content = self._look(visit, delivery)
            then, at = self._seen(owner, after, content), self._at(after.session)
            filled = submits.event_ahead(form, seen, then, content, at, secrets.randbits(64))
            visit = self._hand_in(replace(visit, at=at), delivery, filled) if filled is not None else visit
        if visit.run:
            self._follow(visit, begun, content)
        return redirect("/card", 303)

    def _form(self) -> submits.Submit:
        """Of this browser, as our page sends it; else refused."""
        form = submits.read(request.form)
        if not self.visits.fits(g.name, request.form.get("token", "")) or form is None:
            abort(403)
        return form

    def _hand_in(self, visit: Visit, delivery: str, event: Event) -> Visit:
        typed = (event.mark, dict(event.values)) if isinstance(event, FormFilled) else visit.typed
        visit = replace(visit, delivery=delivery, typed=typed)
        self.visits.keep(g.name, visit)  # first: a process that dies in between has its answer found
        event = replace(event, linked=bool(visit.run))
        told = self.bot.turns.handle(visit.openid, visit.account, delivery, event)
        if told.reply.says and told.reply.says[0] in _TURNED_AWAY:
            visit = replace(visit, notice=told.reply.text)
            self.visits.keep(g.name, visit)
        return visit

    def _follow(self, visit: Visit, before: Snapshot, content: Content) -> None:
        """A link that its own run has led on by this submit opens what it led to: it is the same matter."""
        session = self.bot.store.begin(self.bot.store.owner(visit.openid), _NO_DELIVERY).session
        begun = next((f for f in reversed(session.frames if session else ()) if f.why == "start"), None)
        own = content.flows.get(visit.flow)
        earlier = before.session.runs if before.session else 0
        if begun is None or own is None or begun.run <= earlier or not begun.linked:
            return
        if begun.flow in own.hands_over() and begun.flow != content.person:
            before_it = (*visit.before, visit.flow)
            self.visits.keep(g.name, replace(visit, run=begun.run, flow=begun.flow, before=before_it))

    def _noticed(self, visit: Visit, why: str) -> ResponseReturnValue:
        """Back to what is open, with the page's own words about what was sent. The answer before, if it must
        not be lost, waits with what else has come."""
        self.visits.keep(g.name, replace(visit, delivery="", notice=self._words()[why], away=""))
        return redirect("/card", 303)

    # --- a face, compared on the service's own page ---
    def face(self) -> ResponseReturnValue:
        """Asks the service where to, for the question that the page showed."""
        visit = self.visits.of(g.name)
        if visit is None:
            return self._door("closed")
        form = self._form()
        owner, begun, content = self._look(visit, _NO_DELIVERY)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._door("ended")
        seen = self._seen(owner, begun, content)
        if self.faces is None or not seen.face or seen.mark != form.mark or visit.run not in (0, seen.run):
            return self._noticed(visit, "moved")
        try:
            check = FaceCheck(visit.openid, g.name, seen.mark, dict(seen.face))
            address = self.faces.begin(owner, check)
        except TooOften:
            return self._noticed(visit, "face_often")
        except Unknown as e:
            log.warning("no face check", resident=owner.tag, cause=str(e))
            return self._noticed(visit, "face_away")
        self.visits.keep(g.name, replace(visit, away=address, notice=""))
        return redirect("/card/face", 303)

    def away(self) -> ResponseReturnValue:
        """Leads there from a page: forms may lead nowhere but to us, and so may what answers them."""
        visit = self.visits.of(g.name)
        if visit is None or not visit.away:
            return redirect("/card", 303)
        response = make_response(self._page("away.html", to=visit.away, host=urlsplit(visit.away).netloc))
        response.headers["Refresh"] = f"0; url={visit.away}"
        return response

    def faced(self) -> ResponseReturnValue:
        """From the service, with its answer: a submit like any other, named by the check's state."""
        visit = self.visits.of(g.name)
        if self.faces is None or visit is None:
            return self._door("closed")
        try:
            state, result = self.faces.signed(request.args)
            check = self.faces.find(state, g.name, visit.openid)
        except Refused as e:
            log.warning("face check refused", cause=str(e))
            return self._door("face", 403)
        delivery = f"{ON_PAGE}{visit.openid}:{state}"
        owner, begun, content = self._look(visit, delivery)
        if visit.over(begun.session):
            self.visits.end(g.name)
            return self._door("ended")
        if begun.delivery:
            return redirect("/card", 303)
        if check is None:
            return self._noticed(visit, "face_late")
        seen = self._seen(owner, begun, content)
        if seen.mark != check.mark or visit.run not in (0, seen.run) or result == CANCELLED:
            self.faces.over(state)
            return self._noticed(visit, "moved" if seen.mark != check.mark else "face_cancelled")
        proof = self.faces.proofs.make(owner.tag, check.about, result, state)
        at, seed = self._at(begun.session), secrets.randbits(64)
        born = visit.born or (begun.session.born if begun.session else "")
        visit = replace(visit, at=at, born=born, notice="", away="")
        visit = self._hand_in(visit, delivery, ImageReceived(at, seed, mark=check.mark, media_id=proof))
        self.faces.over(state)
        if visit.run:
            self._follow(visit, begun, content)
        return redirect("/card", 303)

    def code(self) -> ResponseReturnValue:
        """The random code as a picture: the one that stands, never a new one."""
        visit = self.visits.of(g.name)
        if visit is None or self.codes is None:
            abort(404)
        owner, begun, content = self._look(visit, _NO_DELIVERY)
        seen = self._seen(owner, begun, content)
        if visit.over(begun.session) or not seen.code or visit.run not in (0, seen.run):
            abort(404)
        return Response(self.codes.draw(seen.code, seen.language), content_type="image/png")

    def here(self) -> ResponseReturnValue:
        return redirect("/card", 303)

    def nowhere(self, _: str) -> ResponseReturnValue:
        abort(404)

    def leave(self) -> ResponseReturnValue:
        if not self.visits.fits(g.name, request.form.get("token", "")):
            abort(403)
        self.visits.end(g.name)
        response = make_response(self._door("ended"))
        response.delete_cookie(self.visits.cookie, path="/")
        return response

    def _look(self, visit: Visit, delivery: str) -> tuple[ResidentKey, Snapshot, Content]:
        """Raises StoreAway, SealError."""
        owner = self.bot.store.owner(visit.openid)
        self.bot.store.looked(owner)
        begun = self.bot.store.begin(owner, delivery)
        if begun.unread is not None:
            raise begun.unread
        return owner, begun, self.bot.revisions.content(begun.revision)

    def _seen(
        self,
        owner: ResidentKey,
        begun: Snapshot,
        content: Content,
        visit: Visit | None = None,
    ) -> View:
        at, typed = self._at(begun.session), visit.typed if visit else ("", {})
        session: Session = begun.session or new(content, 0, at)
        held = self.bot.store.holdings(owner) if session.system_question == "forget" else None
        since = visit.shown[1] if visit and visit.shown[0] else at
        return view(content, session, at, held, typed, begun.maintenance, since)

    def _at(self, session: Session | None) -> int:
        """WeChat's clock, by which the chat goes, may be ahead of ours: no event is before the last one."""
        return max(self.bot.now(), session.heard_at if session else 0)

    # --- the ways in ---
    def link(self, token: str) -> ResponseReturnValue:
        """Only a button: whoever scans links opens nothing."""
        state = self.links.state(token)
        if state == "used" and (again := self._again(token)):
            return again
        if state != "good":
            return self._door(state, 410)
        name = g.name or self.visits.new_name()
        g.name = name
        response = make_response(self._page("open.html", link=token))
        self.visits.set(response, name)
        return response

    def enter(self) -> ResponseReturnValue:
        """The browser that sends this is the one that the link opens for, under a new name."""
        if not self.visits.fits(g.name, request.form.get("token", "")):
            return self._door("stale", 403)
        token = request.form.get("link", "")
        link = self.links.find(token)
        if link is None:
            return self._again(token) or self._door(self.links.state(token), 410)
        owner = self.bot.store.owner(link.openid)
        session = self.bot.store.begin(owner, _NO_DELIVERY).session
        flow = next((f.flow for f in session.frames if f.run == link.run), "") if session else ""
        until = self.bot.now() + LINKED
        visit = Visit(
            *(link.openid, link.account, link.run, flow, link.born, link.pages_ended), until=until, link=token
        )
        if not flow or visit.over(session):
            return self._door("ended" if flow else "over", 410)
        if self.links.open(token) is None:  # only now: where the store is away, the link still opens later
            return self._door("used", 410)
        log.info("page opened", resident=owner.tag)
        return self._entered(visit, self.visits.name_after(g.name, token))

    def _again(self, token: str) -> Response | None:
        """For the browser that this link opened for: its button was pressed twice, its answer was lost."""
        visit, after = self.visits.of(g.name), self.visits.name_after(g.name, token)
        if visit is not None and visit.link == token:
            return make_response(redirect("/card", 303))
        visit = self.visits.of(after)
        if visit is None or self.bot.now() > visit.until - LINKED + ENTERED:
            return None
        response = make_response(redirect("/card", 303))
        self.visits.set(response, after)
        return response

    def _entered(self, visit: Visit, name: str) -> Response:
        self.visits.end(g.name)
        self.visits.keep(name, visit, new=True)
        response = make_response(redirect("/card", 303))
        self.visits.set(response, name)
        return response

    def _authorise(self, authorisation: Authorisation) -> ResponseReturnValue:
        """To WeChat, which sends the browser back; the state is bound to it."""
        name = self.visits.new_name()
        response = make_response(redirect(authorisation.address(self.visits.token(f"state {name}"))))
        self.visits.set(response, name)
        return response

    def back(self) -> ResponseReturnValue:
        """From WeChat, with a code that tells who it is, once."""
        known = g.name and self.visits.fits(f"state {g.name}", request.args.get("state", ""))
        if self.authorisation is None or not known:
            return self._door("stale", 403)
        openid = self.authorisation.openid(request.args.get("code", ""))
        if not openid:
            return self._door("stale", 403)
        owner = self.bot.store.owner(openid)
        session = self.bot.store.begin(owner, _NO_DELIVERY).session
        log.info("page opened", resident=owner.tag)
        born, ended = (session.born, session.pages_ended) if session else ("", 0)
        return self._entered(Visit(openid, "", born=born, pages_ended=ended), self.visits.new_name())

    # --- small things ---
    def _door(self, why: str, status: int = 200) -> ResponseReturnValue:
        return self._page("door.html", why=why), status

    def _page(self, template: str, **values: object) -> str:
        return render_template(
            f"page/{template}",
            t=self._words(),
            code=words.LANGUAGES[g.language],
            token=self.visits.token(g.name) if g.name else "",
            nothing=NOTHING,
            **values,
        )

    def _words(self) -> dict[str, str]:
        hotline = self.bot.content.hotline
        said = words.said(self.words, g.language)
        return {name: text.replace("{hotline}", hotline) for name, text in said.items()}

    def _protect(self, response: Response) -> Response:
        allowed = {"form_action": "'self'", "img_src": "'self' data: blob:"}  # what was picked is shown
        if self.bot.settings.phone != "yes":
            return protect(response, **allowed)
        protect(response, **allowed, frame_ancestors="'self'")  # it is shown inside /phone
        del response.headers["X-Frame-Options"]
        return response

    def _refused(self, e: HTTPException) -> ResponseReturnValue:
        why = {403: "stale", 413: "large"}.get(e.code or 500, "trouble")
        return self._page("door.html", why=why), e.code or 500

    def _away(self, e: Exception) -> ResponseReturnValue:
        log.warning("page away", cause=str(e))
        return self._page("door.html", why="away"), 503
