"""The ways into the page: a link from the chat, and WeChat's page authorisation."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from bot.account.served import Served
from bot.page.authorisation import Authorisation
from bot.page.conversation import NO_DELIVERY
from bot.page.links import Links
from bot.page.rendering import Rendering
from bot.page.visits import ENTERED, LINKED, Visit, Visits

log = structlog.get_logger()


class Entrance:
    """`authorisation`: None: only links open the page."""

    def __init__(
        self,
        bot: Served,
        visits: Visits,
        rendering: Rendering,
        links: Links,
        authorisation: Authorisation | None,
    ) -> None:
        self._bot, self._visits, self._rendering = bot, visits, rendering
        self._links, self._authorisation = links, authorisation

    def add_to(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/in/<token>", "link", self.link)
        blueprint.add_url_rule("/in", "enter", self.enter, methods=["POST"])
        blueprint.add_url_rule("/back", "back", self.back)

    def closed(self) -> ResponseReturnValue:
        """Sends a browser without a visit to WeChat, if that may tell who it is."""
        if self._authorisation is None:
            return self._rendering.door("closed")
        return self._authorise(self._authorisation)

    def link(self, token: str) -> ResponseReturnValue:
        """Shows only a button, so that a scanner of links opens nothing."""
        request.environ["PATH_INFO"] = "/card/in/"  # all that a server's access log may have of it
        state = self._links.state(token)
        if state == "used" and (again := self._again(token)):
            return again
        if state != "good":
            return self._rendering.door(state, 410)
        name = g.name or self._visits.new_name()
        g.name = name
        response = make_response(self._rendering.page("open.html", link=token))
        self._visits.set(response, name)
        return response

    def enter(self) -> ResponseReturnValue:
        """Opens the link for the browser that sends this, under a new name."""
        token = request.form.get("link", "")
        if not self._visits.fits(g.name, request.form.get("token", "")):
            return self._again(token) or self._rendering.door("stale", 403)
        link = self._links.find(token)
        if link is None:
            return self._again(token) or self._rendering.door(self._links.state(token), 410)
        owner = self._bot.store.owner(link.openid)
        begun = self._bot.store.begin(owner, NO_DELIVERY)
        if begun.unread is not None:  # it is not over: another process opens it
            raise begun.unread
        session = begun.session
        flow = next((f.flow for f in session.frames if f.run == link.run), "") if session else ""
        until = self._bot.now() + LINKED
        visit = Visit(
            *(link.openid, link.account, link.run, flow, link.born, link.pages_ended), until=until, link=token
        )
        if not flow or visit.over(session):
            return self._rendering.door("ended" if flow else "over", 410)
        if not self._links.open(token):  # only now: where the store is away, the link still opens later
            return self._rendering.door("used", 410)
        log.info("page opened", resident=owner.tag)
        return self._entered(visit, self._visits.name_after(g.name, token))

    def _again(self, token: str) -> Response | None:
        """Lets the browser that this link opened for enter again: it pressed twice, or the answer was
        lost."""
        visit, after = self._visits.of(g.name), self._visits.name_after(g.name, token)
        if visit is not None and visit.link == token:
            return make_response(redirect("/card", 303))
        visit = self._visits.of(after)
        if visit is None or self._bot.now() > visit.until - LINKED + ENTERED:
            return None
        response = make_response(redirect("/card", 303))
        self._visits.set(response, after)
        return response

    def _entered(self, visit: Visit, name: str) -> Response:
        self._visits.end(g.name)
        self._visits.keep(name, visit, new=True)
        response = make_response(redirect("/card", 303))
        self._visits.set(response, name)
        return response

    def _authorise(self, authorisation: Authorisation) -> ResponseReturnValue:
        """Sends the browser to WeChat, which sends it back; the state is bound to it."""
        name = self._visits.new_name()
        response = make_response(redirect(authorisation.address(self._visits.token(f"state {name}"))))
        self._visits.set(response, name)
        return response

    def back(self) -> ResponseReturnValue:
        """Takes the browser that WeChat sends back, with a code that tells once who it is."""
        if self._visits.of(g.name):  # asked twice, as WeChat's browser does, or reloaded
            return redirect("/card", 303)
        known = g.name and self._visits.fits(f"state {g.name}", request.args.get("state", ""))
        if self._authorisation is None or not known:
            return self._rendering.door("stale", 403)
        openid = self._authorisation.openid(request.args.get("code", ""))
        if openid is None:
            return redirect("/card", 303)
        if not openid:
            return self._rendering.door("stale", 403)
        owner = self._bot.store.owner(openid)
        session = self._bot.store.begin(owner, NO_DELIVERY).session
        log.info("page opened", resident=owner.tag)
        born, ended = (session.born, session.pages_ended) if session else ("", 0)
        return self._entered(Visit(openid, "", born=born, pages_ended=ended), self._visits.new_name())
