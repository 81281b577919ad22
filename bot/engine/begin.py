"""Begins a flow or a page that a trigger, a button or an offer leads to."""

from __future__ import annotations

from bot.engine import asking, holdings, own_texts, stack
from bot.engine.effects import Offer, Option
from bot.engine.events import TextReceived
from bot.engine.session import Frame, Offered
from bot.engine.suspend import resume
from bot.engine.turn import Turn
from bot.engine.walk import DEPTH
from bot.reading.agree import Answer, decided
from bot.reading.choices import Choice, chosen, in_full


def begin(turn: Turn, offered: Offered) -> None:
    """Begins a flow or page. A page leaves the open flow as it is; an open flow is returned to, not started
    twice."""
    if offered.page:
        page(turn, offered.page)
        return
    if offered.resume and resume(turn):
        return
    frames = turn.session.frames
    open_at = next((i for i, f in enumerate(frames) if f.flow == offered.flow), None)
    if open_at is not None:
        if open_at < turn.base():
            _return_to(turn, open_at)
        elif offered.flow == turn.content.person and _asked_to_connect(turn):
            turn.here.choose(turn, "agreed")
        return
    if frames and _must_ask(turn, offered):
        _ask_to_leave(turn, offered)
        return
    if offered.flow == turn.content.person:  # it stays open, but the resident must know
        own_texts.say_unfinished(turn, *turn.session.frames)
    stack.push(turn, offered.flow, "start", offered.given)


def _asked_to_connect(turn: Turn) -> bool:
    """Checks whether a person is asked for once more, in writing, where it is asked whether to connect: 人工
    is a yes; a second tap may be a trembling hand."""
    written = isinstance(turn.event, TextReceived) and not turn.event.tap
    asked = turn.here.decides and not turn.here.before_once and bool(turn.frame.asked_at)
    return written and asked and not turn.revised


def page(turn: Turn, name: str) -> None:
    turn.say_page(name)
    asking.offer_later(turn, turn.content.pages[name].offer)


def _return_to(turn: Turn, open_at: int) -> None:
    """Drops the digressions above the group of that frame."""
    frames = turn.session.frames
    end = next((i for i, f in enumerate(frames) if i > open_at and f.why == "start"), len(frames))
    if any(c.once for f in frames[end:] if (c := turn.session.calls.get(f.call))):
        turn.say_common("submitting")
        return
    own_texts.say_unfinished(turn, *frames[end:])
    turn.back_to(frames[:end])


def _must_ask(turn: Turn, offered: Offered) -> bool:
    """Checks whether beginning the other flow would suspend one, which the resident should decide."""
    frames, flow = turn.session.frames, turn.content.flows[offered.flow]
    here = turn.group[0].flow
    if turn.open_once() or offered.flow == turn.content.person or here in flow.requires:
        return False
    if here == turn.content.person:
        turn.change(frames=turn.below)
        return bool(turn.session.frames) and _must_ask(turn, offered)
    return flow.changes or sum(f.why == "start" for f in frames) > DEPTH


def _ask_to_leave(turn: Turn, offered: Offered) -> None:
    turn.change(system_question="leave", pending_target=offered)
    ask_engine_question(turn)


def ask_engine_question(turn: Turn) -> None:
    """Asks the engine's own question before the flow's."""
    session = turn.session
    if session.system_question == "forget":
        holdings.ask_to_forget(turn)
        return
    if session.system_question == "leave" and session.pending_target is not None:
        turn.say_common("busy", flow=turn.title(turn.group[0].flow))
    else:
        own_texts.say(turn, "cancel_which", Frame(_undone(turn), 0, ""), flow=_undone_title(turn))
    choices = _engine_choices(turn)
    options = tuple(Option(c.label, c.tap, c.number) for c in choices)
    turn.effects.append(Offer(options, turn.common("choose")))


def _engine_choices(turn: Turn) -> tuple[Choice, ...]:
    session, tag = turn.session, f"{turn.session.runs}.-."
    if session.system_question == "forget":
        return holdings.forget_choices(turn)
    if session.system_question == "leave" and session.pending_target is not None:
        here = turn.title(turn.group[0].flow)
        other = turn.title(session.pending_target.flow)
        return (
            Choice("stay", turn.common("busy_stay", flow=here, other=other), 1, tag + "stay"),
            Choice("leave", turn.common("busy_leave", flow=here, other=other), 2, tag + "leave"),
        )
    done = _undone(turn)
    return (
        Choice("restore", own_texts.label(turn, "cancel_restore", done), 1, tag + "restore"),
        Choice("quit", own_texts.label(turn, "cancel_leave", done), 2, tag + "quit"),
    )


def _undone(turn: Turn) -> str:
    """Returns the flow whose change was just made and may be taken back."""
    back = turn.session.pending_target
    flows = [f.name for f in turn.content.flows.values() if back is not None and f.undo == back.flow]
    last = turn.session.result
    return last.flow if last is not None and last.flow in flows else next(iter(flows), "")


def _undone_title(turn: Turn) -> str:
    done = _undone(turn)
    return turn.title(done) if done else ""


def answer_engine_question(turn: Turn, tap: str) -> bool:
    """Returns True if this answered "leave this first?", "which cancel?" or "delete?"; anything else
    withdraws it."""
    session = turn.session
    if not session.system_question:
        return False
    stale = session.system_question == "leave" and not session.frames
    choices = () if stale else _engine_choices(turn)
    choice, said = next((c for c in choices if c.tap == tap), None) if tap else None, turn.message
    if session.system_question == "forget" and not tap and not said.normal.isdigit():
        agreed = decided(said, Answer(choices[0].label), Answer(choices[1].label), turn.content.plain)
        choice = None if agreed is None else choices[0 if agreed else 1]
    elif not tap:
        choice = chosen(said, choices)
        if choice is None and said.normal in turn.content.no and choices:
            choice = choices[0 if session.system_question == "leave" else 1]
    done = Frame(_undone(turn), 0, "")
    turn.change(system_question="", pending_target=None)
    if session.frames and turn.here.decides:
        turn.change_frame(asked_at=0)  # a yes to that question is no answer to this one, which is asked again
    if choice is None:
        return False
    if choice.value == "leave" and session.pending_target is not None:
        own_texts.say_unfinished(turn, *turn.group)
        stack.leave_for(turn, session.pending_target.flow, session.pending_target.given)
    elif choice.value == "restore" and session.pending_target is not None:
        begin(turn, session.pending_target)
    elif choice.value == "forget":
        holdings.forget(turn)
    elif choice.value == "keep":
        turn.say_common("forget_kept")
    elif choice.value == "quit":
        turn.tally.leave("cancel")
        own_texts.say_unfinished(turn, *turn.group)
        turn.change(frames=turn.below)
        own_texts.say(turn, "stopped_lost", done)
    return True


def _tap_name(offered: Offered) -> str:
    return f"page.{offered.page}" if offered.page else offered.flow


def offered_by(turn: Turn, tap: str) -> Offered | None:
    """Returns the follow-up of a tap (an old one still works) or, with nothing open, of a number."""
    session = turn.session
    if tap:
        run, _, rest = tap.partition(".-")
        number, _, name = rest.partition(".")
        if not name or not number:
            return None
        if run == session.offered_tag:
            for n, o in enumerate(session.offered, 1):  # it may have been passed some slots
                if number == str(n) and name == _tap_name(o):
                    return o
        page_name = name.removeprefix("page.")
        if name != page_name:
            return Offered(page=page_name) if page_name in turn.content.pages else None
        return Offered(name) if turn.known(Offered(name)) else None
    if (
        session.frames or turn.event.has_pending_replies or session.offered_tag != str(session.runs)
    ):  # a number means the last list shown
        return None
    choices = tuple(
        Choice(str(n), asking.offered_label(turn, o), n)
        for n, o in enumerate(session.offered, 1)
        if turn.known(o)
    )
    choice = chosen(turn.message, choices)
    if choice and turn.message.normal in turn.content.triggers and not in_full(turn.message.normal, choices):
        return None  # “卡丢了” is a flow's own phrase before it is a part of “卡丢了要看病”
    return session.offered[choice.number - 1] if choice else None
