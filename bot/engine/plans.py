"""What is planned for later: a flow that time begins, unless a change of the same thing has settled it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.engine.calls import Calls
from bot.engine.flow import Step, Value
from bot.engine.scope import china_time
from bot.engine.session import Planned
from bot.engine.talk import DONE

HOUR = 9
"""China's time: nobody is told something at midnight."""
EVENING = 21
AT_LEAST = timedelta(hours=1)
"""Until something planned for a time that is past: not in one breath with what led to it."""


def by_day(moment: datetime) -> datetime:
    """That moment, or the next morning where it falls at night."""
    if HOUR <= moment.hour < EVENING:
        return moment
    morning = moment.replace(hour=HOUR, minute=0, second=0)
    return morning + timedelta(days=moment.hour >= EVENING)


class Plans(Calls):
    def plan(self, step: Step) -> None:
        """Begin `step.later` on that day; nothing where the date or something to hand in is not given."""
        day = next((d for path in step.dates if (d := self.scope().code(path))), "")
        given = {k: v for k, arg in step.arguments.items() if (v := self.argument(arg)) is not None}
        try:
            morning = datetime.combine(date.fromisoformat(day), datetime.min.time()) + timedelta(
                days=step.days, hours=HOUR
            )
        except (ValueError, OverflowError):
            return
        if given.keys() != step.arguments.keys():
            return
        now = china_time(self.event.at)
        away = int((by_day(max(morning, now + AT_LEAST)) - now).total_seconds())
        planned = Planned(step.later, self.event.at + away, given)
        others = (p for p in self.session.planned if (p.flow, p.given) != (planned.flow, planned.given))
        self.change(planned=(*others, planned))

    def drop_plans(self, flow: str, subject: str, outcome: str) -> None:
        """A change settles what its flow, or one that it undoes, had planned about the thing it changed."""
        if not subject or outcome not in DONE:
            return
        makers = [f for f in self.content.flows.values() if f.undo == flow]
        makers += [f for f in self.content.flows.values() if f.name == flow and outcome == "done"]
        settled = {s.later for maker in makers for s in maker.steps.values() if s.later}

        def over(name: str, given: Mapping[str, Value]) -> bool:
            return name in settled and subject in given.values()

        self.change(
            planned=tuple(p for p in self.session.planned if not over(p.flow, p.given)),
            aside=tuple(f for f in self.session.aside if not over(f.flow, f.slots)),
        )
