"""Whether everything works: what the doctor finds of the store, the workers, the services, WeChat."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.account import diagnostics
from bot.account.checks import CheckResult
from bot.account.doctor import HERE, examine
from bot.account.reached import Server
from bot.console.views import Views
from bot.web.words import LANGUAGES


def add_to(views: Views) -> None:
    @views.blueprint.get("")
    def overview() -> ResponseReturnValue:
        language = LANGUAGES[g.language]
        return views.show("overview.html", results=_results(views), reads=language, at=views.now())

    @views.blueprint.post("/quota/again")
    def call_again() -> ResponseReturnValue:
        """The quotas were reset in WeChat's console."""
        if views.wechat is None:
            abort(404)
        with views.change("quota", ", ".join(views.wechat.spent())):
            views.wechat.again()
        return views.done("overview", "again")


def _results(views: Views) -> list[CheckResult]:
    """Raises StoreAway: without Redis there is no console."""
    bot, wechat, revisions = views.bot, views.wechat, views.bot.revisions
    revisions.content(revisions.current())
    server = Server(lambda: bot.client, bot.settings.redis_url)
    found = diagnostics.of_store(bot.settings, server, views.directory.loaded())
    found = replace(found, broken=revisions.broken)
    if wechat is not None:
        found = replace(found, spent=wechat.spent, kept=wechat.token_left, pushes=wechat.quota)
    return list(examine(found, HERE))
