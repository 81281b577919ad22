"""What the check says of the content directory as it is saved now."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from bot.console.views import Views, told
from bot.content.report import summary
from bot.web.words import LANGUAGES


def add_to(views: Views) -> None:
    @views.blueprint.get("/findings")
    def findings() -> ResponseReturnValue:
        loaded = views.directory.loaded()
        return views.show(
            "findings.html",
            findings=told(sorted(loaded.findings, key=lambda f: f.severity)),  # errors first, then by place
            good=loaded.content is not None,
            summary=summary(loaded, LANGUAGES[g.language]),
        )
