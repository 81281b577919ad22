"""What residents say of the service: how often each answer of a rating, by day, and the comments, masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import g, request
from flask.typing import ResponseReturnValue

from bot.console.naming import Naming
from bot.console.period import Period, chosen
from bot.console.views import Views
from bot.content.drawing import figures
from bot.engine.content import Content
from bot.engine.flow import Flow
from bot.engine.scope import china_time
from bot.store.counts import Counts
from bot.store.days import Comment, Days
from bot.store.packing import DAY_TTL
from bot.store.redis import SHARDS

MOST = 200
"""Comments that are shown; of the rest, the number."""


@dataclass(frozen=True)
class Rating:
    """A choice of a flow that takes comments. `slot`: flow.slot. `values`: best known first, as in the YAML.
    `days`: newest first, each with the counts of its values."""

    slot: str
    values: tuple[str, ...]
    days: tuple[tuple[date, Mapping[str, int]], ...]

    def titles(self, names: Naming) -> list[str]:
        return [names.answer(self.slot, value) for value in self.values]

    @property
    def total(self) -> Counter[str]:
        return sum((Counter(counted) for _, counted in self.days), Counter())


def add_to(views: Views) -> None:
    counts = Counts(views.bot.client, views.bot.store.seal)
    days = Days(views.bot.client, views.bot.store.seal, SHARDS)

    @views.blueprint.get("/satisfaction")
    def satisfaction() -> ResponseReturnValue:
        today = china_time(int(views.now())).date()
        period = chosen(request.args, today)
        content = views.bot.turns.content("")
        held = {day: figures.total([of]) for day, of in counts.read(period.days, today).items()}
        comments = _comments(days, period, today)
        return views.show(
            "satisfaction.html", names=Naming(content, g.language), period=period,
            ratings=[rating for rating in _ratings(content, held) if rating.total],
            comments=comments[:MOST], count=len(comments),
        )  # fmt: skip


def _ratings(content: Content, held: Mapping[date, Mapping[str, int]]) -> list[Rating]:
    found = []
    for flow in content.flows.values():
        if any(slot.comment for slot in flow.slots.values()):
            for step, slot in _choices(flow):
                values = flow.slots[slot].values
                rows = (
                    (day, {v: n for v in values if (n := counted.get(f"{flow.name}.{step}.{v}", 0))})
                    for day, counted in held.items()
                )
                newest = tuple(reversed([(day, row) for day, row in rows if row]))
                found.append(Rating(f"{flow.name}.{slot}", values, newest))
    return found


def _choices(flow: Flow) -> list[tuple[str, str]]:
    """Step and slot of what is chosen there."""
    asked = [(s.id, s.slot) for s in flow.steps.values() if s.slot in flow.slots]
    return [(step, slot) for step, slot in asked if flow.slots[slot].type == "choice"]


def _comments(days: Days, period: Period, today: date) -> list[Comment]:
    """Newest first; of days of which they are still kept."""
    first = max(period.first, today - timedelta(seconds=DAY_TTL))
    return [c for day in reversed(period.days) if day >= first for c in days.read(day, today).comments]
