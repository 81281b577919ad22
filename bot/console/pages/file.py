"""A whole file of YAML edited in the browser: checked, drawn and tried as it is typed, kept in a draft."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from operator import itemgetter

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.acts import acts_of
from bot.console.bench import Act, Busy, Looked
from bot.console.drafting import Drafting
from bot.console.pages.figures import DRAWS
from bot.console.views import Views, field, said, told
from bot.content.changes import Change, changes
from bot.content.completion import offers
from bot.content.read.city import releases_own, takes_away
from bot.content.read.files import Files, is_city
from bot.content.read.splicing import in_parts
from bot.store.merge import merged
from bot.web.words import LANGUAGES

LONGEST = 300_000
"""Bytes of a file that is edited here; the longest one of the release has half of it."""
SHOWN = 20
"""Parts that a colleague changed, and findings; of the rest, nothing."""
_EDITED = re.compile(
    r"flows/[a-z][a-z0-9_]*\.yaml|messages/[A-Za-z-]{2,20}/[a-z][a-z0-9_]*\.yaml"
    r"|config/(calendar|menu|outlets|policy)\.yaml"
)


@dataclass(frozen=True)
class Typed:
    """`was`: the file as it was shown when that began. `raw`: as the draft has it now, b"" for none."""

    file: str
    text: str
    was: str
    raw: bytes

    @property
    def now(self) -> str:
        return shown(self.raw)

    @property
    def behind(self) -> bool:
        """Checks whether somebody else changed the file meanwhile."""
        return self.was != self.now and self.text != self.now

    @property
    def too_long(self) -> bool:
        return len(self.text.encode()) > LONGEST

    def over(self, files: Files) -> Files:
        made = written(self.text, self.raw)
        return {name: raw for name, raw in {**files, self.file: made}.items() if raw or name != self.file}


def add_to(views: Views) -> None:
    bench, in_city = views.bench, is_city(views.directory.root)

    @views.blueprint.get("/edit/file", endpoint="file")
    def show_file() -> ResponseReturnValue:
        mine = Drafting(views)
        file = request.args.get("file", "")
        raw = _raw(mine.files, file)
        own = raw != mine.base.get(file, b"") or request.args.get("copy") == "yes"
        locked = not own and releases_own(views.directory.root, file)
        return page(mine, Typed(file, shown(raw), shown(raw), raw), check=False, locked=locked)

    @views.blueprint.post("/edit/file/try")
    def try_file() -> ResponseReturnValue:
        mine = Drafting(views)
        return page(mine, _typed(mine.files), *acts_of(int(views.now())))

    @views.blueprint.post("/edit/file")
    def save_file() -> ResponseReturnValue:
        """Kept whatever the check says: a new flow takes several files, and only all of them are right. What
        is wrong stands at the draft, and it is not published."""
        mine = Drafting(views)
        typed = _typed(mine.files)
        if typed.too_long:
            return page(mine, typed, *acts_of())
        if in_city and takes_away(mine.base, typed.over(mine.files)):
            return page(mine, typed, *acts_of(), status=422, check=False)
        if typed.behind:
            return page(mine, typed, *acts_of(), status=409, check=False)
        kept = mine.keep(typed.over(mine.files), typed.file)
        if kept is None:
            return views.done("drafts", "nothing")
        return redirect(url_for("console.draft", id_=kept.id, done="save"), 303)

    @views.blueprint.post("/edit/file/complete")
    def complete() -> ResponseReturnValue:
        mine = Drafting(views)
        typed = _typed(mine.files)
        at = field("at")
        if typed.too_long or not at.isdecimal():
            return []
        found = offers(mine.files, typed.file, typed.text, int(at[:9]), LANGUAGES[g.language])
        return [asdict(one) for one in found]

    def page(
        mine: Drafting,
        typed: Typed,
        acts: Sequence[Act] = (),
        at: int = 0,
        status: int = 200,
        check: bool = True,
        locked: bool = False,
    ) -> ResponseReturnValue:
        """`check`: False shows it at once; the browser asks for check and drawing when it is there. `locked`:
        a file of the release, to be copied first."""
        looked, note, theirs, gone = Looked(), "", changed_meanwhile(typed), ""
        typed = _beside(typed) if status == 409 else typed
        code = LANGUAGES[g.language]
        flow = typed.file[6:-5] if typed.file.startswith("flows/") else ""
        try:
            if typed.too_long:
                note, status = "too_long", 413
            elif in_city:
                gone = takes_away(mine.base, typed.over(mine.files))
            if check and not note:
                looked = bench.look(
                    mine.base, typed.over(mine.files), acts, at, draw=(flow, code) if flow else ()
                )
        except Busy:
            note, status = "busy", 503
        findings = sorted(looked.findings, key=lambda x: (x.file != typed.file, x.severity, x))
        nonce = secrets.token_urlsafe(16)
        g.policy = {"script_src": DRAWS, "style_src": f"'self' 'nonce-{nonce}'"}
        return views.show(
            "file.html", status, "edit", typed=typed, note_=note, looked=looked, nonce=nonce, flow=flow,
            findings=told(findings[:SHOWN]), theirs=theirs[:SHOWN],
            more=max(len(findings) - SHOWN, 0), acts=json.dumps(acts, ensure_ascii=False), at=at,
            draft=mine.on, checked=check, locked=locked, in_parts=in_city and in_parts(typed.file),
            gone=gone, overtaken=mine.overtaken, phrases=phrases(),
            others=[one for one in mine.others if typed.file in one.files],
        )  # fmt: skip


def by_folder(files: Files) -> list[tuple[str, list[str]]]:
    """Returns the files that are edited here."""
    names = sorted(name.rpartition("/")[::2] for name in files if _EDITED.fullmatch(name))
    return [(folder, [name for _, name in each]) for folder, each in groupby(names, key=itemgetter(0))]


def changed_meanwhile(typed: Typed) -> list[Change]:
    """Returns what a colleague changed in the file since it was shown."""
    if not typed.behind:
        return []
    return changes({typed.file: typed.was.encode()}, {typed.file: typed.raw})


def _beside(typed: Typed) -> Typed:
    """With what a colleague changed beside it; where that is the same lines, as it was typed: sent once more,
    it is taken."""
    made = merged(typed.was.encode(), typed.text.encode(), typed.now.encode())
    return replace(typed, text=typed.text if made is None else made.decode(), was=typed.now)


def phrases() -> dict[str, str]:
    """Returns the editor's own words in the reader's language, by those in English."""
    english, own = (vars(said(language).editor) for language in ("en", g.language))
    return {english[name]: own[name] for name in own}


# --- text and bytes ----------------------------------------------------------------------------
def shown(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def written(text: str, before: bytes) -> bytes:
    """With the line ends and the mark that the file had: browsers send their own."""
    if text == shown(before):
        return before
    text = text if text.endswith("\n") or not text.strip() else text + "\n"
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    mark = before[: len(before) - len(before.removeprefix(b"\xef\xbb\xbf"))]
    return mark + text.encode() if text.strip() else b""


def _typed(files: Files) -> Typed:
    file = field("file")
    raw = _raw(files, file)
    text, was = (_field(name, shown(raw)) for name in ("text", "was"))
    return Typed(file, text, was, raw)


def _field(name: str, default: str) -> str:
    return re.sub(r"\r\n?", "\n", request.form.get(name, default))


def _raw(files: Files, file: str) -> bytes:
    return files.get(file, b"") if _EDITED.fullmatch(file) else abort(404)
