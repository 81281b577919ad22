"""Checks scheduled flows: no resident answers in them, so they only look something up and report it."""

from __future__ import annotations

from bot.actions import DAY, EVENTS, slot_of
from bot.content.check.names import Names
from bot.content.check.walk import leaves
from bot.content.read.source import Loc
from bot.content.steps import kind_of
from bot.engine import flow as f


def _may_stand(step: f.Step) -> bool:
    return kind_of(step).by_time and (not step.waits or bool(step.port))


def check_by_time(names: Names) -> None:
    """Checks what a flow with `start: {later: yes}`, `{elsewhere: yes}` or `{event: …}` contains."""
    flow, source = names.flow, names.source
    start = source.data.get("start", {})
    for key in [k for k in start if k not in ("later", "elsewhere", "event")]:
        source.error(("start", key), "by-time-start", key=True, found=key)
    if "event" in start:
        _check_event(names, str(start["event"]))
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
        if (not _may_stand(step) and not signs_out) or step.once:
            source.error(loc, "by-time-step", key=True, kind="once" if step.once else step.kind)
        for rule, at in leaves(step):
            if isinstance(rule, f.Link):
                source.error((*at, "link"), "by-time-link", name=rule.flow)
            elif isinstance(rule, f.ServiceDown):
                source.error((*loc, "action"), "by-time-down", name=step.port)


def _check_event(names: Names, event: str) -> None:
    """Checks that it is an event of the bureau, and that the flow takes what comes with it, and no more."""
    flow, source = names.flow, names.source
    source.one_of(("start", "event"), event, EVENTS)
    handed = {slot_of(event): "record", DAY: "date"} if event in EVENTS else {}
    comes = ", ".join(f"{name} ({type_})" for name, type_ in handed.items())
    for i, name in enumerate(flow.takes if handed else ()):
        slot = flow.slots.get(name)
        if slot is not None and slot.type != handed.get(name):
            source.error(("takes", i), "event-takes", name=name, event=event, known=handed, comes=comes)
