"""`/console`: who may come in, and the pages behind the door."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import redis
from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.account.served import Served
from bot.console import pages
from bot.console.accounts import Accounts
from bot.console.audit import Audit
from bot.console.bench import Bench
from bot.console.cookies import Cookies
from bot.console.door import Door, Refused
from bot.console.effects import Effects
from bot.console.roles import EDIT, NEEDED, PUBLISH
from bot.console.totp import Codes
from bot.console.tries import Tries
from bot.console.views import Views, address, field, said
from bot.console.visits import COOKIE, FORM, Visits
from bot.console.wechat import WeChat
from bot.content.read.own_files import Shipped
from bot.content.read.source import BrokenContent
from bot.content.read.zipped import LARGEST_ZIP
from bot.ports import ArchiveAway
from bot.settings import is_live
from bot.store.drafts import Changed, Drafts, Overtaken, TooMany
from bot.store.records import StoreAway
from bot.store.revisions import NoRevision
from bot.turn.calls import NotConfirmed
from bot.turn.revisions import InDoubt, Moved
from bot.web.directory import Directory
from bot.web.headers import protect
from bot.web.words import LANGUAGES, language_of

OPEN = frozenset({"console.sign_in", "console.enter", "console.static"})
"""Endpoints before the door."""
LOOKS = ("light", "dark")
LANGUAGE_COOKIE, LOOK_COOKIE = "shebao_console_lang", "shebao_console_look"
KEPT = 400 * 86_400
PROOF = ("token", "password", "code")
"""Fields that are asked for anew."""
_BODY = 64_000
ZIP = "console.import_files"
"""The one form that may be larger."""
TROUBLES: Mapping[type[Exception], tuple[int, str]] = {
    **dict.fromkeys((redis.RedisError, ArchiveAway, StoreAway), (503, "away")),
    **dict.fromkeys((Changed, Moved, Overtaken), (409, "moved")),
    NotConfirmed: (409, "not_confirmed"),
    TooMany: (409, "too_many"),
    Shipped: (409, "shipped"),
    InDoubt: (409, "doubt"),
    BrokenContent: (422, "broken"),
    NoRevision: (404, ""),
}
"""What no page catches, unless it has more to say: the status, and a word of words/trouble.yaml."""
_FILES = frozenset({"console.try_file", "console.save_file", "console.complete"})
_BODY_OF_FILES = 2_500_000
"""What sends a whole file, as it was and as it is now: in the worst case three bytes for each of theirs."""


def console(bot: Served, root: Path, wechat: WeChat | None = None, bench: Bench | None = None) -> Blueprint:
    """The blueprint that serves `/console`; `settings.console_users` says to whom. `root`: the content
    directory. `wechat`: None where no app secret is set. `bench`: where drafts are tried; None:
    one of its own."""
    blueprint = Blueprint(
        "console", __name__, url_prefix="/console", template_folder="templates", static_folder="static"
    )
    settings, seal = bot.settings, bot.store.seal
    live = is_live(settings)
    accounts = Accounts(
        settings.console_users, settings.second_factor == "yes" or (live and settings.second_factor == "live")
    )
    cookies = Cookies(live)
    visits = Visits(accounts, settings.tag_key, bot.client, seal, cookies, bot.now)
    audit = Audit(bot.client, seal, bot.now)
    door = Door(accounts, Codes(bot.client, seal), Tries(bot.client, seal), audit, bot.now)
    directory = Directory(root, settings.language, bot.now)
    bench = bench or Bench(root, settings.language)
    effects = Effects(bot.client, seal, root, settings.language)
    drafts = Drafts(bot.client, seal)
    views = Views(bot, blueprint, audit, visits, directory, bench, effects, drafts, wechat, bot.now)

    @blueprint.before_request
    def guard() -> ResponseReturnValue | None:
        """Whoever is not signed in sees the sign-in form; all else needs the role (bot.console.roles), a form
        its page's token as well, and publishing somebody who has proved a short while ago who they are."""
        g.language = language_of(request, cookies.get(request, LANGUAGE_COOKIE))
        look = request.args.get("look") or cookies.get(request, LOOK_COOKIE)
        g.look = look if look in LOOKS else ""
        g.visit = None
        if request.endpoint in OPEN:
            return None
        request.max_content_length = _BODY
        if request.endpoint in _FILES:
            request.max_content_length = request.max_form_memory_size = _BODY_OF_FILES
        g.visit = visits.of(request)
        if request.endpoint == ZIP and g.visit and g.visit.account.may("import_files"):
            request.max_content_length = _BODY + LARGEST_ZIP
        typed = NEEDED.get(request.endpoint or "") == EDIT and any(map(_is_typed, request.form))
        if g.visit is None:
            return _kept("signed_out", 401) if typed else redirect(url_for("console.sign_in"), 303)
        if request.method == "POST" and not visits.fits(g.visit.id, request.form.get("token", "")):
            return _kept("token", 403) if typed else abort(403, "token")
        if request.endpoint and not g.visit.account.may(request.endpoint.removeprefix("console.")):
            why = "code" if g.visit.account.held else "role"
            return _kept(why, 403) if typed else abort(403, why)
        if NEEDED.get(request.endpoint or "") == PUBLISH and not visits.is_fresh(g.visit):
            return _again()
        return None

    def _kept(why: str, status: int) -> ResponseReturnValue:
        """What was typed is shown and can be sent once more: a form must not lose it with the visit."""
        kept = [(name, value) for name, value in request.form.items(multi=True) if name not in PROOF]
        written = [value for name, value in kept if _is_typed(name)]
        return views.show("kept.html", status, "sign_in", fields=kept, written=written, why=why)

    def _again() -> ResponseReturnValue | None:
        """None where the form has brought password and code; else it is shown once more, to bring them."""
        wrong, status = "", 403
        if "password" in request.form:
            try:
                door.prove(g.visit.account.name, *_typed(), address())
                g.visit = visits.proved(g.visit)
            except Refused as e:
                wrong, status = e.why, e.status
            else:
                return None
        kept = [(name, value) for name, value in request.form.items(multi=True) if name not in PROOF]
        return views.show("again.html", status, "sign_in", fields=kept, wrong=wrong)

    @blueprint.after_request
    def leave(response: Response) -> Response:
        if g.get("visit") is not None:
            visits.keep(request, response, g.visit)
        for name, allowed, cookie in (("lang", LANGUAGES, LANGUAGE_COOKIE), ("look", LOOKS, LOOK_COOKIE)):
            if request.args.get(name) in allowed:
                cookies.set(request, response, cookie, request.args[name], KEPT)
        return protect(response, form_action="'self'", **g.get("policy", {}))

    @blueprint.errorhandler(HTTPException)
    def refuse(e: HTTPException) -> ResponseReturnValue:
        return views.show("trouble.html", e.code or 500, code_=e.code, why=e.description)

    def trouble(status: int, why: str, _: Exception) -> ResponseReturnValue:
        return views.show("trouble.html", status, code_=status, why=why)

    for kind, (status, why) in TROUBLES.items():
        blueprint.register_error_handler(kind, partial(trouble, status, why))

    @blueprint.get("/")
    def slash() -> ResponseReturnValue:
        return redirect(url_for("console.overview"), 303)

    @blueprint.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        return _form()

    @blueprint.post("/sign-in")
    def enter() -> ResponseReturnValue:
        request.max_content_length = _BODY
        if not visits.fits(cookies.get(request, FORM), request.form.get("token", "")):
            return _form(403, "stale")
        try:
            account = door.prove(field("name"), *_typed(), address())
        except Refused as e:
            return _form(e.status, e.why)
        g.visit = visits.begin(account)
        return redirect(url_for("console.overview"), 303)

    def _form(status: int = 200, wrong: str = "") -> ResponseReturnValue:
        cookie = cookies.get(request, FORM) or secrets.token_urlsafe(18)
        html, status = views.show(
            *("sign_in.html", status, "sign_in"),
            wrong=wrong, form=visits.token(cookie), codes=accounts.have_codes,
        )  # fmt: skip
        response = make_response(html, status)
        cookies.set(request, response, FORM, cookie)
        return response

    @blueprint.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        visits.end(g.visit)
        return _out("sign_out")

    @blueprint.post("/sign-out/everywhere")
    def sign_out_everywhere() -> ResponseReturnValue:
        """This visit, and every other of the account: a browser that was left open, a stolen cookie."""
        visits.rounds.end(g.visit.account.name)
        return _out("sign_out_everywhere")

    def _out(what: str) -> ResponseReturnValue:
        audit.note(g.visit.account.name, what, "", address())
        g.visit = None
        response = make_response(redirect(url_for("console.sign_in"), 303))
        cookies.drop(request, response, COOKIE)
        return response

    for language in LANGUAGES:  # a hole in the words shows now
        said(language)
    pages.add_to(views)
    return blueprint


def _is_typed(field: str) -> bool:
    return field.startswith("new") or field == "text"


def _typed() -> tuple[str, str]:
    """Password and code of the form."""
    return request.form.get("password", "")[:1000], request.form.get("code", "")[:20]
