"""`action`: calls a service. A change is made once per run and thing, and joined while it is open."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bot.engine import maintenance, walk
from bot.engine.effects import Call, Count
from bot.engine.flow import Step, Value
from bot.engine.session import DONE, OpenCall, Settled
from bot.engine.turn import Turn


class Action(Step):
    kind = "action"
    waits = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        settled = turn.frame.completed_actions.get(self.port) if self.once else None
        if settled is not None:
            _save(turn, self, settled.value)
            self.next.follow(turn, settled.outcome)
            return False
        given = {k: v for k, arg in self.arguments.items() if (v := turn.argument(arg)) is not None}
        needed = self.action.arguments if self.action else {}
        if any(required and name not in given for name, required in needed.items()):
            walk.stuck(turn)
            return False
        self._call(turn, given)
        return True

    def _call(self, turn: Turn, arguments: Mapping[str, Value]) -> None:
        """Makes the call, or waits for the one that already changes the same thing."""
        frame = turn.frame
        subject = str(arguments.get(self.action.subject, "")) if self.action and self.once else ""
        # an older copy of the store counts its runs from there again: under another epoch
        run = f"{frame.run}-{frame.epoch}" if frame.epoch else f"{frame.run}"
        call_id = f"{turn.session.born}.{run}.{self.port}.{frame.refused.get(self.port, 0)}"
        if self.once:
            for key, open_call in turn.session.calls.items():
                if key == call_id or (open_call.action, open_call.subject) == (self.port, subject):
                    turn.change_frame(call=key)
                    return
        else:
            call_id += f".{turn.budget}.{turn.event.seed:x}"
        turn.effects.append(
            Call(
                id=call_id,
                action=self.port,
                arguments=arguments,
                once=self.once,
                key=call_id,
                flow=frame.flow,
                step=self.id,
                run=frame.run,
                retry_times=self.retry_times,
                retry_every=self.retry_every,
            )
        )
        opened = OpenCall(self.port, frame.flow, self.id, frame.run, self.once, subject)
        turn.change(calls={**turn.session.calls, call_id: opened})
        turn.change_frame(call=call_id)


def settle(turn: Turn, step: Step, outcome: str, value: Value) -> None:
    """Applies a call's definite outcome to the top frame, which waited for it."""
    turn.close()
    frame = replace(turn.frame, call="", asked_at=0)
    if step.once and outcome == "refused":
        frame = replace(frame, refused={**frame.refused, step.port: frame.refused.get(step.port, 0) + 1})
    elif step.once and outcome in DONE:
        settled = {**frame.completed_actions, step.port: Settled(outcome, value)}
        # 返回 never goes past a done change
        frame = replace(frame, completed_actions=settled, history=(), carried_answers={})
    turn.put(frame)
    _save(turn, step, value)
    if step.save and isinstance(value, dict):
        turn.learn(step.save, value, made=step.once and outcome in DONE)
    turn.effects.append(Count(f"{frame.flow}.{step.id}.{outcome}"))
    if outcome == "unavailable" and maintenance.unrouted(turn, step):
        return
    step.next.follow(turn, outcome)


def _save(turn: Turn, step: Step, value: Value) -> None:
    if step.save and value:
        turn.give(step.save, value)
