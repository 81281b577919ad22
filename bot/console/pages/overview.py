"""Whether everything works: what the doctor finds of the store, the workers, the services, WeChat."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.account import diagnostics
from bot.account.checks import CheckResult
from bot.account.doctor import HERE, examine
from bot.console.desk import Desk
from bot.web.words import LANGUAGES


def add_to(desk: Desk) -> None:
    @desk.room.get("")
    def overview() -> ResponseReturnValue:
        language = LANGUAGES[g.language]
        return desk.show("overview.html", signs=_signs(desk), reads=language, at=desk.now())

    @desk.room.post("/quota/again")
    def call_again() -> ResponseReturnValue:
        """The quotas were reset in WeChat's console."""
        if desk.wechat is None:
            abort(404)
        with desk.change("quota", ", ".join(desk.wechat.spent())):
            desk.wechat.again()
        return desk.done("overview", "again")


def _signs(desk: Desk) -> list[CheckResult]:
    """Raises StoreAway: without Redis there is no console."""
    bot, wechat, revisions = desk.bot, desk.wechat, desk.bot.revisions
    revisions.content(revisions.current())
    server = diagnostics.Server(lambda: bot.client, bot.settings.redis_url)
    probes = diagnostics.of_store(bot.settings, server, desk.directory.loaded())
    probes = replace(probes, broken=revisions.broken)
    if wechat is not None:
        probes = replace(probes, spent=wechat.spent, kept=wechat.token_left, pushes=wechat.quota)
    return list(examine(probes, HERE))
