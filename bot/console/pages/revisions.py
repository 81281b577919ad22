"""What was published when; what differs; publishing the directory, and serving an earlier revision again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.gate import Gate
from bot.console.naming import Naming
from bot.console.views import Views, account, field, said
from bot.content.changes import Change, changes
from bot.content.load import load_files
from bot.content.read.files import Files, collect, identity
from bot.content.read.own_files import Shipped
from bot.content.read.source import BrokenContent
from bot.store.drafts import Changed, Draft, Drafts, Overtaken
from bot.store.revisions import TAKEN_BACK, NoRevision, past
from bot.turn.revisions import InDoubt, Moved, preview
from bot.web.words import LANGUAGES

DIRECTORY, DRAFT = "directory", "draft-"
"""Stand for the files as they are saved now, and with an id for a draft, where a revision could stand."""
MOST = 400
"""Changed parts that are shown; of the rest, the number."""


def add_to(views: Views) -> None:
    revisions, root = views.bot.revisions, views.directory.root
    gate = Gate(views.bot.client, views.bot.store.seal, root, views.bot.settings.language)
    drafts = Drafts(views.bot.client, views.bot.store.seal)

    def files(name: str) -> Files:
        """Of a published revision, of the directory, of a draft over what is served, or ("") what this
        process serves. Aborts with 404, and with 409 where what a draft rests on was changed."""
        if name == DIRECTORY:
            return collect(root)
        if name.startswith(DRAFT):
            return over(draft_of(name))
        if name in ("", revisions.now.content.revision):
            return revisions.now.files
        try:
            return revisions.store.files(name)
        except NoRevision:
            abort(404)

    def over(draft: Draft) -> Files:
        try:
            return views.directory.settled(revisions.now.files, draft.over(revisions.now.files))
        except Overtaken:
            abort(409, "moved")
        except Shipped:
            abort(409, "shipped")

    def draft_of(name: str) -> Draft:
        return drafts.get(name.removeprefix(DRAFT)) or abort(404)

    def lacks_review(draft: Draft) -> bool:
        return views.bot.settings.review == "yes" and not draft.reviewed

    @views.blueprint.get("/revisions", endpoint="revisions")
    def list_revisions() -> ResponseReturnValue:
        pointers = revisions.store.pointers()
        current = pointers[0]
        revisions.content(current)
        rows = past(revisions.store.history(), pointers.values()).rows
        return views.show(
            "revisions.html",
            current=current, served=revisions.now.content.revision, saved=identity(collect(root)),
            differ=len(set(pointers.values())) > 1, broken=revisions.broken, rows=rows,
            names={entry.revision: state for entry, state in reversed(rows)},
        )  # fmt: skip

    @views.blueprint.get("/revisions/compare")
    def compare() -> ResponseReturnValue:
        """`new` against `old`; where `old` is what is published, `new` may be published in its place."""
        current = revisions.current()
        revisions.content(current)
        old, new = request.args.get("old", current), request.args.get("new", DIRECTORY)
        before, after = files(old), files(new)
        made = draft_of(new) if new.startswith(DRAFT) else None
        draft = load_files(after, views.bot.settings.language)
        pointers = set(revisions.store.pointers().values())
        mixed = len(pointers) > 1
        saved = new == DIRECTORY or new.startswith(DRAFT)
        publishes = old == current and (saved or new != current or mixed)
        good = draft.content is not None
        played = gate.look(before, after) if publishes and good and saved else False
        language = LANGUAGES[g.language]
        found = changes(before, after) if good else []
        return views.show(
            "compare.html", here="revisions",
            names=Naming(views.bot.turns.content(""), g.language),
            old=old or revisions.now.content.revision, new=new, base=current, draft=identity(after),
            saved=saved, by=made.by if made else "", lacks_review=bool(made and lacks_review(made)),
            good=good, findings=[(f, f.sentence_in(language)) for f in draft.findings], publishes=publishes,
            stand=preview(revisions, views.bot.store, after).stand if publishes and good else (),
            taken_back=past(revisions.store.history(), pointers).state(identity(after)) == TAKEN_BACK,
            played=played, running=played is True, mixed=mixed, noted=request.args.get("note", "")[:200],
            count=len(found), files=_by_file(found[:MOST]), cut=max(len(found) - MOST, 0),
        )  # fmt: skip

    @views.blueprint.post("/revisions/publish")
    def publish() -> ResponseReturnValue:
        draft, base, note, new = field("draft"), field("base"), field("note"), field("new") or DIRECTORY
        revisions.content(revisions.current())
        made, despite = draft_of(new) if new.startswith(DRAFT) else None, field("despite") == "yes"
        before = revisions.now.files
        found = over(made) if made else collect(root)
        if identity(found) != draft:
            abort(409, "moved")
        if made and lacks_review(made):
            abort(403, "review")
        if load_files(found, views.bot.settings.language).content is not None and revisions.current() == base:
            played = gate.play(files(base), found)
            if isinstance(played, bool) or not (played.holds or despite):
                return redirect(url_for("console.compare", new=new, note=note, _anchor="replays"), 303)
            if not played.holds:
                note = f"[{said(g.language).compare.despite_noted}] {note}".strip()
        _move(views, "publish", draft, lambda: revisions.publish(found, account().name, note, base))
        if made is None:
            return views.done("revisions", "publish")
        with suppress(Changed):  # more was added meanwhile: that is not published, and stays
            drafts.drop(made)
        return views.done("revisions", "publish" if save(before, found) else "publish_apart")

    def save(before: Files, after: Files) -> bool:
        """Checks whether the directory goes with what was published; it does not where it holds other
        changes."""
        return views.directory.save(before, after)

    @views.blueprint.post("/revisions/rollback")
    def rollback() -> ResponseReturnValue:
        draft, base, note = field("draft"), field("base"), field("note")
        revisions.content(revisions.current())
        before = files("")
        _move(views, "rollback", draft, lambda: revisions.rollback(draft, account().name, note, base))
        return views.done("revisions", "rollback" if save(before, files("")) else "rollback_apart")


def _move(views: Views, what: str, revision: str, move: Callable[[], object]) -> None:
    """Aborts with 404, 409 or 422 where nothing was moved."""
    try:
        with views.change(what, revision):
            move()
    except NoRevision:
        abort(404)
    except Moved:
        abort(409, "moved")
    except InDoubt:
        abort(409, "doubt")
    except BrokenContent:
        abort(422, "broken")
    views.bot.revisions.content(revision)


def _by_file(found: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    return [(file, list(parts)) for file, parts in groupby(found, key=lambda change: change.file)]
