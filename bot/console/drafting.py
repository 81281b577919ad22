"""The draft that somebody at the console is writing: one for each account, over what is served."""

from __future__ import annotations

from bot.account.served import Served
from bot.console.views import Views, account
from bot.content.masking import HIDDEN
from bot.content.read.files import Files
from bot.engine.content import Content
from bot.reading.clean import fold
from bot.reading.learn import BACKGROUND, words
from bot.store.drafts import Draft, Overtaken, drafted


def served(bot: Served) -> Files:
    bot.revisions.content(bot.revisions.current())
    return bot.revisions.now.files


def guessed(content: Content, text: str) -> tuple[str, str]:
    """Returns which flow or page words are probably about, and in which language they are. ("", …): none, or
    words of which something is hidden."""
    ranked = content.guesser.ranked(words(fold(text)))
    best = next((name for _, name in ranked if name != BACKGROUND), "")
    language = content.default_language
    if text.isascii():
        language = next((code for code in content.languages if code != language), language)
    return "" if HIDDEN in text else best, language


class Drafting:
    """`base`: what is served. `on`: the draft that is continued, None for a new one. `files`: with it.
    `overtaken`: this account's draft, where it changes lines that were changed in `base` since. `others`:
    those of colleagues."""

    def __init__(self, views: Views) -> None:
        self._views, self.base = views, served(views.bot)
        found = views.drafts.all()
        mine = (draft for draft in found if draft.by == account().name)
        self.others = [draft for draft in found if draft.by != account().name]
        self.on, self.files, self.overtaken = next(mine, None), self.base, None
        if self.on:
            try:
                self.files = self.on.over(self.base)
            except Overtaken:  # that one has to be looked at; this begins another
                self.on, self.overtaken = None, self.on

    def keep(self, new: Files, about: str) -> Draft | None:
        """Returns the draft with `new` in it; None where that is what is served.

        Raises:
            Changed, TooMany.
        """
        made = drafted(account().name, int(self._views.now()), self.base, new, self.on)
        if not made.files and not self.on:
            return None
        with self._views.change("draft", f"{made.id} {about}"):
            if made.files:
                self._views.drafts.keep(made)
            elif self.on:
                self._views.drafts.drop(self.on)
        return made if made.files else None
