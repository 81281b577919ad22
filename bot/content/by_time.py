"""Flows that time begins: nobody is there to answer, so they only look something up and tell it."""

from __future__ import annotations

from collections.abc import Collection

from bot.content.names import Names
from bot.content.routes import step_leaves
from bot.content.source import Loc
from bot.engine import flow as f

_KINDS = ("say", "action", "set", "later", "route")


def check_later(names: Names, step: f.Step, loc: Loc) -> None:
    """A `later` step: a flow that time begins, a day, and all that this flow takes."""
    source, flow = names.source, names.flow
    there = names.content.flows.get(step.later)
    if names.other(step.later, (*loc, "later"), by_time=True) and there is not None:
        for name in there.takes:
            if name not in step.arguments:
                source.error((*loc, "later"), "hand-in", flow=step.later, name=name)
        for name, argument in step.arguments.items():
            at: Loc = (*loc, "with", name)
            if name not in there.takes:
                source.error(at, "not-taken", key=True, name=name, known=there.takes, flow=step.later)
            elif argument.value is not None and (values := _values(there.slots.get(name))):
                source.one_of((*at, "value"), argument.value, values)
    for name, argument in step.arguments.items():
        for path in argument.paths:
            names.path(path, (*loc, "with", name))
    if not any(step.dates):
        source.error(loc, "no-date", key=True)
    for i, path in enumerate(step.dates):
        at = (*loc, "date", *((i,) if len(step.dates) > 1 else ()))
        if path and names.path(path, at) and not _is_day(path, flow):
            source.error(at, "no-day", name=path)


def _values(slot: f.Slot | None) -> Collection[str]:
    return (*slot.values, *slot.or_) if slot is not None and slot.type == "choice" else ()


def _is_day(path: str, flow: f.Flow) -> bool:
    head, _, part = path.partition(".")
    slot = flow.slots.get(head)
    if slot is None:
        return True  # of another flow, or a policy value: seen when it is planned
    return slot.fields[part].kind == "date" if part in slot.fields else slot.type == "date"


def check_by_time(names: Names) -> None:
    """What a flow with `start: {later: yes}` or `{elsewhere: yes}` may hold."""
    flow, source = names.flow, names.source
    start = source.data.get("start", {})
    for key in [k for k in start if k not in ("later", "elsewhere")]:
        source.error(("start", key), "by-time-start", key=True, found=key)
    if flow.requires:
        source.error(("requires",), "by-time-start", key=True, found="requires")
    for code, language in names.content.languages.items():
        words = language.flows.get(flow.name)
        if words is not None and words.words:
            said = names.sources[f"messages/{code}/{flow.name}.yaml"]
            said.error(("words",), "by-time-start", key=True, found="words")
    for step in flow.steps.values():
        loc: Loc = ("steps", step.id)
        signs_out = step.kind == "forget" and flow.name == names.content.elsewhere
        if (step.kind not in _KINDS and not signs_out) or step.once:
            source.error(loc, "by-time-step", key=True, kind="once" if step.once else step.kind)
        for rule, at in step_leaves(step):
            if isinstance(rule, f.Link):
                source.error((*at, "link"), "by-time-link", name=rule.flow)
            elif isinstance(rule, f.Down):
                source.error((*loc, "action"), "by-time-down", name=step.port)
