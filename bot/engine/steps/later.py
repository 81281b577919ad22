"""`later`: schedules a flow, unless a change of the same thing has settled it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.engine.flow import Step, Value
from bot.engine.scope import china_time
from bot.engine.session import Scheduled
from bot.engine.turn import DONE, Turn

HOUR = 9
"""China's time: no resident gets a message at midnight."""
EVENING = 21
AT_LEAST = timedelta(hours=1)
"""Least delay of something scheduled for a past time, to separate it from its cause."""


def by_day(moment: datetime) -> datetime:
    """Returns that moment, or the next morning if it falls at night."""
    if HOUR <= moment.hour < EVENING:
        return moment
    morning = moment.replace(hour=HOUR, minute=0, second=0)
    return morning + timedelta(days=moment.hour >= EVENING)


@dataclass(frozen=True)
class Later(Step):
    kind = "later"

    later: str = ""  # the flow to begin, with `arguments`
    dates: tuple[str, ...] = ()  # paths of the date, the first given one counts
    days: int = 0  # after that date; negative: before it

    def without(self, off: Collection[str], person: str) -> Step:
        step = super().without(off, person)
        return step.passed_over() if self.later in off else step

    def leads(self) -> Iterator[tuple[str, str]]:
        yield "later", self.later

    def reach(self, turn: Turn) -> bool:
        scheduled = self._scheduled(turn)
        if scheduled is not None:
            others = (
                p for p in turn.session.scheduled if (p.flow, p.given) != (scheduled.flow, scheduled.given)
            )
            turn.change(scheduled=(*others, scheduled))
        return super().reach(turn)

    def _scheduled(self, turn: Turn) -> Scheduled | None:
        """Schedules the flow for its day; None if the date or a slot to pass is not given."""
        day = next((d for path in self.dates if (d := turn.scope().code(path))), "")
        given = {k: v for k, arg in self.arguments.items() if (v := turn.argument(arg)) is not None}
        try:
            morning = datetime.combine(date.fromisoformat(day), datetime.min.time()) + timedelta(
                days=self.days, hours=HOUR
            )
        except (ValueError, OverflowError):
            return None
        if given.keys() != self.arguments.keys():
            return None
        now = china_time(turn.event.at)
        away = int((by_day(max(morning, now + AT_LEAST)) - now).total_seconds())
        return Scheduled(self.later, turn.event.at + away, given)


def drop_plans(turn: Turn, flow: str, subject: str, outcome: str) -> None:
    """Drops what this flow, or one that it undoes, had scheduled about the thing that a change settled."""
    if not subject or outcome not in DONE:
        return
    makers = [f for f in turn.content.flows.values() if f.undo == flow]
    makers += [f for f in turn.content.flows.values() if f.name == flow and outcome == "done"]
    settled = {name for maker in makers for name in maker.leads("later")}

    def over(name: str, given: Mapping[str, Value]) -> bool:
        return name in settled and subject in given.values()

    turn.change(
        scheduled=tuple(p for p in turn.session.scheduled if not over(p.flow, p.given)),
        background_runs=tuple(f for f in turn.session.background_runs if not over(f.flow, f.slots)),
    )
