"""Drafts: changes that nobody meets yet, and what they would change. A phrase added to a flow or page."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import abort, g, redirect, url_for
from flask.typing import ResponseReturnValue

from bot.console.drafting import Drafting, guessed, served
from bot.console.naming import Naming
from bot.console.period import chosen
from bot.console.views import Views, account, field, said, told
from bot.content.changes import changes
from bot.content.edits import NoPlace, file_of, with_phrase
from bot.content.load import load_files
from bot.content.read.files import Files, identity
from bot.content.read.source import Finding
from bot.engine.content import Content
from bot.engine.flow import PAGE, Target
from bot.engine.scope import china_time
from bot.store.counts import Counts
from bot.store.drafts import Draft, Overtaken
from bot.turn.revisions import stands
from bot.web.words import LANGUAGES

LONGEST = 60
"""Characters of a phrase."""


@dataclass(frozen=True)
class Form:
    """A phrase and where it should go, as typed. `wrong`: why it was not taken, sentences."""

    text: str = ""
    target: str = ""
    language: str = ""
    wrong: tuple[str, ...] = ()


def add_to(views: Views) -> None:
    bot, drafts, effects = views.bot, views.drafts, views.effects
    counts = Counts(bot.client, bot.store.seal)

    def asked() -> list[str]:
        return [question.text for question in counts.questions(compared_days(int(views.now())))]

    @views.blueprint.get("/drafts", endpoint="drafts")
    def list_drafts() -> ResponseReturnValue:
        rows = [(draft, sorted(draft.files)) for draft in drafts.all()]
        return views.show("drafts.html", rows=rows)

    @views.blueprint.get("/drafts/<id_>")
    def draft(id_: str) -> ResponseReturnValue:
        found, before = drafts.get(id_), served(bot)
        if found is None:  # whoever had it open: it looks again by itself
            return views.done("drafts", "gone")
        try:
            after = found.over(before)
        except Overtaken as e:
            own = ({name: sides[n] for name, sides in found.files.items()} for n in (0, 1))
            return views.show(
                "draft.html", 200, "drafts", draft=found, overtaken=str(e), parts=changes(*own), broken=()
            )
        parts, loaded = changes(before, after), load_files(after, bot.settings.language)
        broken = told(x for x in loaded.findings if x.severity == "error")
        good = parts and not broken
        comparison = effects.compare(before, after, asked()) if good else False
        played = effects.played(before, after) if good else False
        new = loaded.content if good and not (played is True or comparison is True) else None
        naming = Naming(bot.turns.content(""), g.language)
        return views.show(
            *("draft.html", 200, "drafts"),
            draft=found, overtaken="", parts=parts, names=naming, running=comparison is True,
            seen=seen(found), reviewed=bot.settings.review == "yes",
            broken=broken,
            compared=None if isinstance(comparison, bool) else comparison, played=played,
            stand=stands(bot.store, bot.revisions.now.content, new) if new else None,
        )  # fmt: skip

    @views.blueprint.post("/drafts/replay")
    def replay_draft() -> ResponseReturnValue:
        found, before = views.draft(field("id")), served(bot)
        with suppress(Overtaken):  # its page says so
            effects.play(before, found.over(before))
        return redirect(url_for("console.draft", id_=found.id, _anchor="replays"), 303)

    @views.blueprint.post("/drafts/drop")
    def drop_draft() -> ResponseReturnValue:
        found = views.draft(field("id"))
        if found.by != account().name and not account().may("publish"):
            abort(403, "role")
        with views.change("drop_draft", found.id):
            drafts.drop(found)
        return views.done("drafts", "drop")

    @views.blueprint.post("/drafts/review")
    def review_draft() -> ResponseReturnValue:
        """Somebody else than its author has looked at exactly this, and it may be published."""
        found = views.draft(field("id"))
        if found.by == account().name:
            abort(403, "role")
        if seen(found) != field("seen"):
            abort(409, "moved")
        with views.change("review_draft", f"{found.id} {found.by}"):
            drafts.keep(replace(found, reviewed=account().name))
        return redirect(url_for("console.draft", id_=found.id, done="review"), 303)

    # --- a phrase ---
    @views.blueprint.get("/drafts/phrase")
    def phrase() -> ResponseReturnValue:
        return form(Form())

    @views.blueprint.post("/drafts/phrase")
    def add_phrase() -> ResponseReturnValue:
        """With nothing but the words: the form, filled in with what they are probably about."""
        content, mine = bot.turns.content(""), Drafting(views)
        given = Form(field("text"), field("target"), field("language"))
        if not given.target:
            return form(Form(given.text, *guessed(content, given.text)))
        target = _target(content, given.target)
        if target is None or given.language not in content.languages:
            abort(400, "no such target")
        if wrong := _wrong(given, target, mine.files, bot.settings.language):
            return form(Form(given.text, given.target, given.language, wrong), 422)
        made = mine.keep(with_phrase(mine.files, target, given.language, given.text), target.name)
        if made is None:
            return views.done("drafts", "nothing")
        return redirect(url_for("console.draft", id_=made.id, done="add"), 303)

    def form(given: Form, status: int = 200) -> ResponseReturnValue:
        content = bot.turns.content("")
        naming = Naming(content, g.language)
        flows = [(name, naming.target(name)) for name, flow in content.flows.items() if not flow.by_time]
        pages = [(f"{PAGE}{name}", naming.target(f"{PAGE}{name}")) for name in content.pages]
        return views.show(
            *("phrase.html", status, "drafts"),
            form=given, groups=(("flows", flows), ("pages", pages)), longest=LONGEST,
            languages=list(content.languages), language_=given.language or content.default_language,
        )  # fmt: skip


def seen(draft: Draft) -> str:
    """Stands for exactly these changes."""
    return identity(
        {f"{name}/{side}": raw for name, sides in draft.files.items() for side, raw in enumerate(sides)}
    )


def compared_days(now: int) -> list[date]:
    """Returns the last 30 that are over: what is compared does not change while somebody looks."""
    return chosen({"days": "30"}, china_time(now).date() - timedelta(days=1)).days


def _target(content: Content, name: str) -> Target | None:
    if name.startswith(PAGE):
        page = name.removeprefix(PAGE)
        return Target(page=page) if page in content.pages else None
    return Target(flow=name) if name in content.flows and not content.flows[name].by_time else None


def _wrong(given: Form, target: Target, base: Files, language: str) -> tuple[str, ...]:
    """Returns what the check says of the phrase, in the reader's language; () where it may be added."""
    words = said(g.language).drafts
    if len(given.text) > LONGEST:
        return (words.too_long.format(n=LONGEST),)
    try:
        new = with_phrase(base, target, given.language, given.text)
    except NoPlace:
        return (words.no_place.format(file=file_of(target, given.language)),)
    known = {_told(x) for x in load_files(base, language).findings}
    code = LANGUAGES[g.language]
    found = [x for x in load_files(new, language).findings if _told(x) not in known]
    return tuple(dict.fromkeys(x.sentence_in(code) for x in found))


def _told(x: Finding) -> tuple[str, ...]:
    """Returns a finding without its place, which moves with what stands above."""
    return x.file, x.code, x.name
