"""`later`: schedules a flow for a day or an hour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from bot.content.read.models import ArgumentModel
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowBuilder, FlowCheck, Kind
from bot.engine import flow as f
from bot.engine.hours import minutes
from bot.engine.steps import later
from bot.engine.steps.later import EARLIEST, LATEST


class Later(Kind):
    step = later.Later

    later: str = ""
    with_: dict[str, ArgumentModel] = Field({}, alias="with")
    date: str | list[str] = Field([])
    time: str = ""
    before: str = ""
    after: str = ""

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        away = [builder.away(getattr(self, key), (*loc, key)) for key in ("before", "after")]
        for key, (_, seconds) in zip(("before", "after"), away, strict=True):
            if seconds and not self.time:
                builder.source.error((*loc, key), "no-time")
        if self.before and self.after:
            builder.source.error((*loc, "after"), "before-after", key=True)
        return {
            "later": self.later,
            "arguments": builder.arguments(self.with_),
            "dates": (self.date,) if isinstance(self.date, str) else tuple(self.date),
            "time": self.time,
            "days": away[1][0] - away[0][0],
            "seconds": away[1][1] - away[0][1],
        }

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        """Checks for a flow that can be scheduled, a day, and all that this flow takes."""
        source, names = check.source, check.names
        there = names.content.flows.get(step.later)
        if names.other(step.later, (*loc, "later"), by_time=True) and there is not None and there.by_time:
            for name in there.takes:
                if name not in step.arguments:
                    source.error((*loc, "later"), "hand-in", flow=step.later, name=name)
        check.handed_in(step.later if there is not None and there.by_time else "", step.arguments, loc)
        if not any(step.dates):
            source.error(loc, "no-date", key=True)
        for i, path in enumerate(step.dates):
            at: Loc = (*loc, "date", *((i,) if len(step.dates) > 1 else ()))
            if path and names.path(path, at) and not _may_be("date", path, check.flow):
                source.error(at, "no-day", name=path)
        if step.time[:1].isdigit():
            if not EARLIEST <= (minutes(step.time) or 0) / 60 <= LATEST:
                source.error((*loc, "time"), "no-hour", name=step.time)
        elif (
            step.time and names.path(step.time, (*loc, "time")) and not _may_be("time", step.time, check.flow)
        ):
            source.error((*loc, "time"), "no-hour", name=step.time)

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        away = f"{step.seconds / 3600:+g} h" if step.seconds else f"{step.days:+d} d"
        return " ".join(filter(None, (f"{title(step.later)}: {' | '.join(step.dates)}", step.time, away)))


def _may_be(kind: str, path: str, flow: f.Flow) -> bool:
    head, _, part = path.partition(".")
    slot = flow.slots.get(head)
    if slot is None:
        return True  # of another flow, or a policy value: checked when it is scheduled
    return kind == (slot.fields[part].kind if part in slot.fields else slot.type)
