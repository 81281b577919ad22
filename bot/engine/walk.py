"""Moves through the steps until one must wait."""

from __future__ import annotations

from bot.engine import asking, maintenance, own_texts, stack
from bot.engine.effects import Count, Say
from bot.engine.events import ImageReceived, LocationReceived, OtherReceived, TextReceived, VoiceReceived
from bot.engine.flow import Step
from bot.engine.turn import STEP_BUDGET, Turn

DEPTH = 3
MESSAGES = (TextReceived, VoiceReceived, ImageReceived, LocationReceived, OtherReceived)


def run(turn: Turn) -> None:
    """Walks from the top frame's step until a step waits, the stack is empty, or the budget is spent."""
    while turn.session.frames and not turn.frame.call:
        turn.budget -= 1
        if turn.budget < 0:
            _runaway(turn)
            return
        step = turn.here
        if turn.event.maintenance and maintenance.stopped(turn):
            continue
        if _required(turn, step):
            continue
        if turn.left_over[1] and (step.port or step.decides or not (step.quiet or step.slot or step.text)):
            turn.left_over = (0, [])  # the rest of the message answers no question after this
        if step.reach(turn):
            turn.change_frame(mark=asking.question(turn))
            return


def _runaway(turn: Turn) -> None:
    """Stops a loop in the content, says so, and leads to a person."""
    flow = turn.frame.flow
    own_texts.say_unfinished(turn, *turn.session.frames)
    turn.effects = [e for e in turn.effects if not isinstance(e, Say)]
    turn.effects.append(Count(f"{flow}.runaway"))
    turn.tally.leave("runaway")
    turn.change(frames=())
    turn.say_common("broken")
    if flow != turn.content.person and not turn.ran_away:
        turn.ran_away = True
        stack.push(turn, turn.content.person, "start")
        turn.budget = STEP_BUDGET // 2
        run(turn)


def _required(turn: Turn, step: Step) -> bool:
    """Checks required flows when a flow begins and before any action for the resident; before a
    question too that none of those has lapsed on which the run rests besides."""
    if (step.asks or step.port) and renew(turn):
        return True
    if step.id != turn.flow.first and not step.port:
        return False
    missing = next((f for f in turn.flow.requires if not stack.done(turn, f)), None)
    if missing is None:
        return _somebody_else(turn)
    if missing in stack.rested_on(turn.frame):
        _say_lapsed(turn)
    stack.go_into(turn, missing, "requires")
    return True


def renew(turn: Turn) -> bool:
    """Begins a flow anew that the open run rests on, though it need not, and that has lapsed: a family
    member's sign-in. Without it the run would go on about somebody else. Ends the run where there is no
    such flow any more."""
    frame, kept = turn.session.top, turn.session.kept
    if frame is None or frame.call or not frame.identity_fingerprint:
        return False
    rested = f" {frame.identity_fingerprint}"
    for name in turn.flow.rests_besides:
        if name not in kept and f" {name}=" in rested:
            if name not in turn.content.flows:  # switched off meanwhile: nothing can be done for that person
                own_texts.say_unfinished(turn, frame)
                turn.finish(reached=False)
                return True
            _say_lapsed(turn)
            stack.go_into(turn, name, "requires")
            return True
    return False


def _say_lapsed(turn: Turn) -> None:
    """Says why the resident is asked who they are in the middle of a flow, and that it is not done."""
    if "identify_again" in turn.language.common:
        own_texts.say_unfinished(turn, turn.frame)
        turn.say_common("identify_again", flow=turn.title(turn.session.frames[turn.base()].flow))


def _somebody_else(turn: Turn) -> bool:
    """Restarts the run if another person has signed in since it began: it must use nothing of the first
    one's."""
    frame, now = turn.frame, stack.fingerprints(turn, turn.flow)
    was = stack.rested_on(frame)
    if all(was.get(flow, print_) == print_ for flow, print_ in now.items()):
        turn.change_frame(identity_fingerprint=" ".join(f"{flow}={print_}" for flow, print_ in now.items()))
        return False
    turn.change(frames=turn.session.frames[:-1])
    stack.push(turn, frame.flow, frame.why)
    return True


def stuck(turn: Turn) -> None:
    """Says that the content has a hole that the check missed, and goes where the flow goes out of tries."""
    turn.say_common("broken")
    turn.flow.exhausted.follow(turn, way="broken")
