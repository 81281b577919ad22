"""Scheduled background runs: never on the stack of the open runs. They look something up and report it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from bot.engine import asking, walk
from bot.engine.effects import Count, Notice, Say
from bot.engine.events import Reported
from bot.engine.scope import china_time
from bot.engine.session import Frame, Scheduled
from bot.engine.slots import still_fits
from bot.engine.steps.later import AT_LEAST, by_day
from bot.engine.turn import Turn


def report(turn: Turn, event: Reported) -> bool:
    """Schedules the flow that tells what was reported, by day unless it warns; what it tells of the same
    thing and has not told yet, it need not tell. Returns True if something was said at once."""
    now = china_time(event.at)
    then = now if event.flow == turn.content.elsewhere else by_day(now)
    plan = Scheduled(event.flow, event.at + int((then - now).total_seconds()), event.given)
    others = tuple(p for p in turn.session.scheduled if not _same_thing(p, plan))
    turn.change(scheduled=(*others, plan))
    return begin_due(turn)


def _same_thing(one: Scheduled, other: Scheduled) -> bool:
    """Checks whether both tell of the same receipt."""
    return one.flow == other.flow and bool(_receipts(one) & _receipts(other))


def _receipts(plan: Scheduled) -> set[str]:
    return {value["number"] for value in plan.given.values() if isinstance(value, dict) and "number" in value}


def begin_due(turn: Turn) -> bool:
    """Begins the scheduled runs that are due, if the content has their flows; True if one said something."""
    _put_off(turn)
    due = tuple(p for p in turn.session.scheduled if p.at <= turn.event.at)
    said = len(turn.effects)
    turn.change(scheduled=tuple(p for p in turn.session.scheduled if p not in due))
    for scheduled in due:
        flow = turn.content.flows.get(scheduled.flow)
        if flow is not None and flow.by_time:
            turn.effects.append(Count(f"{flow.name}.begun"))
            turn.unasked |= flow.name in (turn.content.elsewhere, *turn.content.events.values())
            run_alone(turn, Frame(flow.name, 0, flow.first), partial(_hand_in, turn, scheduled))
    if not any(isinstance(e, Say) for e in turn.effects[said:]):
        return False
    turn.effects.append(Notice(turn.title(due[0].flow)))
    return True


def tell_news(turn: Turn) -> None:
    """Tells the bureau's events that wait for the morning to whoever writes at night, before the answer.

    Not on a page that was opened by a link: it may be somebody else's.
    """
    session, news = turn.session, turn.content.events.values()
    if not session.scheduled or turn.event.linked:
        return
    waiting = [p for p in session.scheduled if p.flow in news]
    if not waiting:
        return
    now = tuple(replace(p, at=min(p.at, turn.event.at)) if p in waiting else p for p in session.scheduled)
    aside = Turn(turn.content, replace(session, scheduled=now), turn.event)
    if begin_due(aside):
        asking.show_offers(aside)
        aside.effects.append(Notice(turn.title(waiting[0].flow), apart=True))
    turn.news = aside.effects
    turn.session = replace(aside.session, offered=session.offered, offered_tag=session.offered_tag)


def _put_off(turn: Turn) -> None:
    """Moves what is due and needs a service that is switched off to after that, by day."""
    flows, now = turn.content.flows, china_time(turn.event.at)

    def moved(plan: Scheduled) -> Scheduled:
        flow = flows.get(plan.flow)
        actions = [step.port for step in flow.steps.values()] if flow else []
        until = turn.event.off_until(actions)
        if until is None or plan.at > turn.event.at:
            return plan
        then = by_day(max(china_time(until), now + AT_LEAST))
        return replace(plan, at=turn.event.at + int((then - now).total_seconds()))

    if turn.event.maintenance:
        turn.change(scheduled=tuple(map(moved, turn.session.scheduled)))


def _hand_in(turn: Turn, scheduled: Scheduled) -> None:
    for slot, value in scheduled.given.items():
        if slot in turn.flow.takes and still_fits(turn.flow.slots[slot], value, turn.scope()):
            turn.give(slot, value)
            if isinstance(value, dict):
                turn.learn(slot, value)


def run_alone(turn: Turn, frame: Frame, first: Callable[[], None]) -> None:
    """Runs this frame alone. It stays in the background while it waits for a call, which nothing else waits
    for."""
    session = turn.session
    turn.change(frames=(frame,), suspended=None)
    first()
    walk.run(turn)
    waits = tuple(f for f in turn.session.frames if f.call)
    unasked = {f.call for f in waits}
    calls = {k: replace(c, told="slow") if k in unasked else c for k, c in turn.session.calls.items()}
    turn.change(
        frames=session.frames,
        suspended=session.suspended,
        reminded=session.reminded,
        after_receipt=session.after_receipt,
        background_runs=(*turn.session.background_runs, *waits),
        calls=calls,
    )
