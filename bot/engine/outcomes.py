"""What came of a call: an outcome belongs to its run, wherever that stands now."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.effects import Count
from bot.engine.events import ActionDelayed, ActionFinished
from bot.engine.flow import Step
from bot.engine.session import Frame, OpenCall
from bot.engine.walk import Walk


def finished(walk: Walk, event: ActionFinished) -> None:
    """A definite outcome. A run that is not on top has its text told; its question waits."""
    call = walk.session.calls.get(event.call)
    if call is None:  # withdrawn by the resident, or told already
        walk.effects.append(Count("outcome.late"))
        return
    walk.change(calls={k: c for k, c in walk.session.calls.items() if k != event.call})
    runs = [f.run for f in walk.session.frames if f.call == event.call]
    if not runs and call.once and call.flow in walk.content.flows:
        runs = [_bring_back(walk, event.call, call)]
    covered = False
    for run in runs:
        at = next(i for i, f in enumerate(walk.session.frames) if f.run == run)
        above = walk.session.frames[at + 1 :]
        walk.change(frames=walk.session.frames[: at + 1])
        step = _step_of(walk, call)
        if step is None:
            walk.say_common("result", flow=walk.title(call.flow))
            walk.change(frames=walk.session.frames[:-1])
        else:
            walk.change_frame(step=step.id)
            walk.settle(step, event.outcome, event.value)
            walk.run()
        walk.change(frames=(*walk.session.frames, *above))
        covered = bool(above)
    if runs and not covered and not walk.session.asking:
        walk.ask()
        walk.show_offers()


def delayed(walk: Walk, event: ActionDelayed) -> None:
    """The result is not known yet: say so, once."""
    frames = walk.session.frames
    call_id = event.call or (frames[-1].call if frames else "")
    call = walk.session.calls.get(call_id)
    if call is None:
        return
    name = "not_sure" if event.sent and call.once else "slow"
    at = next((i for i, f in enumerate(frames) if f.call == call_id), None)
    if at is None or call.told in (name, "not_sure"):
        return
    walk.change(calls={**walk.session.calls, call_id: replace(call, told=name)})
    walk.change(frames=frames[: at + 1])
    own = name in walk.words(walk.frame.flow).texts
    if own or name != "slow" or not event.no_push:
        walk.say(name)
    if event.no_push and not call.told:
        walk.say_common("slow_no_push")
    walk.change(frames=(*walk.session.frames, *frames[at + 1 :]))


def _bring_back(walk: Walk, call_id: str, call: OpenCall) -> int:
    """The run of a change that is no longer open (deleted, stopped): enough of it to tell the end."""
    walk.say_common("result", flow=walk.title(call.flow))
    first = walk.content.flows[call.flow].first
    frame = Frame(call.flow, call.run, first, call=call_id)
    walk.change(frames=(frame, *walk.session.frames))
    return call.run


def _step_of(walk: Walk, call: OpenCall) -> Step | None:
    """The call's step; where an edit renamed it, the step of that flow with the same action."""
    steps = walk.flow.steps
    here = steps.get(walk.frame.step)
    if here is not None and here.port == call.action:
        return here
    named = steps.get(call.step)
    if named is not None and named.port == call.action:
        return named
    return next((s for s in steps.values() if s.port == call.action), None)
