"""A flow's own words where the engine speaks for it: that it stopped, that its change is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.engine.effects import Say
from bot.engine.flow import Text, Value
from bot.engine.scope import Scope
from bot.engine.session import DONE, Frame
from bot.engine.wording import Missing, render

if TYPE_CHECKING:
    from bot.engine.turn import Turn


def say(turn: Turn, name: str, *frames: Frame, **extra: Value) -> None:
    """Says a text of the first of these runs whose flow has one of that name; else the engine's own."""
    own = next((say for frame in frames if (say := _rendered(turn, name, frame)) is not None), None)
    if own is None:
        turn.say_common(name, **extra)
    else:
        turn.effects.append(own)


def label(turn: Turn, name: str, flow: str) -> str:
    return turn.label(_text(turn, name, flow), "") or turn.common(name)


def say_meanwhile(turn: Turn, frame: Frame) -> None:
    """Says what a flow tells while it cannot be done here, if it does."""
    if (say := _rendered(turn, "meanwhile", frame)) is not None:
        turn.effects.append(say)


def say_unfinished(turn: Turn, *frames: Frame) -> None:
    """Says before all else that runs are left before their change.

    Not if the change is made or may be: then the text would be untrue.
    """
    for frame in frames:
        say = _rendered(turn, "unfinished", frame)
        if say is not None and say not in turn.first and not _may_be_made(turn, frame):
            turn.first.append(say)


def _may_be_made(turn: Turn, frame: Frame) -> bool:
    """Checks for a change of this run, or an earlier one of its flow that is in force as far as known."""
    session, flow = turn.session, turn.content.flows[frame.flow]
    if any(s.outcome in DONE for s in frame.completed_actions.values()):
        return True
    if any(c.once and c.flow in (flow.name, flow.undo) for c in session.calls.values()):
        return True
    if any(flow.slots[s].type == "record" for s in frame.slots if s in flow.slots):
        return False  # looked up in this run: the text's variants know
    result, later = session.result, flow.leads("later")
    made = result is not None and result.flow == flow.name and result.outcome in ("", *DONE)
    return made or any(p.flow in later for p in session.scheduled)


def _rendered(turn: Turn, name: str, frame: Frame) -> Say | None:
    text = _text(turn, name, frame.flow)
    if text is None:
        return None
    try:
        words = render(text, Scope(turn.content, turn.session, frame, turn.event.at, {}))
    except Missing:
        return None
    return Say(f"{frame.flow}.{name}", words)


def _text(turn: Turn, name: str, flow: str) -> Text | None:
    """Returns the flow's text of a name; one that a step uses is not for the engine."""
    spec = turn.content.flows.get(flow)
    if spec is None or any(step.text == name for step in spec.steps.values()):
        return None
    return turn.words(flow).texts.get(name)
