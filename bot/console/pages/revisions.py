"""What was published when; what differs; publishing the directory, and serving an earlier revision again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.naming import Naming
from bot.console.views import Views, account, field, said, told
from bot.content.changes import Change, changes
from bot.content.load import load_files
from bot.content.read.files import Files, collect, identity
from bot.store.drafts import Changed, Draft
from bot.store.revisions import TAKEN_BACK, past
from bot.turn.revisions import preview

DIRECTORY, DRAFT = "directory", "draft-"
"""Stand for the files as they are saved now, and with an id for a draft, where a revision could stand."""
MOST = 400
"""Changed parts that are shown; of the rest, the number."""


def add_to(views: Views) -> None:
    revisions, root = views.bot.revisions, views.directory.root

    def files(name: str) -> Files:
        """Of a published revision, of the directory, of a draft over what is served, or ("") what this
        process serves.

        Raises:
            NoRevision, Overtaken, Shipped.
        """
        if name == DIRECTORY:
            return collect(root)
        if name.startswith(DRAFT):
            return over(draft_of(name))
        if name in ("", revisions.now.content.revision):
            return revisions.now.files
        return revisions.store.files(name)

    def over(draft: Draft) -> Files:
        return views.directory.settled(revisions.now.files, draft.over(revisions.now.files))

    def draft_of(name: str) -> Draft:
        return views.draft(name.removeprefix(DRAFT))

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
        played = views.effects.played(before, after) if publishes and good and saved else False
        found = changes(before, after) if good else []
        return views.show(
            "compare.html", here="revisions",
            names=Naming(views.bot.turns.content(""), g.language),
            old=old or revisions.now.content.revision, new=new, base=current, draft=identity(after),
            saved=saved, by=made.by if made else "", lacks_review=bool(made and lacks_review(made)),
            good=good, findings=told(draft.findings), publishes=publishes,
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
            played = views.effects.play(files(base), found)
            if isinstance(played, bool) or not (played.holds or despite):
                return redirect(url_for("console.compare", new=new, note=note, _anchor="replays"), 303)
            if not played.holds:
                note = f"[{said(g.language).compare.despite_noted}] {note}".strip()
        with views.change("publish", draft):
            revisions.publish(found, account().name, note, base)
        revisions.content(draft)
        if made is None:
            return views.done("revisions", "publish")
        with suppress(Changed):  # more was added meanwhile: that is not published, and stays
            views.drafts.drop(made)
        saved = views.directory.save(before, found)  # not where it holds other changes
        return views.done("revisions", "publish" if saved else "publish_apart")

    @views.blueprint.post("/revisions/rollback")
    def rollback() -> ResponseReturnValue:
        draft, base, note = field("draft"), field("base"), field("note")
        revisions.content(revisions.current())
        before = files("")
        with views.change("rollback", draft):
            revisions.rollback(draft, account().name, note, base)
        revisions.content(draft)
        saved = views.directory.save(before, files(""))
        return views.done("revisions", "rollback" if saved else "rollback_apart")


def _by_file(found: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    return [(file, list(parts)) for file, parts in groupby(found, key=lambda change: change.file)]
