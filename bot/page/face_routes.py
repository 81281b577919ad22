"""The way out to the service's page where a face is compared, and back."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from bot.engine.events import ImageReceived
from bot.page.conversation import NO_DELIVERY, Conversation
from bot.page.faces import CANCELLED, FaceCheck, Faces, Refused, TooOften
from bot.page.rendering import Rendering
from bot.page.visits import Visits
from bot.ports import Unknown
from bot.turn.decision import ON_PAGE

log = structlog.get_logger()


class FaceRoutes:
    """`faces`: None: faces are compared by photo, and nobody is sent away."""

    def __init__(
        self, conversation: Conversation, visits: Visits, rendering: Rendering, faces: Faces | None
    ) -> None:
        self._talk, self._visits, self._rendering, self._faces = conversation, visits, rendering, faces

    def add_to(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/face", "face", self.face, methods=["POST"])
        blueprint.add_url_rule("/face", "away", self.away)
        blueprint.add_url_rule("/faced", "faced", self.faced)

    def face(self) -> ResponseReturnValue:
        """Asks the service where to, for the question that the page showed."""
        visit = self._visits.of(g.name)
        if visit is None:
            return self._rendering.door("stale")
        form = self._talk.form()
        owner, begun, content = self._talk.look(visit, NO_DELIVERY)
        if visit.over(begun.session):
            self._visits.end(g.name)
            return self._rendering.door("ended")
        seen = self._talk.seen(owner, begun, content)
        if self._faces is None or not seen.face or seen.mark != form.mark or visit.run not in (0, seen.run):
            return self._talk.noticed(visit, "moved")
        try:
            check = FaceCheck(visit.openid, g.name, seen.mark, dict(seen.face))
            address = self._faces.begin(owner, check)
        except TooOften:
            return self._talk.noticed(visit, "face_often")
        except Unknown as e:
            log.warning("no face check", resident=owner.tag, cause=str(e))
            return self._talk.noticed(visit, "face_away")
        self._visits.keep(g.name, replace(visit, away=address, notice=""))
        return redirect("/card/face", 303)

    def away(self) -> ResponseReturnValue:
        """Leads there from a page: forms may lead nowhere but to us, and so may what answers them."""
        visit = self._visits.of(g.name)
        if visit is None or not visit.away:
            return redirect("/card", 303)
        host = urlsplit(visit.away).netloc
        response = make_response(self._rendering.page("away.html", to=visit.away, host=host))
        response.headers["Refresh"] = f"0; url={visit.away}"
        return response

    def faced(self) -> ResponseReturnValue:
        """Takes the service's answer from the browser: a submit like any other, named by the check's
        state."""
        visit = self._visits.of(g.name)
        if self._faces is None or visit is None:
            return self._rendering.door("closed")
        try:
            state, result = self._faces.signed(request.args)
            check = self._faces.find(state, g.name, visit.openid)
        except Refused as e:
            log.warning("face check refused", cause=str(e))
            return self._rendering.door("face", 403)
        delivery = f"{ON_PAGE}{visit.openid}:{state}"
        owner, begun, content = self._talk.look(visit, delivery)
        if visit.over(begun.session):
            self._visits.end(g.name)
            return self._rendering.door("ended")
        if begun.delivery:
            return redirect("/card", 303)
        if check is None:
            return self._talk.noticed(visit, "face_late")
        seen = self._talk.seen(owner, begun, content)
        if seen.mark != check.mark or visit.run not in (0, seen.run) or result == CANCELLED:
            self._faces.over(state)
            return self._talk.noticed(visit, "moved" if seen.mark != check.mark else "face_cancelled")
        proof = self._faces.proofs.make(owner.tag, check.about, result, state)
        at, seed = self._talk.at(begun.session), secrets.randbits(64)
        born = visit.born or (begun.session.born if begun.session else "")
        visit = replace(visit, at=at, born=born, notice="", away="")
        visit = self._talk.hand_in(visit, delivery, ImageReceived(at, seed, mark=check.mark, media_id=proof))
        self._faces.over(state)
        if visit.run:
            self._talk.follow(visit, begun, content)
        return redirect("/card", 303)
