"""Trials of a draft in WeChat: the word that begins one, those that run, and their end."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from bot.console.bench import Busy, Looked
from bot.console.drafting import served
from bot.console.views import Views, account, field
from bot.store.drafts import Draft, Overtaken
from bot.store.trials import Trials


def add_to(views: Views) -> None:
    trials = Trials(views.bot.client, views.bot.store.seal)

    def show(
        draft: Draft, status: int = 200, digits: str = "", looked: Looked | None = None
    ) -> ResponseReturnValue:
        mine, now = [one for one in trials.all() if one.draft == draft.id], views.now()
        return views.show(
            *("trial.html", status, "trial"),
            draft=draft, digits=digits, looked=looked, busy=status == 503,
            running=[one for one in mine if not one.ended and one.until > now],
        )  # fmt: skip

    @views.blueprint.get("/drafts/<id_>/trial")
    def trial(id_: str) -> ResponseReturnValue:
        return show(views.draft(id_))

    @views.blueprint.post("/drafts/trial")
    def begin_trial() -> ResponseReturnValue:
        """The word is shown once. What cannot be tried gets none."""
        draft, before = views.draft(field("id")), served(views.bot)
        try:
            looked = views.bench.look(before, draft.over(before), [("follow", "", "")], int(views.now()))
        except Overtaken:
            return redirect(url_for("console.draft", id_=draft.id), 303)
        except Busy:
            return show(draft, 503)
        if not looked.good:
            return show(draft, 422, looked=looked)
        with views.change("trial", f"{draft.id} {draft.by}"):
            digits = trials.word(draft.id, account().name)
        return show(draft, digits=digits, looked=looked)

    @views.blueprint.post("/drafts/trial/end")
    def end_trial() -> ResponseReturnValue:
        draft, id_ = views.draft(field("id")), field("trial")
        found = next((one for one in trials.all() if one.id == id_ and not one.ended), None)
        if found:
            with views.change("end_trial", f"{draft.id} {found.by}"):
                trials.end(found, "over_console")
        return redirect(url_for("console.trial", id_=draft.id, done="end"), 303)
