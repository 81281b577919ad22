"""Calls: what leaves the process. A change is made once for its run and thing, joined while it is open."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bot.engine import counts
from bot.engine.asking import Asking
from bot.engine.effects import Call, Count
from bot.engine.flow import Argument, Step, Value
from bot.engine.session import OpenCall, Settled
from bot.engine.talk import DONE


class Calls(Asking):
    budget = 0  # of steps; `Walk` sets it

    def close(self) -> None:
        """The top frame's question or call has its answer."""
        frame = self.frame
        if frame.since:
            self.effects.append(counts.took(frame.flow, frame.step, self.event.at - frame.since))
            self.closed.add(frame.run)
            self.change_frame(since=0)

    def leave(self, reason: str) -> None:
        """Why what was open is left; the turn's first reason stands."""
        self.reason = self.reason or reason

    def open_once(self) -> OpenCall | None:
        """A change under way for a run of the top group."""
        waiting = {f.call for f in self.session.frames[self.base() :]}
        return next((c for key, c in self.session.calls.items() if c.once and key in waiting), None)

    def arguments(self, step: Step) -> dict[str, Value] | None:
        """What the action is called with; None where something it requires is not given."""
        given = {k: v for k, arg in step.arguments.items() if (v := self.argument(arg)) is not None}
        needed = step.action.arguments if step.action else {}
        return None if any(required and name not in given for name, required in needed.items()) else given

    def argument(self, arg: Argument) -> Value | None:
        """A list entry is handed over by its id, everything else as it is."""
        if arg.value is not None:
            return arg.value
        scope = self.scope()
        value = next((v for path in arg.paths if (v := scope.value(path)) is not None), None)
        return value["id"] if isinstance(value, dict) and "id" in value else value

    def call(self, step: Step, arguments: Mapping[str, Value]) -> None:
        """Make the call of the top frame's step, or wait for the one that already changes the same thing."""
        frame = self.frame
        subject = str(arguments.get(step.action.subject, "")) if step.action and step.once else ""
        # a store that came back older counts its runs from there once more: under another epoch
        run = f"{frame.run}-{frame.epoch}" if frame.epoch else f"{frame.run}"
        call_id = f"{self.session.born}.{run}.{step.port}.{frame.refused.get(step.port, 0)}"
        if step.once:
            for key, open_call in self.session.calls.items():
                if key == call_id or (open_call.action, open_call.subject) == (step.port, subject):
                    self.change_frame(call=key)
                    return
        else:
            call_id += f".{self.budget}.{self.event.seed:x}"
        self.effects.append(
            Call(
                id=call_id,
                action=step.port,
                arguments=arguments,
                once=step.once,
                key=call_id,
                flow=frame.flow,
                step=step.id,
                run=frame.run,
                retry_times=step.retry_times,
                retry_every=step.retry_every,
            )
        )
        opened = OpenCall(step.port, frame.flow, step.id, frame.run, step.once, subject)
        self.change(calls={**self.session.calls, call_id: opened})
        self.change_frame(call=call_id)

    def record(self, step: Step, outcome: str, value: Value) -> None:
        """A definite outcome, in the run that waited for it."""
        self.close()
        frame = replace(self.frame, call="", asked_at=0)
        if step.once and outcome == "refused":
            frame = replace(frame, refused={**frame.refused, step.port: frame.refused.get(step.port, 0) + 1})
        elif step.once and outcome in DONE:
            settled = {**frame.settled, step.port: Settled(outcome, value)}
            frame = replace(frame, settled=settled, trail=(), held={})  # 返回 never goes past a done change
        self.change(frames=(*self.session.frames[:-1], frame))
        self.save(step, value)
        self.effects.append(Count(f"{frame.flow}.{step.id}.{outcome}"))

    def save(self, step: Step, value: Value) -> None:
        if step.save and value:
            self.give(step.save, value)
