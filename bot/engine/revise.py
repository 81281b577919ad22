"""A live session under new content: same step, it goes on; changed, it is asked again; gone, the flow is
walked again with the answers that still hold. The resident is told once."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.flow import Flow
from bot.engine.session import Frame, Mark
from bot.engine.slots import still_fits
from bot.engine.walk import Walk


def revise(walk: Walk) -> None:
    """Bring every open frame to the content at hand; marks the turn where the top question is another one."""
    session, flows = walk.session, walk.content.flows
    frames: list[Frame] = []
    changed = False
    for frame in session.frames:
        flow = flows.get(frame.flow)
        if flow is None:  # and what it was required for begins again without it
            changed = True
            break
        revised = _revised(frame, flow)
        frames.append(revised)
    if frames and session.frames and not frames[-1].call:
        top, was = frames[-1], session.frames[-1]
        changed |= top.mark != was.mark
    if tuple(frames) != session.frames:
        walk.change(frames=tuple(frames))
    offered = tuple(o for o in session.offered if walk.known(o))
    if offered != session.offered:
        walk.change(offered=())
    if session.asking and (session.leaving_for is None or not walk.known(session.leaving_for)):
        walk.change(asking="", leaving_for=None)
    if changed:
        walk.change(asking="", leaving_for=None)
        walk.revised = True  # what the resident says now was an answer to another question


def _revised(frame: Frame, flow: Flow) -> Frame:
    slots = {s.renamed: s for s in flow.slots.values() if s.renamed}
    log = []
    kept_at: list[int] = []
    for index, (name, value) in enumerate(frame.log):
        slot = flow.slots.get(name) or slots.get(name)
        if slot is not None and still_fits(slot, value):
            log.append((slot.name, value))
            kept_at.append(index)
    renamed = {s.renamed: s.id for s in flow.steps.values() if s.renamed}
    step = frame.step if frame.step in flow.steps else renamed.get(frame.step, "")
    trail = tuple(
        Mark(id_, sum(i < m.before for i in kept_at))
        for m in frame.trail
        if (id_ := m.step if m.step in flow.steps else renamed.get(m.step, ""))
        and flow.steps[id_].kind == "collect"
    )
    frame = replace(frame, log=tuple(log), trail=trail)
    if not step:  # gone: walk again from the beginning; answers that hold are passed over
        return replace(frame, step=flow.first, mark="", wrong=0, asked_at=0)
    if frame.mark and flow.steps[step].hash != frame.mark:
        return replace(frame, step=step, mark="", wrong=0, asked_at=0)
    return replace(frame, step=step)
