"""Runs that time begins: beside what is open, never on its stack. They look something up and tell it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from bot.engine.effects import Count, Notice, Say
from bot.engine.session import Frame, Planned
from bot.engine.slots import still_fits
from bot.engine.walk import Walk


def begin_due(walk: Walk) -> bool:
    """Begin what was planned for now or before, as far as the content has it; True if that told something."""
    due = tuple(p for p in walk.session.planned if p.at <= walk.event.at)
    said = len(walk.effects)
    walk.change(planned=tuple(p for p in walk.session.planned if p not in due))
    for planned in due:
        flow = walk.content.flows.get(planned.flow)
        if flow is not None and flow.by_time:
            walk.effects.append(Count(f"{flow.name}.begun"))
            walk.unasked |= flow.name == walk.content.elsewhere
            walk_aside(walk, Frame(flow.name, 0, flow.first), partial(_hand_in, walk, planned))
    if not any(isinstance(e, Say) for e in walk.effects[said:]):
        return False
    walk.effects.append(Notice(walk.title(due[0].flow)))
    return True


def _hand_in(walk: Walk, planned: Planned) -> None:
    for slot, value in planned.given.items():
        if slot in walk.flow.takes and still_fits(walk.flow.slots[slot], value, walk.scope()):
            walk.give(slot, value)


def walk_aside(walk: Walk, frame: Frame, first: Callable[[], None]) -> None:
    """Walk in this run alone. It stays aside while it waits for a call; then nobody waits for that."""
    session = walk.session
    walk.change(frames=(frame,), parked=None)
    first()
    walk.run()
    waits = tuple(f for f in walk.session.frames if f.call)
    unasked = {f.call for f in waits}
    calls = {k: replace(c, told="slow") if k in unasked else c for k, c in walk.session.calls.items()}
    walk.change(
        frames=session.frames,
        parked=session.parked,
        reminded=session.reminded,
        after_receipt=session.after_receipt,
        aside=(*walk.session.aside, *waits),
        calls=calls,
    )
