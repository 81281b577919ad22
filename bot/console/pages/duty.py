"""For those on duty: what traffic there is, who waits for what, and how changes ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import g, request
from flask.typing import ResponseReturnValue

from bot.console.naming import Naming
from bot.console.views import CHINA, Views
from bot.engine.scope import china_time
from bot.engine.steps.transfer import PERSON_SECONDS
from bot.store.days import SLOTS, Day, Days, Ended
from bot.store.packing import SLOT
from bot.store.records import ResidentKey
from bot.store.redis import SHARDS
from bot.store.seal import SealError

HOUR = 3600 // SLOT
WEEK = timedelta(days=7)
MOST = 30
"""Residents in a list; of the rest, the number."""
LONGEST = 7
"""Days back in which changes are searched: so long the conversations are kept."""
ROWS = 100


@dataclass(frozen=True)
class Traffic:
    """Messages of a time, and of the same time a week before."""

    label: str
    now: int
    before: int

    @property
    def change(self) -> str:
        """In percent, with its sign; "" where there was nothing to compare with."""
        return f"{(self.now - self.before) / self.before:+.0%}" if self.before else ""

    @property
    def low(self) -> bool:
        """Less than half of what is usual, where that is more than chance."""
        return self.before >= 20 and self.now * 2 < self.before


@dataclass(frozen=True)
class Waiter:
    """A resident who waits. `since`: epoch seconds. `place`: flow.step, or an action."""

    tag: str
    since: int
    place: str


def add_to(views: Views) -> None:
    store = views.bot.store
    days = Days(views.bot.client, store.seal, SHARDS)

    def naming() -> Naming:
        return Naming(views.bot.turns.content(""), g.language)

    @views.blueprint.get("/duty")
    def duty() -> ResponseReturnValue:
        moment = china_time(int(views.now()))
        today, slot = moment.date(), (moment.hour * 3600 + moment.minute * 60) // SLOT
        read = {today - timedelta(days=n): days.read(today - timedelta(days=n), today) for n in range(14)}
        staff = _with_staff(read[today], read[today - timedelta(days=1)], int(views.now()))
        calls = _submitted(views)
        return views.show(
            "duty.html", names=naming(), hour=_hour(read, today, slot), tens=_tens(read, today, slot),
            by_day=_by_day(read, today, slot), waiting=store.jobs.waiting(), dead=len(store.jobs.dead()),
            staff=[_stands(views, owner, until) for owner, until in staff[:MOST]], staff_count=len(staff),
            calls=calls[:MOST], calls_count=len(calls), now=int(views.now()),
        )  # fmt: skip

    @views.blueprint.get("/outcomes")
    def outcomes() -> ResponseReturnValue:
        """Changes by day, time and outcome: to find a resident who knows neither receipt nor openid."""
        today = china_time(int(views.now())).date()
        day = _day(request.args.get("day", ""), today)
        found = days.read(day, today).ended
        begin, end = (request.args.get(name, "") for name in ("from", "to"))
        chosen = {name: request.args.get(name, "") for name in ("action", "outcome")}
        rows = [
            one
            for one in found
            if _within(one, begin, end)
            and chosen["action"] in ("", one.action)
            and chosen["outcome"] in ("", one.outcome)
        ]
        return views.show(
            "outcomes.html", names=naming(), day=day, first=today - timedelta(days=LONGEST - 1), last=today,
            begin=begin, end=end, chosen=chosen, rows=rows[:ROWS], count=len(rows),
            actions=sorted({one.action for one in found}), outcomes=sorted({one.outcome for one in found}),
        )  # fmt: skip


def _hour(read: dict[date, Day], today: date, slot: int) -> Traffic:
    """Returns the last six times ten minutes that are over."""
    spans = [_messages(read, today, slot - n) for n in range(1, HOUR + 1)]
    return Traffic("", sum(now for now, _ in spans), sum(before for _, before in spans))


def _tens(read: dict[date, Day], today: date, slot: int) -> list[Traffic]:
    """Each ten minutes of the last two hours, the one that has begun last."""
    return [Traffic(_clock(at), *_messages(read, today, at)) for at in range(slot - 2 * HOUR + 1, slot + 1)]


def _messages(read: dict[date, Day], today: date, slot: int) -> tuple[int, int]:
    """In this ten minutes, below 0 of yesterday; and a week before."""
    day = today if slot >= 0 else today - timedelta(days=1)
    before = read.get(day - WEEK)
    return read[day].messages[slot], before.messages[slot] if before else 0


def _clock(slot: int) -> str:
    minutes = slot % SLOTS * SLOT // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _by_day(read: dict[date, Day], today: date, slot: int) -> list[Traffic]:
    """Returns the last seven days, newest first; today so far beside as much of that day last week."""
    so_far = Traffic(str(today), read[today].total, sum(read[today - WEEK].messages[: slot + 1]))
    past = (today - timedelta(days=n) for n in range(1, 7))
    return [so_far, *(Traffic(str(day), read[day].total, read[day - WEEK].total) for day in past)]


def _with_staff(today: Day, yesterday: Day, now: int) -> list[tuple[ResidentKey, int]]:
    """Longest first."""
    latest = {owner.tag: (owner, until) for owner, until in (*yesterday.staff, *today.staff)}
    return sorted(((o, until) for o, until in latest.values() if until > now), key=lambda row: row[1])


def _stands(views: Views, owner: ResidentKey, until: int) -> Waiter:
    """Returns where they were when they asked for a person: below the flow that led them to one."""
    try:
        session = views.bot.store.begin(owner, "").session
    except (SealError, ValueError):  # another release's, or its key is gone
        session = None
    frames = [f for f in (session.frames if session else ()) if f.flow != views.bot.turns.content("").person]
    place = f"{frames[-1].flow}.{frames[-1].step}" if frames else ""
    return Waiter(owner.tag, until - PERSON_SECONDS, place)


def _submitted(views: Views) -> list[Waiter]:
    """Changes whose outcome the bureau has not told yet, oldest first; what does not open is left out."""
    found: list[Waiter] = []
    for shard, sealed in views.bot.store.jobs.calls():
        try:
            owner, job = views.bot.store.forms.open_job(shard, sealed)
        except SealError:
            continue
        if job.call.once:
            found.append(Waiter(owner.tag, job.at, job.call.action))
    return sorted(found, key=lambda one: one.since)


def _day(given: str, today: date) -> date:
    """Of the address; today where it is none, or one of which nothing is kept."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return today
    return day if today - timedelta(days=LONGEST) < day <= today else today


def _within(one: Ended, begin: str, end: str) -> bool:
    """`begin`, `end`: HH:MM, or ""."""
    at = datetime.fromtimestamp(one.at, CHINA).strftime("%H:%M")
    return (begin or "00:00") <= at <= (end or "23:59")
