"""Beginning something else: a flow or a page that a trigger, a button or an offer leads to."""

from __future__ import annotations

from bot.engine import holdings
from bot.engine.effects import Offer, Option
from bot.engine.park import resume
from bot.engine.session import Frame, Offered
from bot.engine.slots import Choice, chosen, in_full, normal
from bot.engine.walk import DEPTH, Walk


def begin(walk: Walk, offered: Offered) -> None:
    """A page is answered beside what is open. A flow that is open is returned to, never started twice."""
    if offered.page:
        page(walk, offered.page)
        return
    if offered.resume and resume(walk):
        return
    frames = walk.session.frames
    open_at = next((i for i, f in enumerate(frames) if f.flow == offered.flow), None)
    if open_at is not None:
        if open_at < walk.base():
            _return_to(walk, open_at)
        return
    if frames and _must_ask(walk, offered):
        _ask_to_leave(walk, offered)
        return
    if offered.flow == walk.content.person:  # it stays open, but who waits for a person must know
        walk.say_unfinished(*walk.session.frames)
    walk.push(offered.flow, "start", offered.given)


def page(walk: Walk, name: str) -> None:
    walk.say_page(name)
    walk.offer_later(walk.content.pages[name].offer)


def _return_to(walk: Walk, open_at: int) -> None:
    """Drop the digressions above the group of that frame."""
    frames = walk.session.frames
    end = next((i for i, f in enumerate(frames) if i > open_at and f.why == "start"), len(frames))
    if any(c.once for f in frames[end:] if (c := walk.session.calls.get(f.call))):
        walk.say_common("submitting")
        return
    walk.say_unfinished(*frames[end:])
    walk.change(frames=frames[:end])
    walk.change_frame(asked_at=0)
    walk.say_resumed()


def _must_ask(walk: Walk, offered: Offered) -> bool:
    """Whether beginning the other flow would put aside something that the resident should decide on."""
    frames, flow = walk.session.frames, walk.content.flows[offered.flow]
    below = frames[walk.base()].flow
    if walk.open_once() or offered.flow == walk.content.person or below in flow.requires:
        return False
    if below == walk.content.person:
        walk.change(frames=frames[: walk.base()])
        return bool(walk.session.frames) and _must_ask(walk, offered)
    return flow.changes or sum(f.why == "start" for f in frames) > DEPTH


def _ask_to_leave(walk: Walk, offered: Offered) -> None:
    walk.change(asking="leave", leaving_for=offered)
    ask_engine_question(walk)


def ask_engine_question(walk: Walk) -> None:
    """The engine's own question stands before the flow's."""
    session = walk.session
    if session.asking == "forget":
        holdings.ask_to_forget(walk)
        return
    if session.asking == "leave" and session.leaving_for is not None:
        walk.say_common("busy", flow=walk.title(session.frames[walk.base()].flow))
    else:
        walk.say_own("cancel_which", Frame(_undone(walk), 0, ""), flow=_undone_title(walk))
    choices = _engine_choices(walk)
    options = tuple(Option(c.label, c.tap, c.number) for c in choices)
    walk.effects.append(Offer(options, walk.common("choose")))


def _engine_choices(walk: Walk) -> tuple[Choice, ...]:
    session, tag = walk.session, f"{walk.session.runs}.-."
    if session.asking == "forget":
        return holdings.forget_choices(walk)
    if session.asking == "leave" and session.leaving_for is not None:
        here = walk.title(session.frames[walk.base()].flow)
        other = walk.title(session.leaving_for.flow)
        return (
            Choice("stay", walk.common("busy_stay", flow=here, other=other), 1, tag + "stay"),
            Choice("leave", walk.common("busy_leave", flow=here, other=other), 2, tag + "leave"),
        )
    done = _undone(walk)
    return (
        Choice("restore", walk.own_label("cancel_restore", done), 1, tag + "restore"),
        Choice("quit", walk.own_label("cancel_leave", done), 2, tag + "quit"),
    )


def _undone(walk: Walk) -> str:
    """The flow whose change was just made and may be taken back."""
    back = walk.session.leaving_for
    flows = [f.name for f in walk.content.flows.values() if back is not None and f.undo == back.flow]
    last = walk.session.result
    return last.flow if last is not None and last.flow in flows else next(iter(flows), "")


def _undone_title(walk: Walk) -> str:
    done = _undone(walk)
    return walk.title(done) if done else ""


def answer_engine_question(walk: Walk, text: str, tap: str) -> bool:
    """True if this answered "leave this first?", "which cancel?" or "delete?"; anything else withdraws it."""
    session = walk.session
    if not session.asking:
        return False
    stale = session.asking == "leave" and not session.frames
    choices = () if stale else _engine_choices(walk)
    choice = next((c for c in choices if c.tap == tap), None) if tap else chosen(text, choices)
    if choice is None and not tap and normal(text) in walk.content.no and choices:
        choice = choices[0 if session.asking == "leave" else 1]
    elif choice is None and not tap and normal(text) in walk.content.yes and session.asking == "forget":
        choice = choices[0]
    done = Frame(_undone(walk), 0, "")
    walk.change(asking="", leaving_for=None)
    if session.frames and walk.here.kind in ("confirm", "consent"):
        walk.change_frame(asked_at=0)  # a yes to that question is none to this one, which is asked anew
    if choice is None:
        return False
    if choice.value == "leave" and session.leaving_for is not None:
        walk.say_unfinished(*session.frames[walk.base() :])
        walk.leave_for(session.leaving_for.flow, session.leaving_for.given)
    elif choice.value == "restore" and session.leaving_for is not None:
        begin(walk, session.leaving_for)
    elif choice.value == "forget":
        holdings.forget(walk)
    elif choice.value == "keep":
        walk.say_common("forget_kept")
    elif choice.value == "quit":
        walk.leave("cancel")
        walk.say_unfinished(*session.frames[walk.base() :])
        walk.change(frames=session.frames[: walk.base()])
        walk.say_own("stopped_lost", done)
    return True


def _tap_name(offered: Offered) -> str:
    return f"page.{offered.page}" if offered.page else offered.flow


def offered_by(walk: Walk, text: str, tap: str) -> Offered | None:
    """The follow-up meant by a tap (an old one still leads there) or, with nothing open, by a number."""
    session = walk.session
    if tap:
        run, _, rest = tap.partition(".-")
        number, _, name = rest.partition(".")
        if not name or not number:
            return None
        if run == session.offered_tag:
            for n, o in enumerate(session.offered, 1):  # it may have been handed something
                if number == str(n) and name == _tap_name(o):
                    return o
        page_name = name.removeprefix("page.")
        if name != page_name:
            return Offered(page=page_name) if page_name in walk.content.pages else None
        return Offered(name) if walk.known(Offered(name)) else None
    if (
        session.frames or walk.event.untold or session.offered_tag != str(session.runs)
    ):  # a number means the last list shown
        return None
    choices = tuple(
        Choice(str(n), walk.offered_label(o), n) for n, o in enumerate(session.offered, 1) if walk.known(o)
    )
    choice = chosen(text, choices)
    if choice and normal(text) in walk.content.triggers and not in_full(normal(text), choices):
        return None  # “卡丢了” is a flow's own phrase before it is a part of “卡丢了要看病”
    return session.offered[choice.number - 1] if choice else None
