"""Handles the outcome of a call: it belongs to its run, wherever that is now."""

from __future__ import annotations

from bot.engine import asking, background_runs, timers, walk
from bot.engine.effects import Count, Notice, Say
from bot.engine.events import ActionFinished
from bot.engine.flow import Step
from bot.engine.migrate import migrate_suspended
from bot.engine.session import Frame, OpenCall, Result
from bot.engine.steps.action import settle
from bot.engine.steps.later import drop_scheduled
from bot.engine.turn import Turn

RESULT_KEPT = 86400
"""Seconds for which a result is repeated on demand: its first message may have been lost."""


def finished(turn: Turn, event: ActionFinished) -> None:
    """Handles a definite outcome. A run that is not on top reports it; its question waits."""
    call = turn.session.calls.get(event.call)
    if call is None:  # withdrawn by the resident or by an edit, or reported already
        turn.effects.append(Count("outcome.late"))
        _go_on(turn)
        return
    turn.change(calls={k: c for k, c in turn.session.calls.items() if k != event.call})
    if call.once:
        drop_scheduled(turn, call.flow, call.subject, event.outcome)
    waits = next((f for f in turn.session.background_runs if f.call == event.call), None)
    if waits is not None:
        _continue_alone(turn, waits, call, event)
        return
    said = len(turn.effects)
    runs = [f.run for f in turn.session.frames if f.call == event.call]
    suspended = turn.session.suspended
    gone = not runs and call.once
    if gone:
        runs = _bring_back(turn, event, call)
    for run in runs:
        _settle(turn, run, call, event)
    if gone:
        turn.change(suspended=suspended)  # nothing of that run is left to go on with
    if call.once:
        says = tuple((e.id, e.text) for e in turn.effects[said:] if isinstance(e, Say))
        turn.change(result=Result(call.flow, says, event.at + RESULT_KEPT, event.outcome))
    if not runs:
        _go_on(turn)
        return
    migrate_suspended(turn, turn.session.revision != turn.content.edition)
    if call.once and call.flow in turn.content.flows:
        turn.effects.append(Notice(turn.title(call.flow)))
    timers.ask_on(turn)


def _continue_alone(turn: Turn, frame: Frame, call: OpenCall, event: ActionFinished) -> None:
    """Continues a scheduled run: its message comes before the open question; often there is none."""
    turn.change(background_runs=tuple(f for f in turn.session.background_runs if f is not frame))

    def on() -> None:
        step = _step_of(turn, call)
        if step is not None:
            turn.put(turn.frame.renamed(step.id))
            settle(turn, step, event.outcome, event.value)

    background_runs.run_alone(turn, frame, on)
    if turn.said():
        turn.effects.append(Notice(turn.title(frame.flow)))
        timers.ask_on(turn)


def _settle(turn: Turn, run: int, call: OpenCall, event: ActionFinished) -> None:
    """Continues the run that waited, below whatever has been begun above it since."""
    at = next((i for i, f in enumerate(turn.session.frames) if f.run == run), None)
    if at is None:
        return
    above = turn.session.frames[at + 1 :]
    turn.change(frames=turn.session.frames[: at + 1])
    step = _step_of(turn, call)
    if step is None:
        turn.say_common("outcome", outcome=event.outcome)
        turn.change(frames=turn.session.frames[:-1])
    else:
        turn.put(turn.frame.renamed(step.id))
        said, now = len(turn.effects), turn.content
        then = now.at(turn.frame.since or event.at)
        if call.once:  # it was agreed to then, whatever values hold now
            turn.content = then
        if turn.content is then:
            settle(turn, step, event.outcome, event.value)
        else:
            turn.change_frame(call="", since=0)  # looked up once more
        walk.run(turn)
        _whole(turn, said, event.outcome)
        turn.content = now
    below = turn.session.frames
    open_above = {f.flow for f in above}
    twice = next((i for i, f in enumerate(below) if f.flow in open_above), len(below))
    turn.change(frames=(*below[:twice], *above))  # what this began anew is open already


def _go_on(turn: Turn) -> None:
    """Walks the flow again if an edit removed the step that waited for this."""
    if (
        turn.session.top
        and turn.session.top.revised
        and not turn.session.system_question
        and not turn.session.handoff_until
    ):
        walk.run(turn)
        asking.ask(turn)
        asking.show_offers(turn)


def _whole(turn: Turn, said: int, outcome: str) -> None:
    """Reports a change's outcome in any case: in a plain text, if an edited text needs a value that this run
    never asked for."""
    for at, effect in enumerate(turn.effects[said:], said):
        if isinstance(effect, Say) and effect.id.endswith("!"):
            turn.effects = turn.effects[:at]
            turn.say_common("outcome", outcome=outcome)
            return


def _bring_back(turn: Turn, event: ActionFinished, call: OpenCall) -> list[int]:
    """Rebuilds the run of a change that is no longer open (deleted, stopped), to report its outcome."""
    flows = turn.content.flows
    making = [f.name for f in flows.values() if any(s.port == call.action for s in f.steps.values())]
    name = call.flow if call.flow in flows else next(iter(making), "")
    if not name:
        turn.say_common("outcome", outcome=event.outcome)
        return []
    turn.say_common("result", flow=turn.title(name))
    frame = Frame(name, call.run, flows[name].first, call=event.call)
    turn.change(frames=(frame, *turn.session.frames))
    return [call.run]


def _step_of(turn: Turn, call: OpenCall) -> Step | None:
    """Returns the call's step; if an edit renamed it, the step of that flow with the same action."""
    steps = turn.flow.steps
    here = steps.get(turn.frame.step)
    if here is not None and here.port == call.action:
        return here
    named = steps.get(call.step)
    if named is not None and named.port == call.action:
        return named
    return next((s for s in steps.values() if s.port == call.action), None)
