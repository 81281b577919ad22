"""`later`: schedules a flow for a day or an hour, unless a change of the same thing has settled it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.engine.flow import Step, Value
from bot.engine.hours import minutes
from bot.engine.scope import china_time
from bot.engine.session import DONE, Scheduled
from bot.engine.turn import Turn

HOUR = 9
"""China's time: no resident gets a message at midnight."""
EVENING = 21
EARLIEST, LATEST = 7, 20
"""Hours between which one that counts from a time of day may come; at night it comes the evening before."""
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
    time: str = ""  # HH:MM, or the path of one; "": at HOUR
    days: int = 0  # after that date; negative: before it
    seconds: int = 0  # the same, from `time`

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
        """Schedules the flow for its moment; None if its date, its time or a slot to pass is not given, or if
        what it comes before is over by then."""
        given = {k: v for k, arg in self.arguments.items() if (v := turn.argument(arg)) is not None}
        moment, now = self._moment(turn), china_time(turn.event.at)
        if moment is None or given.keys() != self.arguments.keys():
            return None
        try:
            due = moment + timedelta(days=self.days, seconds=self.seconds)
            due = _evening_before(due) if self.time else due
        except OverflowError:
            return None
        if due < now + AT_LEAST or not self.time:
            due = by_day(max(due, now + AT_LEAST))
        if self.seconds < 0 and due >= moment:
            return None
        return Scheduled(self.later, turn.event.at + int((due - now).total_seconds()), given)

    def _moment(self, turn: Turn) -> datetime | None:
        """Returns the time from which it counts."""
        scope = turn.scope()
        day = next((d for path in self.dates if (d := scope.code(path))), "")
        minute = minutes(self.time) if self.time[:1].isdigit() else minutes(scope.code(self.time))
        if not self.time:
            minute = HOUR * 60
        try:
            start = datetime.combine(date.fromisoformat(day), datetime.min.time())
        except ValueError:
            return None
        return None if minute is None else start + timedelta(minutes=minute)


def _evening_before(moment: datetime) -> datetime:
    """Returns that moment, or the evening before if it falls at night, so that it comes in time."""
    if EARLIEST <= moment.hour < EVENING:
        return moment
    evening = moment.replace(hour=LATEST, minute=0, second=0)
    return evening - timedelta(days=moment.hour < EARLIEST)


def drop_scheduled(turn: Turn, flow: str, subject: str, outcome: str) -> None:
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
