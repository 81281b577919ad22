"""A live session under new content: same step, it goes on; changed, it is asked again; gone, the flow is
walked again with the answers that still hold. The resident is told once."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.flow import Flow, Value
from bot.engine.park import from_start
from bot.engine.scope import Scope
from bot.engine.session import Frame, Mark
from bot.engine.slots import still_fits
from bot.engine.walk import Walk


def revise(walk: Walk) -> None:
    """Bring every frame to the content at hand; marks the turn where the top question is another one."""
    session = walk.session
    frames = _revised_all(walk, session.frames)
    top, was = (frames or (None,))[-1], session.top
    if frames != session.frames:
        walk.change(frames=frames)
        walk.leave("edited")
    if session.parked and (parked := _revised_all(walk, session.parked.frames)) != session.parked.frames:
        walk.change(parked=replace(session.parked, frames=parked) if parked else None)
    if not all(map(walk.known, session.offered)):
        walk.change(offered=())
    if session.asking and (session.leaving_for is None or not walk.known(session.leaving_for)):
        walk.change(asking="", leaving_for=None)
    if was and not was.call and (top is None or top.run != was.run or top.mark != was.mark):
        walk.change(asking="", leaving_for=None)
        walk.revised = True  # what the resident says now was an answer to another question


def _revised_all(walk: Walk, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Without the flows that are gone and what these required; what they were required for begins again."""
    found: list[Frame] = []
    gone = False
    for frame in frames:
        flow = walk.content.flows.get(frame.flow)
        gone = flow is None or (gone and frame.why != "start")
        if flow is not None and not gone:
            found.append(_revised(walk, frame, flow))
    return tuple(found)


def _revised(walk: Walk, frame: Frame, flow: Flow) -> Frame:
    slots = {s.renamed: s for s in flow.slots.values() if s.renamed}
    steps = {s.renamed: s.id for s in flow.steps.values() if s.renamed}
    log: list[tuple[str, Value]] = []
    kept_at: list[int] = []
    lost = False  # an answer or something looked up, on which what came after rests
    for index, (name, value) in enumerate(frame.log):
        slot = flow.slots.get(name) or slots.get(name)
        scope = Scope(walk.content, walk.session, replace(frame, log=tuple(log)), walk.event.at)
        if slot is not None and still_fits(slot, value, scope):
            log.append((slot.name, value))
            kept_at.append(index)
        else:
            lost |= slot is not None and frame.slots[name] == value
    step = frame.step if frame.step in flow.steps else steps.get(frame.step, "")
    trail = tuple(
        Mark(id_, sum(i < m.before for i in kept_at))
        for m in frame.trail
        if (id_ := m.step if m.step in flow.steps else steps.get(m.step, ""))
        and flow.steps[id_].kind == "collect"
        and flow.steps[id_].slot in dict(log)
    )
    held = {n: v for n, v in frame.held.items() if n in flow.slots}
    frame = replace(frame, log=tuple(log), trail=trail, held=held)
    waits = walk.session.calls.get(frame.call)
    if waits is not None and (waits.once or not lost):
        return replace(frame, step=step or flow.first)
    if not step or lost:  # walk again from the beginning; answers that hold are passed over
        return from_start(frame, flow)
    if frame.mark and flow.steps[step].hash != frame.mark:
        return replace(frame, step=step, mark="", wrong=0, asked_at=0, since=0)
    return replace(frame, step=step)
