"""Checks the names in a flow: steps, slots, flows, pages, values, paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial

from bot.content.read.files import PAGES, POLICY
from bot.content.read.policy_file import of
from bot.content.read.source import Loc, Source, nearest
from bot.content.read.validation import unknown_flow, unknown_page
from bot.engine import flow as f
from bot.engine.content import Content
from bot.engine.scope import COUNT, EXAMPLE, TODAY

PLACE_PARTS = ("text", "lat", "lon")
POLICY_PARTS = ("value", "source", "checked")
NOTHING = frozenset(("", "given", "empty", "null", "none", "nil", "有", "无", "没有", "空", "为空", "不为空"))
"""What is written where {given: yes} or {given: no} is meant."""


def _kind_of(value: str) -> str:
    if re.fullmatch(r"-?[0-9.]+", value):
        return "number"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "date"
    return "time" if re.fullmatch(r"\d\d:\d\d", value) else ""


def broken_flows(flows: Collection[str], sources: Mapping[str, Source]) -> frozenset[str]:
    """Returns the flows besides these, whose file has errors of its own; other checks ignore them."""
    files = {name[6:-5] for name in sources if name.startswith("flows/") and name.endswith(".yaml")}
    return frozenset(files - {"pages"} - set(flows))


def pages_unread(pages: Collection[str], sources: Mapping[str, Source]) -> bool:
    """Checks whether flows/pages.yaml has errors of its own: other checks then ignore its pages."""
    return not pages and bool(sources[PAGES].findings)


def slot_at(path: str, flow: f.Flow | None, content: Content) -> tuple[f.Slot | None, str]:
    """Returns the slot that a path names, in this flow or as flow.slot in another, and the rest of the
    path."""
    head, _, rest = path.partition(".")
    if flow is None or head not in flow.slots:
        flow, (head, _, rest) = content.flows.get(head), rest.partition(".")
    return (flow.slots.get(head) if flow else None), rest


class Names:
    """The names known in one flow. Each method checks a name, and reports a finding if it is unknown."""

    def __init__(
        self, content: Content, flow: f.Flow, sources: Mapping[str, Source], broken: frozenset[str]
    ) -> None:
        """`broken`: from `broken_flows`."""
        self.content, self.flow, self.sources, self.broken = content, flow, sources, broken
        self.source = sources[f"flows/{flow.name}.yaml"]

    def step(self, name: str, loc: Loc) -> bool:
        known = (*self.flow.steps, "end", "stop")
        page = name.removeprefix("page.")
        if not name:
            self.source.error(loc, "empty-value", key=True)
        elif name in self.flow.steps:
            return True
        elif name in {*self.content.flows, *self.broken}:
            self.source.error(loc, "step-is-flow", name=name)
        elif page in self.content.pages and not nearest(name, self.flow.steps, alike=80):
            self.source.error(loc, "is-page", name=page)
        else:
            self.source.error(loc, "unknown-step", name=name, known=known)
        return name in self.flow.steps

    def slot(self, name: str, loc: Loc, key: bool = False) -> bool:
        if name not in self.flow.slots:
            self.source.error(loc, "unknown-slot", key=key, name=name, known=self.flow.slots)
        return name in self.flow.slots

    def other(self, name: str, loc: Loc, by_time: bool = False) -> bool:
        """Checks another flow. `by_time`: a scheduled one, else one that residents begin."""
        there = self.content.flows.get(name)
        if there is None and name not in self.broken:
            unknown_flow(self.source, loc, name, self.content.flows, self.content.pages)
        elif there is not None and there.by_time != by_time:
            self.source.error(loc, "not-by-time" if by_time else "only-by-time", name=name)
        return name in self.content.flows

    def page(self, name: str, loc: Loc) -> bool:
        content = self.content
        if name not in content.pages and not pages_unread(content.pages, self.sources):
            unknown_page(self.source, loc, name, {*content.flows, *self.broken}, content.pages)
        return name in content.pages

    def outcome(self, name: str, known: Collection[str], loc: Loc) -> bool:
        if name not in known:
            self.source.error(
                loc, "unknown-outcome", key=True, name=name, known=(*known, "else"), among=", ".join(known)
            )
        return name in known

    def path(
        self, path: str, loc: Loc, key: bool = False, source: Source | None = None, near: str = ""
    ) -> bool:
        """Checks that a path leads somewhere: slot, slot.field, flow.slot, policy.x, open.x, hours.x."""
        source = source or self.source
        head, _, rest = path.partition(".")
        content = self.content
        wrong = partial(source.error, loc, key=key, near=near)
        if head in ("policy", "open", "hours") and not rest:
            wrong("path", name=path)
            return False
        if head == "policy":
            name, _, part = rest.partition(".")
            if name not in content.policy:
                wrong("unknown-policy", name=name, known=content.policy)
            elif part and part not in POLICY_PARTS:
                wrong("unknown-field", name=part, known=POLICY_PARTS, of=name)
            else:
                return True
            return False
        if path == TODAY and TODAY not in self.flow.slots:
            return True
        if head in ("open", "hours"):
            if rest not in content.hours:
                wrong("unknown-hours", name=rest, known=content.hours)
            return rest in content.hours
        if head in self.flow.slots:
            return self._part(self.flow, self.flow.slots[head], rest, loc, key, source, near)
        if head in self.broken:
            return False
        if head not in content.flows:
            known = [*self.flow.slots, *content.flows, "policy", "open", "hours"]
            known += [f"policy.{name}" for name in content.policy]
            wrong("unknown-path", name=head, known=known)
            return False
        slot, _, part = rest.partition(".")
        there = content.flows[head]
        if slot not in there.slots:
            wrong("unknown-path", name=path, known=[f"{head}.{s}" for s in there.slots])
            return False
        if head != self.flow.name and not there.slots[slot].keep:
            wrong("not-kept", name=path, flow=head, slot=slot)
            return False
        return self._part(there, there.slots[slot], part, loc, key, source, near)

    def condition(self, cond: f.Cond, loc: Loc, source: Source | None = None) -> None:
        """Checks the paths and values of a condition, which stands at `loc` of the source."""
        source = source or self.source
        for test in cond:
            for i, one in enumerate(test.either):
                self.condition(one, (*loc, i), source)
            if test.either:
                continue
            at: Loc = (*loc, test.path)
            if not self.path(test.path, at, key=True, source=source):
                continue
            for other in test.paths[1:]:
                self.path(other, at, source=source, near=other)
            closed, values = self.closed(test.path), (*test.any_of, *test.none_of)
            for i, value in enumerate(values):
                here = (*at, "not") if test.none_of else at
                here = (*here, i) if (*here, i) in source.values else here
                if closed:
                    source.one_of(here, value, closed)
                elif value.strip().lower() in NOTHING:
                    source.error(here, "condition-given", name=value)
                else:
                    self.literal(value, here, source)
            if test.below is not None or test.least is not None:
                self._ordered(test, at, source)

    def _ordered(self, test: f.Test, loc: Loc, source: Source) -> None:
        """What `below` and `min` compare: numbers with numbers, days with days, times with times."""
        kind = self._kind(test.path)
        limits = [str(x) for x in (test.below, test.least) if x is not None]
        values = {_kind_of(x) for x in limits if x[0].isdigit()}
        if not kind or (kind != "text" and values - {kind}):
            source.error(loc, "no-order", name=test.path)

    def _kind(self, path: str) -> str:
        """Returns number, date or time; text where only the value will tell; "" for what has no order."""
        head, _, rest = path.partition(".")
        if head == "policy":
            return _kind_of(self.content.policy_value(rest) or "") if not self.policy_of(rest) else ""
        if path == TODAY and TODAY not in self.flow.slots:
            return "date"
        slot, part = slot_at(path, self.flow, self.content)
        if slot is None or self.closed(path):
            return ""
        if part == COUNT and slot.type == "list":
            return "number"
        if not part:
            return slot.type if slot.type in ("number", "date", "time", "text") else ""
        found = slot.fields.get(part, f.Field())
        return "" if found.pii else found.kind if found.kind in ("date", "time") else "text"

    def literal(self, value: str, loc: Loc, source: Source | None = None) -> bool:
        """A value that reads like a path: it is taken as these letters, not as what lies there."""
        head, dot, part = value.partition(".")
        policy = head == "policy" and part in self.content.policy
        slot = slot_at(value, self.flow, self.content)[0] if dot else None
        wrong = policy or (
            slot is not None and (head not in self.flow.slots or part in (*slot.fields, COUNT))
        )
        if wrong:
            (source or self.source).error(loc, "literal-path", name=value)
        return not wrong

    def there(self, path: str) -> bool:
        """Checks whether the path leads to a slot at all."""
        return slot_at(path, self.flow, self.content)[0] is not None or path.partition(".")[0] == "policy"

    def _part(
        self, flow: f.Flow, slot: f.Slot, part: str, loc: Loc, key: bool, source: Source, near: str
    ) -> bool:
        if slot.type == "record" and not part and near.startswith("{"):
            source.error(loc, "whole-record", near=near, name=slot.name, among=", ".join(slot.fields))
            return False
        if part and slot.type in ("record", "list") and not slot.fields and slot.name not in flow.takes:
            saves = [step for step in flow.steps.values() if slot.name in step.fills]
            if not saves:
                self.sources[f"flows/{flow.name}.yaml"].error(
                    ("slots", slot.name), "unsaved", key=True, name=slot.name
                )
            if all(step.port and step.action is None for step in saves):
                return False  # that, or the action's own finding, says it all
        known: Collection[str] = PLACE_PARTS if slot.type == "place" else slot.fields
        known = (*known, COUNT) if slot.type == "list" else (EXAMPLE,) if slot.type == "pattern" else known
        if part and part not in known:
            source.error(loc, "unknown-field", key=key, name=part, known=known, of=slot.name, near=near)
            return False
        return True

    def closed(self, path: str) -> tuple[str, ...]:
        """Returns the closed set of values at a path; () if it is open."""
        head, _, rest = path.partition(".")
        if head == "open":
            return ("yes", "no")
        if head == "policy":
            return self.policy_of(rest)
        slot, part = slot_at(path, self.flow, self.content)
        if slot is None:
            return ()
        if part:
            return slot.fields[part].of if part in slot.fields else ()
        return (*slot.values, *slot.or_) if slot.type == "choice" and not slot.entries_of else ()

    def policy_of(self, name: str) -> tuple[str, ...]:
        """Returns the closed set of a policy value from its file."""
        data = self.sources[POLICY].data
        return of(data[name]) if name in self.content.policy else ()
