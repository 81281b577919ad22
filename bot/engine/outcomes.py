"""What came of a call: an outcome belongs to its run, wherever that stands now."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine import aside, timers
from bot.engine.effects import Count, Notice, Say
from bot.engine.events import ActionDelayed, ActionFinished
from bot.engine.flow import Step
from bot.engine.revise import revise_parked
from bot.engine.session import Frame, OpenCall, Result
from bot.engine.walk import Walk

RESULT_KEPT = 86400
"""Seconds a result is told again to whoever asks: its first telling may have been lost on the way."""


def finished(walk: Walk, event: ActionFinished) -> None:
    """A definite outcome. A run that is not on top has its text told; its question waits."""
    call = walk.session.calls.get(event.call)
    if call is None:  # withdrawn by the resident or by an edit, or told already
        walk.effects.append(Count("outcome.late"))
        _go_on(walk)
        return
    walk.change(calls={k: c for k, c in walk.session.calls.items() if k != event.call})
    if call.once:
        walk.drop_plans(call.flow, call.subject, event.outcome)
    waits = next((f for f in walk.session.aside if f.call == event.call), None)
    if waits is not None:
        _go_on_aside(walk, waits, call, event)
        return
    said = len(walk.effects)
    runs = [f.run for f in walk.session.frames if f.call == event.call]
    parked = walk.session.parked
    gone = not runs and call.once
    if gone:
        runs = _bring_back(walk, event, call)
    for run in runs:
        _settle(walk, run, call, event)
    if gone:
        walk.change(parked=parked)  # of that run nothing is left to go on with
    if call.once:
        says = tuple((e.id, e.text) for e in walk.effects[said:] if isinstance(e, Say))
        walk.change(result=Result(call.flow, says, event.at + RESULT_KEPT, event.outcome))
    if not runs:
        _go_on(walk)
        return
    revise_parked(walk, walk.session.revision != walk.content.revision)
    if call.once and call.flow in walk.content.flows:
        walk.effects.append(Notice(walk.title(call.flow)))
    timers.ask_on(walk)


def _go_on_aside(walk: Walk, frame: Frame, call: OpenCall, event: ActionFinished) -> None:
    """A run that time began: what it has to tell stands before the open question; often it is nothing."""
    walk.change(aside=tuple(f for f in walk.session.aside if f is not frame))

    def on() -> None:
        step = _step_of(walk, call)
        if step is not None:
            walk.change_frame(step=step.id)
            walk.settle(step, event.outcome, event.value)

    aside.walk_aside(walk, frame, on)
    if walk.said():
        walk.effects.append(Notice(walk.title(frame.flow)))
        timers.ask_on(walk)


def _settle(walk: Walk, run: int, call: OpenCall, event: ActionFinished) -> None:
    """Walk on in the run that waited, under whatever has been begun above it since."""
    at = next((i for i, f in enumerate(walk.session.frames) if f.run == run), None)
    if at is None:
        return
    above = walk.session.frames[at + 1 :]
    walk.change(frames=walk.session.frames[: at + 1])
    step = _step_of(walk, call)
    if step is None:
        walk.say_common("outcome", outcome=event.outcome)
        walk.change(frames=walk.session.frames[:-1])
    else:
        walk.change_frame(step=step.id, since=walk.frame.since if walk.frame.step == step.id else 0)
        said = len(walk.effects)
        walk.settle(step, event.outcome, event.value)
        walk.run()
        _whole(walk, said, event.outcome)
    below = walk.session.frames
    open_above = {f.flow for f in above}
    twice = next((i for i, f in enumerate(below) if f.flow in open_above), len(below))
    walk.change(frames=(*below[:twice], *above))  # what this began anew is open already


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
    walk.say(name)
    if event.no_push and not call.told:
        walk.say_common("slow_no_push")
    walk.change(frames=(*walk.session.frames, *frames[at + 1 :]))


def _go_on(walk: Walk) -> None:
    """An edit took away the step that waited for this: the flow is walked again."""
    if (
        walk.session.top
        and walk.session.top.revised
        and not walk.session.asking
        and not walk.session.person_until
    ):
        walk.run()
        walk.ask()
        walk.show_offers()


def _whole(walk: Walk, said: int, outcome: str) -> None:
    """What became of a change is told in any case: plainly, where an edit let its own text count on something
    that this run never asked for."""
    for at, effect in enumerate(walk.effects[said:], said):
        if isinstance(effect, Say) and effect.id.endswith("!"):
            walk.effects = walk.effects[:at]
            walk.say_common("outcome", outcome=outcome)
            return


def _bring_back(walk: Walk, event: ActionFinished, call: OpenCall) -> list[int]:
    """The run of a change that is no longer open (deleted, stopped): enough of it to tell the end."""
    flows = walk.content.flows
    making = [f.name for f in flows.values() if any(s.port == call.action for s in f.steps.values())]
    name = call.flow if call.flow in flows else next(iter(making), "")
    if not name:
        walk.say_common("outcome", outcome=event.outcome)
        return []
    walk.say_common("result", flow=walk.title(name))
    frame = Frame(name, call.run, flows[name].first, call=event.call)
    walk.change(frames=(frame, *walk.session.frames))
    return [call.run]


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
