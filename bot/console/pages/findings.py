"""What the check says of the content directory as it is saved now."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from bot.console.views import Views
from bot.content.report import summary
from bot.web.words import LANGUAGES


def add_to(views: Views) -> None:
    @views.blueprint.get("/findings")
    def findings() -> ResponseReturnValue:
        loaded = views.directory.loaded()
        language = LANGUAGES[g.language]
        found = sorted(loaded.findings, key=lambda f: f.severity)  # errors first, then by place
        return views.show(
            "findings.html",
            findings=[(f, f.sentence_in(language)) for f in found],
            good=loaded.content is not None,
            summary=summary(loaded, language),
        )
