"""The stack of runs: begin, bring up, leave, end. A flow is never on it twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.engine.effects import Count
from bot.engine.flow import Flow, Value
from bot.engine.session import Frame, Kept
from bot.engine.slots import still_fits

if TYPE_CHECKING:
    from bot.engine.turn import Turn


def push(turn: Turn, flow: str, why: str, given: Mapping[str, Value] | None = None) -> None:
    """Begins a run of a flow. `given` is checked like typed answers: what does not fit is asked instead."""
    spec, frame = turn.content.flows[flow], _begun(turn, flow, why)
    turn.change(frames=(*turn.session.frames, frame), reminded=False)
    for slot, value in (given or {}).items():
        if slot in spec.takes and still_fits(spec.slots[slot], value, turn.scope()):
            turn.give(slot, value)


def _begun(turn: Turn, flow: str, why: str) -> Frame:
    """Returns a new run at its first step, on no stack yet."""
    run = turn.session.runs + 1
    turn.change(runs=run)
    turn.tally.begun[run] = flow
    turn.effects.append(Count(f"{flow}.begun"))
    return Frame(flow, run, turn.content.flows[flow].first, why, epoch=turn.session.epoch)


def done(turn: Turn, flow: str) -> bool:
    kept = turn.session.kept.get(flow)
    return kept is not None and kept.until > turn.event.at and kept.run in (0, turn.run)


def fingerprints(turn: Turn, flow: Flow) -> dict[str, str]:
    """Identifies whose data a flow works with: what the flows that it rests on keep now, whatever the slots'
    names."""
    kept = turn.session.kept
    return {f: fingerprint(kept[f]) for f in kept if f in flow.rests and done(turn, f)}


def rested_on(frame: Frame) -> dict[str, str]:
    """Returns the flows that a run has rested on so far, each with the fingerprint of what it had kept."""
    return dict(part.split("=") for part in frame.identity_fingerprint.split() if "=" in part)


def go_into(turn: Turn, flow: str, why: str, given: Mapping[str, Value] | None = None) -> None:
    """Begins a flow; one that is open further down is brought up with its answers instead, unless it was
    handed something else: then it begins anew."""
    frames, given = turn.session.frames, given or {}
    open_at = next((i for i, f in enumerate(frames) if f.flow == flow), None)
    if open_at is None:
        push(turn, flow, why, given)
        return
    end = next((i for i, f in enumerate(frames) if i > open_at and f.why == "start"), len(frames))
    if not given.items() <= frames[open_at].slots.items():
        turn.change(frames=(*frames[:open_at], *frames[end:]))
        push(turn, flow, why, given)
        return
    moved = [replace(f, asked_at=0) for f in frames[open_at:end]]  # with what it requires itself
    moved[0] = replace(moved[0], why=why)
    turn.change(frames=(*frames[:open_at], *frames[end:], *moved))


def leave_for(turn: Turn, flow: str, given: Mapping[str, Value]) -> None:
    """Leaves the whole group for good. Returns to a flow that is open below instead of starting it again.
    It is the same matter: what was kept for the group is kept for that one."""
    left, linked = turn.run, bool(turn.session.frames) and turn.frame.linked
    turn.change(frames=turn.below)
    open_at = next((i for i, f in enumerate(turn.session.frames) if f.flow == flow), None)
    if open_at is None:
        push(turn, flow, "start", given)
        if linked and turn.session.frames:
            turn.change_frame(linked=True)
    else:
        turn.change(frames=turn.session.frames[: open_at + 1])
        turn.change_frame(why="start", asked_at=0)
    kept = turn.session.kept.items()
    turn.change(kept={name: replace(k, run=turn.run) if left and k.run == left else k for name, k in kept})


def groups(frames: tuple[Frame, ...]) -> list[tuple[Frame, ...]]:
    """Splits the stack where the resident began something: each with what it requires or needs."""
    starts = [i for i, f in enumerate(frames) if i == 0 or f.why == "start"]
    return [frames[i:end] for i, end in zip(starts, [*starts[1:], len(frames)], strict=False)]


def _begin_anew(turn: Turn, kept: str) -> None:
    """Begins the runs below anew that would be about somebody else, had they known what is kept now, and
    those that rested on another one's: what they show is told to nobody else."""
    frames, now, calls = tuple[Frame, ...](), fingerprint(turn.session.kept[kept]), turn.session.calls
    for group in groups(turn.session.frames):
        flow = turn.content.flows[group[0].flow]
        others = any(rested_on(f).keys() == {kept} and rested_on(f)[kept] != now for f in group)
        unknown = kept not in flow.requires and flow.rests_on({kept})
        changing = any(f.completed_actions or ((c := calls.get(f.call)) and c.once) for f in group)
        if (others or unknown) and not changing:
            group = (_begun(turn, flow.name, group[0].why),)
        frames += group
    turn.change(frames=frames)


def pop(turn: Turn, reached: bool) -> Frame:
    """Ends the top run and keeps what lasts."""
    frame, flow, changed = turn.frame, turn.flow, False
    if reached and flow.lasts:
        lasting = {n: v for n, v in frame.slots.items() if flow.slots[n].keep}
        before = turn.session.kept.get(flow.name)
        changed = before is None or before.slots != lasting
        until, run = turn.event.at + flow.lasts, turn.run if frame.linked else 0
        kept = {**turn.session.kept, flow.name: Kept(lasting, until, run)}
        if before is not None and before.slots != lasting:  # what rested on it was another person's
            kept = {n: k for n, k in kept.items() if flow.name not in turn.content.flows[n].requires}
        turn.change(kept=kept)
    if any(s.outcome == "done" for s in frame.completed_actions.values()):
        turn.change(after_receipt=flow.name)
    turn.effects.append(Count(f"{flow.name}.{'end' if reached else 'stop'}"))
    turn.tally.over[frame.run] = flow.name
    turn.change(frames=turn.session.frames[:-1])
    if changed and frame.why == "start":
        _begin_anew(turn, flow.name)
    if turn.session.frames:
        turn.change_frame(asked_at=0)
        if frame.completed_actions and frame.why != "start":  # 返回 never goes past its change either
            turn.change_frame(history=(), carried_answers={})
    return frame


def fingerprint(kept: Kept) -> str:
    return hashlib.sha256(repr(sorted(map(repr, kept.slots.values()))).encode()).hexdigest()[:16]
