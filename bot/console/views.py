"""What each page of the console is given, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.account.served import Served
from bot.console.accounts import Account
from bot.console.audit import Audit
from bot.console.bench import Bench
from bot.console.effects import Effects
from bot.console.visits import Visit, Visits
from bot.console.wechat import WeChat
from bot.content.read.source import Finding
from bot.store.drafts import Draft, Drafts
from bot.store.records import StoreAway
from bot.web import words
from bot.web.directory import Directory

HERE = Path(__file__).parent
CHINA = timezone(timedelta(hours=8))
NAVIGATION = (
    ("service", ("overview", "duty", "jobs", "maintenance", "outcomes", "resident")),
    ("figures", ("flows", "funnels", "questions", "satisfaction")),
    ("content", ("edit", "drafts", "findings", "revisions", "menu")),
    ("who", ("audit",)),
)
"""Groups (a word of words/shell.yaml) and their pages: endpoints, whose file of words holds a `title`."""


@dataclass(frozen=True)
class Views:
    """`blueprint`: where pages register themselves. `directory`: the content as it is saved now. `bench`:
    where drafts are tried. `wechat`: None where no app secret is set."""

    bot: Served
    blueprint: Blueprint
    audit: Audit
    visits: Visits
    directory: Directory
    bench: Bench
    effects: Effects
    drafts: Drafts
    wechat: WeChat | None
    now: Callable[[], float]

    def show(self, template: str, status: int = 200, here: str = "", **values: Any) -> tuple[str, int]:
        """Returns a page. In it: `t` the words by file, `visit`, `token`, and `when` and `ago` for epoch
        seconds."""
        visit: Visit | None = getattr(g, "visit", None)
        here = here or (request.endpoint or "").partition(".")[2]
        stay = f"console.{here}" if f"console.{here}" in _pages() else "console.overview"
        shown = [(group, [p for p in pages if visit and visit.account.may(p)]) for group, pages in NAVIGATION]
        html = render_template(
            f"console/{template}",
            t=said(g.language), language=g.language, code=words.LANGUAGES[g.language], look=g.look,
            other="zh" if g.language == "en" else "en", visit=visit,
            token=self.visits.token(visit.id) if visit else "",
            navigation=shown, here=here, stay=url_for(stay),
            when=when, ago=self.ago, doubt=self._doubt() if visit else "", **values,
        )  # fmt: skip
        return html, status

    def _doubt(self) -> str:
        """Returns an alarm for every page: a word of words/doubt.yaml."""
        with suppress(StoreAway):  # the page says so already
            return self.bot.store.epochs.doubt()
        return ""

    def change(self, what: str, about: str) -> AbstractContextManager[Callable[[str], None]]:
        """Everything that changes something stands in this: `with views.change("retry", id): …`."""
        return self.audit.change(account().name, what, about, address())

    def done(self, page: str, what: str, n: int = 0) -> Response:
        """Back to a page, which says what was done: `done_<what>` of its words, `{n}` in it."""
        return redirect(url_for(f"console.{page}", done=what, n=n), 303)

    def draft(self, id_: str) -> Draft:
        """Aborts with 404 where there is none."""
        return self.drafts.get(id_) or abort(404)

    def ago(self, at: float) -> str:
        """Returns how long ago, in the reader's words."""
        shell = said(g.language).shell
        seconds = max(int(self.now() - at), 0)
        for size, word in ((86400, shell.days), (3600, shell.hours), (60, shell.minutes)):
            if seconds >= size:
                return str(word).format(n=seconds // size)
        return str(shell.seconds).format(n=seconds)


def _pages() -> set[str]:
    """Endpoints that can be come back to by their address alone; not files, not what a form is sent to."""
    rules = current_app.url_map.iter_rules()
    return {rule.endpoint for rule in rules if not rule.arguments and "GET" in (rule.methods or ())}


def account() -> Account:
    """Returns whose visit this is."""
    visit: Visit = g.visit
    return visit.account


def address() -> str:
    return request.remote_addr or ""


def field(name: str, longest: int = 200) -> str:
    """Returns a field of the form, without blanks around it. Aborts with 400 where it is too long."""
    text = request.form.get(name, "").strip()
    if len(text) > longest:
        abort(400, f"“{name}” is too long")
    return text


def told(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Returns each with its sentence, in the reader's language."""
    return [(x, x.sentence_in(words.LANGUAGES[g.language])) for x in findings]


def when(at: float | str) -> str:
    """Beijing time of epoch seconds, or of an ISO time with its zone."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at, UTC)
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


@cache
def said(language: str) -> Any:
    """Everything the pages say: `t.audit.title` is `title` of words/audit.yaml."""
    files = {path.stem: words.read(path) for path in (HERE / "words").glob("*.yaml")}
    read = {name: SimpleNamespace(**words.said(w, language)) for name, w in files.items()}
    return SimpleNamespace(**read)
