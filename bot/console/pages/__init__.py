"""The pages, each a module that registers its views at the desk."""

from __future__ import annotations

from bot.console.desk import Desk
from bot.console.pages import audit, figures, findings, jobs, menu, overview, resident, revisions

__all__ = ["add_to"]


def add_to(desk: Desk) -> None:
    for page in (overview, jobs, resident, figures, findings, revisions, menu, audit):
        page.add_to(desk)
