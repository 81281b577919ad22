"""Runs suspended for 继续, by an outage or by expiry."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.flow import PII_TYPES, Flow
from bot.engine.session import Frame, Suspended
from bot.engine.turn import Turn


def impersonal(frame: Frame, flow: Flow) -> Frame:
    """Returns a frame without its personal answers, to be walked again from its beginning."""
    dropped = PII_TYPES | {"record", "list", "place", "code", "pattern"}
    kept = {n for n, s in flow.slots.items() if s.type not in dropped and not s.entries_of}
    return from_start(
        replace(
            frame,
            answers=tuple(e if e[0] in kept else (e[0], "") for e in frame.answers),
            carried_answers={n: v for n, v in frame.carried_answers.items() if n in kept},
        ),
        flow,
    )


def from_start(frame: Frame, flow: Flow) -> Frame:
    """Returns a frame to be walked again from its beginning: answers are held and skipped where they fit,
    values that were looked up or set are obtained again."""
    given = {n: v for n, v in frame.slots.items() if v and n in flow.slots}
    answered = {s.slot for m in frame.history if (s := flow.steps.get(m.step)) is not None}
    return Frame(
        frame.flow,
        frame.run,
        flow.first,
        frame.why,
        answers=tuple((n, v) for n, v in given.items() if n in flow.takes and n not in answered),
        carried_answers={**frame.carried_answers, **{n: v for n, v in given.items() if n in answered}},
        counts=frame.counts,
        completed_actions=frame.completed_actions,
        refused=frame.refused,
        epoch=frame.epoch,
    )


def stripped(turn: Turn, suspended: Suspended) -> Suspended | None:
    flows = turn.content.flows
    begun = (f for f in suspended.frames if f.why == "start" and f.flow in flows)
    frames = tuple(impersonal(f, flows[f.flow]) for f in begun)
    return Suspended(frames, 0) if frames else None


def _below(turn: Turn) -> tuple[Frame, ...]:
    """What is open besides the flow that leads to a person."""
    frames = turn.session.frames
    return turn.below if frames and turn.group[0].flow == turn.content.person else frames


def resumable(turn: Turn) -> str:
    """The flow that 继续 goes on with, "" if there is none."""
    suspended, frames = turn.session.suspended, _below(turn)
    if suspended is None or not suspended.frames or (frames == turn.session.frames != ()):
        return ""
    opened = {f.flow for f in frames}
    return "" if any(f.flow in opened for f in suspended.frames) else suspended.frames[0].flow


def say_nothing_open(turn: Turn) -> None:
    """Says that nothing is open, or what 继续 goes on with."""
    if flow := resumable(turn):
        turn.say_common("on_hold", "nothing_open", flow=turn.title(flow))
    else:
        turn.say_common("nothing_open")


def resume(turn: Turn) -> bool:
    """Resumes the suspended runs; False if there were none. Replaces the flow that leads to a person."""
    suspended, frames = turn.session.suspended, _below(turn)
    if suspended is None or not resumable(turn):
        return False
    back = tuple(replace(f, call="", asked_at=0, since=0) for f in suspended.frames)
    turn.change(suspended=None, frames=(*frames, *back))
    turn.say_resumed()
    return True
