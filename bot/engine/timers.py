"""Timers: reminder, expiry, the end of a hand-off, and deletion of lapsed data."""

from __future__ import annotations

from bot.engine import asking, own_texts, walk
from bot.engine.background_runs import begin_due, report
from bot.engine.begin import ask_engine_question
from bot.engine.events import Reported, TimePassed
from bot.engine.session import Suspended
from bot.engine.suspend import stripped
from bot.engine.turn import Turn


def purge(turn: Turn) -> None:
    """Drops lasting answers, the last result and the rest of a list when their time is over; a suspended run
    loses personal data."""
    purge_kept(turn)
    session = turn.session
    if session.result and session.result.until <= turn.event.at:
        turn.change(result=None)
    if session.listed and not turn.listed:
        turn.change(listed=None)
    if session.suspended and 0 < session.suspended.until <= turn.event.at:
        turn.change(suspended=stripped(turn, session.suspended))


def purge_kept(turn: Turn) -> None:
    session, at = turn.session, turn.event.at
    if not session.kept:
        return
    runs = {0, *(frame.run for frame in session.frames)}
    known = turn.content.flows
    kept = {f: k for f, k in session.kept.items() if k.until > at and k.run in runs and f in known}
    while resting := [f for f in kept if set(turn.content.flows[f].requires) - set(kept)]:
        for flow in resting:  # a guardian's right ends with the guardian's sign-in
            del kept[flow]
    if kept.keys() != session.kept.keys():
        turn.change(kept=kept)


def deadline(turn: Turn) -> int:
    """Returns when open runs expire; 0 during a change or a hand-off."""
    session = turn.session
    if not session.frames or session.handoff_until:
        return 0
    if session.calls and any(f.call in session.calls and session.calls[f.call].once for f in session.frames):
        return 0
    return session.heard_at + max(turn.content.flows[f.flow].expire for f in session.frames)


def expire(turn: Turn) -> bool:
    """Suspends everything that the resident left too long, without its personal answers."""
    due = deadline(turn)
    if not due or turn.event.at < due:
        return False
    frames = turn.session.frames
    turn.tally.leave("expired")
    own_texts.say_unfinished(turn, *frames)
    turn.change(
        frames=(), system_question="", pending_target=None, suspended=stripped(turn, Suspended(frames, due))
    )
    turn.revised = False  # it was suspended before the content changed anything for the resident
    drop_calls(turn)
    return True


def drop_calls(turn: Turn) -> None:
    """Drops look-ups that no run waits for; a change stays until its outcome is known."""
    waited = {f.call for f in (*turn.session.frames, *turn.session.background_runs)}
    turn.change(calls={k: c for k, c in turn.session.calls.items() if c.once or k in waited})


def end_hand_off(turn: Turn) -> None:
    """Restarts the clocks of what was open: the resident could not answer it meanwhile."""
    turn.change(handoff_until=0, heard_at=max(turn.session.heard_at, turn.event.at), reminded=False)
    if turn.session.frames:
        turn.here.handed_back(turn)
    else:
        turn.say_common("handed_back")


def passed(turn: Turn, _: TimePassed) -> None:
    """Handles a due timer: end of hand-off, expiry or reminder, unless a message came in between; and
    scheduled runs."""
    session, at = turn.session, turn.event.at
    if session.handoff_until and at >= session.handoff_until:
        end_hand_off(turn)
        walk.run(turn)
        asking.ask(turn)
        asking.show_offers(turn)
    elif expire(turn):
        turn.say_common("expired")
    elif (due := remind_at(turn)) and at >= due:
        if turn.revised:
            asking.say_changed(turn)
        else:
            turn.say_common("remind")
        if session.system_question:
            ask_engine_question(turn)
        else:
            walk.run(turn)
            asking.ask(turn)
            asking.show_offers(turn)
        turn.change(reminded=True)
    if begin_due(turn):
        ask_on(turn)


def reported(turn: Turn, event: Reported) -> None:
    """Tells it, now or by day. No reminder comes with it: its text would be dropped with that."""
    if report(turn, event):
        ask_on(turn)


def ask_on(turn: Turn) -> None:
    """Asks the open question again after other messages."""
    if turn.session.system_question == "leave" and not turn.session.frames:
        turn.change(system_question="", pending_target=None)  # nothing is left to leave
    if turn.session.system_question:
        ask_engine_question(turn)
    elif not turn.session.handoff_until:
        asking.ask(turn)
        asking.show_offers(turn)
    start_late(turn)


def remind_at(turn: Turn) -> int:
    session = turn.session
    if session.reminded or not deadline(turn) or turn.frame.call:
        return 0
    return session.heard_at + turn.flow.remind


def start_late(turn: Turn) -> None:
    """Restarts the clocks of a question that an outcome led to only now, if they had run down."""
    if any(0 < due <= turn.event.at for due in (remind_at(turn), deadline(turn))):
        turn.change(heard_at=turn.event.at, reminded=False)


def wake_at(turn: Turn) -> int:
    """Returns the time of the resident's one timer, epoch seconds; 0 for none."""
    session = turn.session
    due = deadline(turn)
    times = [session.handoff_until, due, remind_at(turn) if due else 0]
    times += [k.until for k in session.kept.values()]
    times += [p.at for p in session.scheduled]
    times.append(session.suspended.until if session.suspended else 0)
    return min((t for t in times if t), default=0)
