"""Time: reminder, expiry, the end of a hand-off, and letting go of what has lapsed."""

from __future__ import annotations

from bot.engine import asking, walk
from bot.engine.background_runs import begin_due
from bot.engine.begin import ask_engine_question
from bot.engine.session import Suspended
from bot.engine.suspend import stripped
from bot.engine.turn import Turn


def purge(turn: Turn) -> None:
    """Lasting answers and the last result go when their time is over; a parked run loses what is personal."""
    purge_kept(turn)
    session = turn.session
    if session.result and session.result.until <= turn.event.at:
        turn.change(result=None)
    if session.suspended and 0 < session.suspended.until <= turn.event.at:
        turn.change(suspended=stripped(turn, session.suspended))


def purge_kept(turn: Turn) -> None:
    session, at = turn.session, turn.event.at
    kept = {f: k for f, k in session.kept.items() if k.until > at and f in turn.content.flows}
    while resting := [f for f in kept if set(turn.content.flows[f].requires) - set(kept)]:
        for flow in resting:  # a guardian's right ends with the guardian's sign-in
            del kept[flow]
    if kept.keys() != session.kept.keys():
        turn.change(kept=kept)


def deadline(turn: Turn) -> int:
    """When what is open expires; 0 while a change is under way or a person has the conversation."""
    session = turn.session
    changing = {key for key, c in session.calls.items() if c.once}
    if not session.frames or session.handoff_until or any(f.call in changing for f in session.frames):
        return 0
    return session.heard_at + max(turn.content.flows[f.flow].expire for f in session.frames)


def expire(turn: Turn) -> bool:
    """Put everything aside that the resident left too long, without its personal answers."""
    due = deadline(turn)
    if not due or turn.event.at < due:
        return False
    frames = turn.session.frames
    turn.leave("expired")
    turn.say_unfinished(*frames)
    turn.change(
        frames=(), system_question="", pending_target=None, suspended=stripped(turn, Suspended(frames, due))
    )
    turn.revised = False  # it was put aside before the content changed anything for them
    drop_calls(turn)
    return True


def drop_calls(turn: Turn) -> None:
    """Look-ups that nobody waits for any more; a change stays until it is known."""
    waited = {f.call for f in (*turn.session.frames, *turn.session.aside)}
    turn.change(calls={k: c for k, c in turn.session.calls.items() if c.once or k in waited})


def end_hand_off(turn: Turn) -> None:
    """What was open waits again from now on: the resident could not answer it meanwhile."""
    turn.change(handoff_until=0, heard_at=max(turn.session.heard_at, turn.event.at), reminded=False)
    if turn.session.frames:
        turn.here.handed_back(turn)
    else:
        turn.say_common("handed_back")


def passed(turn: Turn) -> None:
    """The timer is due: end of hand-off, expiry or reminder, unless a message came in between; and what was
    planned for now."""
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


def ask_on(turn: Turn) -> None:
    """Whatever was told in between: the open question stands."""
    if turn.session.system_question == "leave" and not turn.session.frames:
        turn.change(system_question="", pending_target=None)  # there is nothing to leave any more
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
    """A question that an outcome led to only now: its clocks run from now, where they had run down."""
    if any(0 < due <= turn.event.at for due in (remind_at(turn), deadline(turn))):
        turn.change(heard_at=turn.event.at, reminded=False)


def wake_at(turn: Turn) -> int:
    """The resident's one timer, epoch seconds; 0 for none."""
    session = turn.session
    times = [session.handoff_until, deadline(turn), remind_at(turn)]
    times += [k.until for k in session.kept.values()]
    times += [p.at for p in session.scheduled]
    times.append(session.suspended.until if session.suspended else 0)
    return min((t for t in times if t), default=0)
