"""What the check says of the content directory as it is saved now."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from bot.console.desk import Desk
from bot.content.report import summary
from bot.web.words import LANGUAGES


def add_to(desk: Desk) -> None:
    @desk.room.get("/findings")
    def findings() -> ResponseReturnValue:
        loaded = desk.directory.loaded()
        language = LANGUAGES[g.language]
        found = sorted(loaded.findings, key=lambda f: f.severity)  # errors first, then by place
        return desk.show(
            "findings.html",
            findings=[(f, f.sentence_in(language)) for f in found],
            good=loaded.content is not None,
            summary=summary(loaded, language),
        )
