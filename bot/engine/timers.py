"""Time: reminder, expiry, the end of a hand-off, and letting go of what has lapsed."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.session import Parked
from bot.engine.walk import Walk, impersonal


def purge(walk: Walk) -> None:
    """Lasting answers go when their time is over; a parked run loses its personal ones."""
    session, at = walk.session, walk.event.at
    if any(k.until <= at for k in session.kept.values()):
        walk.change(kept={f: k for f, k in session.kept.items() if k.until > at})
    if session.parked and 0 < session.parked.until <= at:
        walk.change(parked=_stripped(walk, session.parked))


def _stripped(walk: Walk, parked: Parked) -> Parked | None:
    flows = walk.content.flows
    begun = (f for f in parked.frames if f.why == "start" and f.flow in flows)
    frames = tuple(impersonal(f, flows[f.flow]) for f in begun)
    return Parked(frames, 0) if frames else None


def deadline(walk: Walk) -> int:
    """When the top group expires; 0 while a change is under way or a person has the conversation."""
    session = walk.session
    if not session.frames or session.person_until or any(_once_waits(walk)):
        return 0
    group = session.frames[walk.base() :]
    return session.heard_at + max(walk.content.flows[f.flow].expire for f in group)


def _once_waits(walk: Walk) -> list[bool]:
    calls = (walk.session.calls.get(f.call) for f in walk.session.frames)
    return [True for c in calls if c and c.once]


def expire(walk: Walk) -> bool:
    """Put everything aside that the resident left too long, without its personal answers."""
    due = deadline(walk)
    if not due or walk.event.at < due:
        return False
    frames = walk.session.frames
    walk.change(frames=(), asking="", leaving_for=None, parked=_stripped(walk, Parked(frames, due)))
    _drop_calls(walk)
    return True


def _drop_calls(walk: Walk) -> None:
    """Look-ups that nobody waits for any more; a change stays until it is known."""
    waited = {f.call for f in walk.session.frames}
    walk.change(calls={k: c for k, c in walk.session.calls.items() if c.once or k in waited})


def end_hand_off(walk: Walk) -> None:
    walk.change(person_until=0)
    if walk.session.frames and walk.here.kind == "transfer":
        walk.follow(walk.here.next)
    else:
        walk.say_common("handed_back")


def passed(walk: Walk) -> None:
    """The timer is due: end of hand-off, expiry or reminder; nothing if a message came in between."""
    session, at = walk.session, walk.event.at
    if session.person_until and at >= session.person_until:
        end_hand_off(walk)
        walk.run()
        walk.ask()
        walk.show_offers()
    elif expire(walk):
        walk.say_common("expired")
    elif (due := _remind_at(walk)) and at >= due:
        walk.change(reminded=True)
        walk.say_common("remind")
        walk.ask()


def _remind_at(walk: Walk) -> int:
    session = walk.session
    if session.reminded or not deadline(walk) or walk.frame.call:
        return 0
    return session.heard_at + walk.flow.remind


def wake_at(walk: Walk) -> int:
    """The resident's one timer, epoch seconds; 0 for none."""
    session = walk.session
    times = [session.person_until, deadline(walk), _remind_at(walk)]
    times += [k.until for k in session.kept.values()]
    times.append(session.parked.until if session.parked else 0)
    return min((t for t in times if t), default=0)


def resume(walk: Walk) -> bool:
    """Bring back what was put aside; False if nothing was."""
    parked = walk.session.parked
    flows = walk.content.flows
    frames = tuple(f for f in parked.frames if f.flow in flows) if parked else ()
    if not frames:
        return False
    frames = tuple(replace(f, call="", asked_at=0) for f in frames)
    walk.change(parked=None, frames=(*walk.session.frames, *frames))
    walk.say_common("resumed", flow=walk.title(walk.session.frames[walk.base()].flow))
    return True
