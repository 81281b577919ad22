"""The whole content as a zip: out, so that it can be kept elsewhere, and in, which makes a draft."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from flask.typing import ResponseReturnValue

from bot.console.drafting import Drafting, served
from bot.console.views import Views, told
from bot.content.load import load_files
from bot.content.read import zipped
from bot.content.read.city import over_release
from bot.content.read.files import CITY, ORIGIN, Files, own, revised
from bot.content.read.source import Finding
from bot.content.read.zipped import LARGEST_ZIP, Zipped

NOW, DIRECTORY = "now", "directory"
"""Stand for what is served and for the directory, where the id of a draft could stand."""


@dataclass(frozen=True)
class Taken:
    """What came of a zip. `why`: a word of words/zip.yaml, "" where it became the draft `id`."""

    why: str
    found: Zipped
    id: str = ""
    findings: tuple[Finding, ...] = ()


def add_to(views: Views) -> None:
    language = views.bot.settings.language

    def files(name: str) -> Files:
        if name == NOW:
            return served(views.bot)
        if name == DIRECTORY:
            return own(views.directory.root)
        return views.draft(name).over(served(views.bot))

    @views.blueprint.get("/content/<name>.zip")
    def export_files(name: str) -> ResponseReturnValue:
        made = Response(zipped.pack(files(name)), mimetype="application/zip")
        made.headers["Content-Disposition"] = f'attachment; filename="shebao-{name}.zip"'
        return made

    @views.blueprint.post("/drafts/zip")
    def import_files() -> ResponseReturnValue:
        sent = request.files.get("zip")
        taken = take(zipped.read(sent.stream.read(LARGEST_ZIP + 1) if sent else b""))
        status = 200 if taken.id or taken.why == "same" else 409 if taken.why == "own_draft" else 422
        return views.show("zip.html", status, "zip", taken=taken, findings=told(taken.findings))

    def take(found: Zipped) -> Taken:
        mine = Drafting(views)
        if mine.on:  # a zip holds everything: what is in that draft would be undone
            return Taken("own_draft", found)
        if found.problems:
            return Taken("problems", found)
        read: Files = over_release(found.files) if CITY in found.files else found.files
        loaded = load_files(read, language)
        if loaded.content is None:
            errors = tuple(x for x in loaded.findings if x.severity == "error")
            return Taken("broken", found, findings=errors)
        origin = {name: raw for name, raw in mine.base.items() if name == ORIGIN}
        made = mine.keep({**origin, **revised(read)}, "zip")
        return Taken("", found, made.id) if made else Taken("same", found)
