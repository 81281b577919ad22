"""`action`: a call to a service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from bot.actions import ACTIONS, SERVICES
from bot.content.check.facts import Facts
from bot.content.read.models import ArgumentModel, RetryModel
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowBuilder, FlowCheck, Given, Kind
from bot.engine import flow as f
from bot.engine.steps import action


class Action(Kind):
    step = action.Action
    told = (None, False)
    box = ("[[", "]]")
    fill = "#f1f1f1"

    action: str = ""
    with_: dict[str, ArgumentModel] = Field({}, alias="with")
    save: str = ""
    once: str = ""
    retry: RetryModel | None = None

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        times, every = (self.retry.times, self.retry.every) if self.retry else ("", "")
        return {
            "port": self.action,
            "action": ACTIONS.get(self.action),
            "arguments": builder.arguments(self.with_),
            "save": self.save,
            "once": builder.flag(self.once, (*loc, "once")),
            "retry_times": builder.whole(times, (*loc, "retry", "times")) if self.retry else 0,
            "retry_every": builder.seconds(every, (*loc, "retry", "every")) if self.retry else 0,
        }

    def led(self, rule: f.Next) -> f.Next:
        """Adds a way for `unavailable`: a service may always be away."""
        known = ACTIONS.get(self.action)
        if known is None or "unavailable" not in known.outcomes:
            return rule
        routes = rule.routes if isinstance(rule, f.Outcomes) else {"else": rule}
        return rule if "unavailable" in routes else f.Outcomes({"unavailable": f.ServiceDown(), **routes})

    def told_apart(self) -> tuple[str, ...]:
        known = ACTIONS.get(self.action)
        found = tuple(o for o in known.outcomes if o != "unavailable") if known else ()
        return found if len(found) > 1 else ()

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        source, names = check.source, check.names
        if step.action is None:
            source.error((*loc, "action"), "unknown-action", name=step.port, known=ACTIONS)
            return
        known = step.action.arguments
        for name, arg in step.arguments.items():
            if name not in known:
                source.error((*loc, "with", name), "unknown-argument", key=True, name=name, known=known)
            closed = _closed(step.action, name)
            if arg.value is not None and names.literal(arg.value, (*loc, "with", name, "value")) and closed:
                source.one_of((*loc, "with", name, "value"), arg.value, closed)
            for i, path in enumerate(arg.paths):
                at: Loc = (*loc, "with", name, *((i,) if len(arg.paths) > 1 else ()))
                if path in closed and path not in check.flow.slots:
                    source.error(at, "literal-bare", name=path)
                else:
                    names.path(path, at)
        for name, required in known.items():
            if required and name not in step.arguments:
                source.error((*loc, "action"), "missing-argument", action=step.port, name=name)
        if step.action.changes and not step.once:
            source.error((*loc, "action"), "once-missing", name=step.port)
        elif step.once and not step.action.changes:
            source.error((*loc, "once"), "once-idle", key=True, name=step.port)
        if step.save and names.slot(step.save, (*loc, "save")):
            wants = "list" if step.action.many else "record"
            if check.flow.slots[step.save].type != wants:
                source.error((*loc, "save"), "save-type", name=step.port, wants=wants)

    @classmethod
    def outcomes(cls, flow: f.Flow, step: Any) -> tuple[tuple[str, ...], bool] | None:
        return (step.action.outcomes, False) if step.action else ((), True)

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Only the first outcome surely returns the whole record; an action without fields returns none."""
        slot, action = given.flow.slots.get(step.save), step.action
        if action is None:
            yield "", facts
            return
        for outcome in action.outcomes:
            after = facts
            if slot is not None and action.fields and outcome == action.outcomes[0]:
                after = given.reading.saved(facts, slot)
            elif slot is not None and outcome != "unavailable":
                after = given.reading.without(facts, slot.name)
            yield outcome, after

    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        return f"{step.port} (once)" if step.once else str(step.port)


def _closed(action: f.Action, argument: str) -> tuple[str, ...]:
    """Returns the values that an argument can have, where they are known: () if it is open."""
    field = action.fields.get(argument)
    return field.of if field else SERVICES if argument == "service" else ()
