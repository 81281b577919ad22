"""`/console`: who may come in, and the pages behind the door."""

from __future__ import annotations

import secrets
from pathlib import Path

import redis
from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.account.served import Served
from bot.console import pages
from bot.console.accounts import Accounts
from bot.console.audit import FAILED, Audit
from bot.console.tries import Tries
from bot.console.views import Views, address, field, reads, said
from bot.console.visits import COOKIE, FORM, Visits, set_cookie
from bot.console.wechat import WeChat
from bot.store.records import StoreAway
from bot.web.directory import Directory
from bot.web.headers import protect
from bot.web.words import LANGUAGES, language_of

OPEN = frozenset({"console.sign_in", "console.enter", "console.static"})
"""Endpoints before the door."""
LOOKS = ("light", "dark")
LANGUAGE_COOKIE, LOOK_COOKIE = "shebao_console_lang", "shebao_console_look"
KEPT = 400 * 86_400
_BODY = 64_000


def console(bot: Served, root: Path, wechat: WeChat | None = None) -> Blueprint:
    """The blueprint that serves `/console`; `settings.console_users` says to whom. `root`: the content
    directory. `wechat`: None where no app secret is set."""
    blueprint = Blueprint(
        "console", __name__, url_prefix="/console", template_folder="templates", static_folder="static"
    )
    accounts = Accounts(bot.settings.console_users)
    visits = Visits(accounts, bot.settings.tag_key, bot.client, bot.now)
    audit = Audit(bot.client, bot.store.seal, bot.now)
    tries = Tries(bot.client, bot.store.seal)
    directory = Directory(root, bot.settings.language, bot.now)
    views = Views(bot, blueprint, audit, visits, directory, wechat, bot.now)

    @blueprint.before_request
    def guard() -> ResponseReturnValue | None:
        """Whoever is not signed in sees the sign-in form; a change needs the page's token and the role."""
        g.language = language_of(request, request.cookies.get(LANGUAGE_COOKIE, ""))
        look = request.args.get("look") or request.cookies.get(LOOK_COOKIE, "")
        g.look = look if look in LOOKS else ""
        g.visit = None
        if request.endpoint in OPEN:
            return None
        request.max_content_length = _BODY
        g.visit = visits.of(request)
        if g.visit is None:
            return redirect(url_for("console.sign_in"), 303)
        if request.method == "POST":
            if not visits.fits(g.visit.id, request.form.get("token", "")):
                abort(403, "token")
            view = current_app.view_functions[request.endpoint or ""]
            if not g.visit.account.publishes and not getattr(view, "reads", False):
                abort(403, "role")
        return None

    @blueprint.after_request
    def leave(response: Response) -> Response:
        if g.get("visit") is not None:
            visits.keep(request, response, g.visit)
        for name, allowed, cookie in (("lang", LANGUAGES, LANGUAGE_COOKIE), ("look", LOOKS, LOOK_COOKIE)):
            if request.args.get(name) in allowed:
                set_cookie(request, response, cookie, request.args[name], KEPT)
        return protect(response, form_action="'self'", **g.get("policy", {}))

    @blueprint.errorhandler(HTTPException)
    def refuse(e: HTTPException) -> ResponseReturnValue:
        return views.show("trouble.html", e.code or 500, code_=e.code, why=e.description)

    @blueprint.errorhandler(redis.RedisError)
    @blueprint.errorhandler(StoreAway)
    def away(_: Exception) -> ResponseReturnValue:
        return views.show("trouble.html", 503, code_=503, why="away")

    @blueprint.get("/")
    def slash() -> ResponseReturnValue:
        return redirect(url_for("console.overview"), 303)

    @blueprint.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        return _form()

    @blueprint.post("/sign-in")
    def enter() -> ResponseReturnValue:
        request.max_content_length = _BODY
        if not visits.fits(request.cookies.get(FORM, ""), request.form.get("token", "")):
            return _form(403, "stale")
        name, password = field("name"), request.form.get("password", "")[:1000]
        known = accounts.get(name)
        who = known.name if known else "?"  # what was typed may be a password
        if not tries.begin(name, address()):
            return _form(429, "too_many")
        account = accounts.check(name, password)
        if account is None:
            audit.note(who, "sign_in", "", address(), FAILED)
            return _form(403, "wrong")
        tries.good(name, address())
        audit.note(who, "sign_in", "", address())
        g.visit = visits.begin(account)
        return redirect(url_for("console.overview"), 303)

    def _form(status: int = 200, wrong: str = "") -> ResponseReturnValue:
        cookie = request.cookies.get(FORM) or secrets.token_urlsafe(18)
        html, status = views.show("sign_in.html", status, "sign_in", wrong=wrong, form=visits.token(cookie))
        response = make_response(html, status)
        set_cookie(request, response, FORM, cookie)
        return response

    @blueprint.post("/sign-out")
    @reads
    def sign_out() -> ResponseReturnValue:
        visits.end(g.visit)
        audit.note(g.visit.account.name, "sign_out", "", address())
        g.visit = None
        response = make_response(redirect(url_for("console.sign_in"), 303))
        response.delete_cookie(COOKIE, path="/console")
        return response

    for language in LANGUAGES:  # a hole in the words shows now
        said(language)
    pages.add_to(views)
    return blueprint
