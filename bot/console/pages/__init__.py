"""The pages, each a module that registers its views at the views."""

from __future__ import annotations

from bot.console.pages import (
    audit,
    drafts,
    duty,
    edit,
    figures,
    file,
    findings,
    jobs,
    maintenance,
    menu,
    overview,
    resident,
    revisions,
    satisfaction,
    trial,
    zipped,
)
from bot.console.views import Views


def add_to(views: Views) -> None:
    for page in (
        *(overview, duty, jobs, maintenance, resident, figures, satisfaction, findings),
        *(edit, file, drafts, trial, zipped, revisions, menu, audit),
    ):
        page.add_to(views)
