"""The page's templates, and the words that are its own and not the content's."""

from __future__ import annotations

from pathlib import Path

from flask import g, render_template
from flask.typing import ResponseReturnValue

from bot.account.served import Served
from bot.engine.view import NOTHING
from bot.page.visits import Visits
from bot.web import words

HERE = Path(__file__).parent


class Rendering:
    """Renders in the language of the request, `g.language`, for the browser of `g.name`."""

    def __init__(self, bot: Served, visits: Visits) -> None:
        self._bot, self._visits, self._words = bot, visits, words.read(HERE / "words.yaml")

    def door(self, why: str, status: int = 200) -> ResponseReturnValue:
        """Returns what stands where there is no conversation to show. `why`: `door_why` in words.yaml."""
        return self.page("door.html", why=why), status

    def page(self, template: str, **values: object) -> str:
        return render_template(
            f"page/{template}",
            t=self.words(),
            code=words.LANGUAGES[g.language],
            token=self._visits.token(g.name) if g.name else "",
            nothing=NOTHING,
            **values,
        )

    def words(self) -> dict[str, str]:
        content, said = self._bot.content, words.said(self._words, g.language)
        alone = content.policy.get("personal_answers", {}).get("value") == "page_only"
        or_chat = "" if alone else said["or_chat"]
        return {
            name: text.replace("{hotline}", content.hotline).replace("{or_chat}", or_chat)
            for name, text in said.items()
        }
