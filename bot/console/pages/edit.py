"""A sentence, fee or opening hours changed in a form: checked and tried as it is typed, kept in a draft."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.acts import acts_of
from bot.console.bench import Act, Busy, Looked
from bot.console.drafting import Drafting
from bot.console.pages.file import by_folder
from bot.console.views import Views, field, told, when
from bot.content.edits import NoPlace, with_values
from bot.content.read.files import OUTLETS, POLICY, Files
from bot.content.read.source import Finding, Loc
from bot.content.scaffold import Taken, flow_files
from bot.content.values import Entry, entries, entry

MOST = 60
"""Entries of a list."""
LONGEST = 8_000
"""Characters of one field."""
_POLICY = re.compile(r"\{policy\.([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Typed:
    """What stands in the form. `new`: by its place, as typed; `was`: as it was shown when that began."""

    entry: Entry
    new: Mapping[Loc, str]
    was: Mapping[Loc, str]

    @property
    def changed(self) -> dict[Loc, str]:
        return {path: text for path, text in self.new.items() if text != self.was[path]}


def add_to(views: Views) -> None:
    language = views.bot.settings.language
    bench = views.bench

    @views.blueprint.get("/edit")
    def edit() -> ResponseReturnValue:
        return listed(Drafting(views))

    @views.blueprint.post("/edit/flow")
    def new_flow() -> ResponseReturnValue:
        """A flow to start from, in the draft; where it brings an error, nothing is kept."""
        mine, name, looked = Drafting(views), field("name", 40), Looked()
        try:
            made = flow_files(name, field("title", 40)).items()
        except Taken:
            return listed(mine, 422, note="no_name")
        made_here = {file: text.encode() for file, text in made if _is_written(file, mine.files)}
        if made_here.keys() & mine.files.keys():
            return listed(mine, 422, note="name_taken")
        try:
            looked = bench.look(mine.base, {**mine.files, **made_here})
            known = () if looked.good else bench.look(mine.base, mine.files).findings  # a draft is half done
        except Busy:
            return listed(mine, 503, note="busy")
        if new := [x for x in looked.findings if x.severity == "error" and x not in known]:
            return listed(mine, 422, findings=new)
        mine.keep({**mine.files, **made_here}, f"flows/{name}.yaml")
        return redirect(url_for("console.file", file=f"flows/{name}.yaml"), 303)

    def listed(
        mine: Drafting, status: int = 200, note: str = "", findings: Sequence[Finding] = ()
    ) -> ResponseReturnValue:
        words = request.args.get("q", "").strip()[:100]
        file = request.args.get("file", "")
        found = [one for one in entries(mine.files) if (not file or one.file == file) and words in one]
        order = sorted(found, key=lambda one: (f"/{language}/" not in one.file, one.file != POLICY))
        shown = order if words or file else []
        return views.show(
            "edit.html", status, "edit", q=words, file=file, rows=shown[:MOST],
            more=max(len(shown) - MOST, 0),
            groups=_groups(mine.files, language), key=_key, uses=_uses(mine.files, language), draft=mine.on,
            files=by_folder(mine.files), name=field("name", 40), named=field("title", 40), note_=note,
            findings=[sentence for _, sentence in told(findings)],
        )  # fmt: skip

    @views.blueprint.get("/edit/entry", endpoint="entry")
    def show_entry() -> ResponseReturnValue:
        mine = Drafting(views)
        found = _found(mine.files, request.args.get("file", ""), request.args.get("part", ""))
        now = {one.path: one.text for one in found.fields}
        return form(mine, Typed(found, now, now))

    @views.blueprint.post("/edit/try")
    def try_entry() -> ResponseReturnValue:
        """The form as it stands, with what the check says of it, and the conversation one act further."""
        mine = Drafting(views)
        return form(mine, _typed(mine.files), *acts_of(int(views.now())))

    @views.blueprint.post("/edit/entry")
    def save_entry() -> ResponseReturnValue:
        mine = Drafting(views)
        typed = _typed(mine.files)
        now = {one.path: one.text for one in typed.entry.fields}
        if any(now[path] not in (typed.was[path], text) for path, text in typed.changed.items()):
            return form(mine, Typed(typed.entry, typed.new, now), *acts_of(), status=409, note="overtaken")
        try:
            new = _with(mine.files, typed, when(views.now())[:10])
        except NoPlace:
            return form(mine, typed, *acts_of(), status=422)
        try:
            looked = bench.look(mine.base, new)
        except Busy:
            return form(mine, typed, *acts_of(), status=503)
        if not looked.good:
            return form(mine, typed, *acts_of(), status=422)
        kept = mine.keep(new, typed.entry.file)
        if kept is None:
            return views.done("drafts", "nothing")
        return redirect(url_for("console.draft", id_=kept.id, done="save"), 303)

    def form(
        mine: Drafting, typed: Typed, acts: Sequence[Act] = (), at: int = 0, status: int = 200, note: str = ""
    ) -> ResponseReturnValue:
        looked = Looked()
        try:
            new = _with(mine.files, typed, when(views.now())[:10])
            if acts or new != mine.base:
                looked = bench.look(mine.base, new, acts, at)
        except NoPlace:
            note = note or "no_place"
        except Busy:
            note, status = "busy", 503
        named = {name for text in typed.new.values() for name in _POLICY.findall(text)}
        return views.show(
            "entry.html", status, "edit", entry=typed.entry, typed=typed, note_=note, key=_key,
            looked=looked, findings=told(looked.findings),
            acts=json.dumps(acts, ensure_ascii=False), at=at, longest=LONGEST, draft=mine.on,
            policy=[one for one in entries(mine.files) if one.file == POLICY and one.path[0] in named],
        )  # fmt: skip


def _is_written(file: str, files: Files) -> bool:
    """Checks whether a draft holds such a file: the flow, and its words in the languages that there are."""
    folder = file.rpartition("/")[0]
    return folder == "flows" or f"{folder}/common.yaml" in files


def _with(files: Files, typed: Typed, today: str) -> Files:
    """Returns the files with what was typed. `today`: is written beside a changed value of the policy, which
    somebody has looked at.

    Raises:
        NoPlace.
    """
    changed = typed.changed
    beside = ((*path[:-1], "checked") for path in typed.changed)
    changed = {checked: today for checked in beside if checked in typed.new} | changed
    return with_values(files, typed.entry.file, changed)


# --- what the form sends -----------------------------------------------------------------------
def _found(files: Files, file: str, key: str) -> Entry:
    try:
        path = json.loads(key)
    except (ValueError, RecursionError):
        abort(404)
    return (isinstance(path, list) and entry(files, file, tuple(path))) or abort(404)


def _typed(files: Files) -> Typed:
    found = _found(files, field("file"), field("part", 1000))
    new, was = {}, {}
    for number, one in enumerate(found.fields):
        new[one.path] = _text(f"new{number}", one.text)
        was[one.path] = _text(f"was{number}", one.text)
    return Typed(found, new, was)


def _text(name: str, default: str) -> str:
    text = request.form.get(name, default)
    return "\n".join(text.splitlines()).strip("\n") if len(text) <= LONGEST else abort(413)


# --- what is shown -----------------------------------------------------------------------------
def _key(entry: Entry) -> str:
    return json.dumps(entry.path, ensure_ascii=False)


def _groups(files: Files, language: str) -> list[tuple[str, str]]:
    """Each file of the first language with what it is called, then the policy and the outlets."""
    titles = {one.file: one.fields[0].text for one in entries(files) if one.path == ("title",)}
    words = [
        (name, titles.get(name, "")) for name in sorted(files) if name.startswith(f"messages/{language}/")
    ]
    return [*words, *((name, "") for name in (POLICY, OUTLETS) if name in files)]


def _uses(files: Files, language: str) -> dict[str, str]:
    """Of each value of the policy a sentence that says it."""
    return dict(_used(files, language))


def _used(files: Files, language: str) -> Iterator[tuple[str, str]]:
    for one in entries(files):
        if f"/{language}/" in one.file:
            yield from ((name, one.fields[0].text) for name in _POLICY.findall(one.fields[0].text))
