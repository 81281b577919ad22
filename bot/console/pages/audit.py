"""Who changed what, newest first."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from bot.console.views import Views

PAGE = 50


def add_to(views: Views) -> None:
    @views.blueprint.get("/audit")
    def audit() -> ResponseReturnValue:
        number = min(max(request.args.get("page", 1, int), 1), 1000)
        found = views.audit.entries((number - 1) * PAGE, PAGE + 1)
        return views.show("audit.html", entries=found[:PAGE], number=number, more=len(found) > PAGE)
