"""Time: reminder, expiry, the end of a hand-off, and letting go of what has lapsed."""

from __future__ import annotations

from bot.engine.aside import begin_due
from bot.engine.begin import ask_engine_question
from bot.engine.park import stripped
from bot.engine.session import Parked
from bot.engine.walk import Walk


def purge(walk: Walk) -> None:
    """Lasting answers and the last result go when their time is over; a parked run loses what is personal."""
    purge_kept(walk)
    session = walk.session
    if session.result and session.result.until <= walk.event.at:
        walk.change(result=None)
    if session.parked and 0 < session.parked.until <= walk.event.at:
        walk.change(parked=stripped(walk, session.parked))


def purge_kept(walk: Walk) -> None:
    session, at = walk.session, walk.event.at
    kept = {f: k for f, k in session.kept.items() if k.until > at and f in walk.content.flows}
    while resting := [f for f in kept if set(walk.content.flows[f].requires) - set(kept)]:
        for flow in resting:  # a guardian's right ends with the guardian's sign-in
            del kept[flow]
    if kept.keys() != session.kept.keys():
        walk.change(kept=kept)


def deadline(walk: Walk) -> int:
    """When what is open expires; 0 while a change is under way or a person has the conversation."""
    session = walk.session
    changing = {key for key, c in session.calls.items() if c.once}
    if not session.frames or session.person_until or any(f.call in changing for f in session.frames):
        return 0
    return session.heard_at + max(walk.content.flows[f.flow].expire for f in session.frames)


def expire(walk: Walk) -> bool:
    """Put everything aside that the resident left too long, without its personal answers."""
    due = deadline(walk)
    if not due or walk.event.at < due:
        return False
    frames = walk.session.frames
    walk.leave("expired")
    walk.say_unfinished(*frames)
    walk.change(frames=(), asking="", leaving_for=None, parked=stripped(walk, Parked(frames, due)))
    walk.revised = False  # it was put aside before the content changed anything for them
    drop_calls(walk)
    return True


def drop_calls(walk: Walk) -> None:
    """Look-ups that nobody waits for any more; a change stays until it is known."""
    waited = {f.call for f in (*walk.session.frames, *walk.session.aside)}
    walk.change(calls={k: c for k, c in walk.session.calls.items() if c.once or k in waited})


def end_hand_off(walk: Walk) -> None:
    """What was open waits again from now on: the resident could not answer it meanwhile."""
    walk.change(person_until=0, heard_at=max(walk.session.heard_at, walk.event.at), reminded=False)
    if walk.session.frames and walk.here.kind == "transfer":
        walk.follow(walk.here.next)
    else:
        walk.say_common("handed_back")


def passed(walk: Walk) -> None:
    """The timer is due: end of hand-off, expiry or reminder, unless a message came in between; and what was
    planned for now."""
    session, at = walk.session, walk.event.at
    if session.person_until and at >= session.person_until:
        end_hand_off(walk)
        walk.run()
        walk.ask()
        walk.show_offers()
    elif expire(walk):
        walk.say_common("expired")
    elif (due := remind_at(walk)) and at >= due:
        if walk.revised:
            walk.say_changed()
        else:
            walk.say_common("remind")
        if session.asking:
            ask_engine_question(walk)
        else:
            walk.run()
            walk.ask()
            walk.show_offers()
        walk.change(reminded=True)
    if begin_due(walk):
        ask_on(walk)


def ask_on(walk: Walk) -> None:
    """Whatever was told in between: the open question stands."""
    if walk.session.asking == "leave" and not walk.session.frames:
        walk.change(asking="", leaving_for=None)  # there is nothing to leave any more
    if walk.session.asking:
        ask_engine_question(walk)
    elif not walk.session.person_until:
        walk.ask()
        walk.show_offers()
    start_late(walk)


def remind_at(walk: Walk) -> int:
    session = walk.session
    if session.reminded or not deadline(walk) or walk.frame.call:
        return 0
    return session.heard_at + walk.flow.remind


def start_late(walk: Walk) -> None:
    """A question that an outcome led to only now: its clocks run from now, where they had run down."""
    if any(0 < due <= walk.event.at for due in (remind_at(walk), deadline(walk))):
        walk.change(heard_at=walk.event.at, reminded=False)


def wake_at(walk: Walk) -> int:
    """The resident's one timer, epoch seconds; 0 for none."""
    session = walk.session
    times = [session.person_until, deadline(walk), remind_at(walk)]
    times += [k.until for k in session.kept.values()]
    times += [p.at for p in session.planned]
    times.append(session.parked.until if session.parked else 0)
    return min((t for t in times if t), default=0)
