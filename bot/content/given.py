"""Which values are given at each step: all ways through a flow, with what their conditions say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.content.facts import Facts, Reading, common, covers, kept_facts
from bot.content.names import Names
from bot.content.source import Loc
from bot.engine import flow as f

MOST = 24  # ways told apart at one step; beyond it only what they have in common counts


@dataclass
class Ways:
    """`at`: the facts with which each step can be reached. `saying`: texts said on the way to somewhere."""

    reading: Reading
    at: dict[str, list[Facts]] = field(default_factory=dict)
    saying: list[tuple[str, Facts]] = field(default_factory=list)
    kept: Facts = field(default_factory=dict)


class Given:
    def __init__(self, names: Names, kept_of: Callable[[str], Facts]) -> None:
        self.names, self.flow, self.source = names, names.flow, names.source
        self.reading = Reading(names)
        self.kept_of = kept_of
        self.ways = Ways(self.reading, {name: [] for name in self.flow.steps})
        self.merged: set[str] = set()
        self.tested = tested_paths(names)
        self.ends: list[Facts] = []
        self.todo: list[tuple[str, Facts]] = []

    def run(self) -> Ways:
        start: Facts = {}
        for name in self.flow.requires:
            start |= self.kept_of(name)
        if self.flow.by_time:  # a `later` step hands in all that it takes, or plans nothing
            start |= dict.fromkeys(self.flow.takes)
        self._reach(self.flow.first, start)
        while self.todo:
            name, facts = self.todo.pop()
            if any(facts is there for there in self.ways.at[name]):
                self._leave(self.flow.steps[name], facts)
        self.ways.kept = kept_facts(self.flow, self.ends, self.reading)
        return self.ways

    def _reach(self, step: str, facts: Facts) -> None:
        here = self.ways.at.get(step)
        if here is None or any(covers(there, facts) for there in here):
            return
        if step in self.merged or len(here) >= MOST:
            self.merged.add(step)
            for there in here:
                facts = common(facts, there)
            here.clear()
        else:
            here[:] = [there for there in here if not covers(facts, there)]
        here.append(facts)
        self.todo.append((step, facts))

    # --- one step ---
    def _leave(self, step: f.Step, facts: Facts) -> None:
        loc: Loc = ("steps", step.id, "next")
        if step.kind in ("collect", "confirm", "consent"):
            self._follow(self.flow.exhausted, facts, "", ("exhausted",))
        for outcome, after in self._after(step, facts):
            self._follow(step.next, after, outcome, loc)

    def _after(self, step: f.Step, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Every outcome of a step with what is known then."""
        if step.kind == "collect" and step.slot in self.flow.slots:
            yield from self._collected(step, self.flow.slots[step.slot], facts)
        elif step.kind in ("confirm", "consent"):
            yield from (("agreed", facts), ("refused", facts))
        elif step.kind == "action" and step.action is not None:
            yield from self._called(step, step.action, facts)
        elif step.kind == "need":
            yield "met", facts | self.kept_of(step.flow)
            yield "unmet", facts
        elif step.kind == "set":
            for slot, value in step.values.items():
                facts = {**self.reading.without(facts, slot), slot: frozenset({value})}
            yield "", facts
        elif step.kind == "forget":
            for name in step.forget:
                facts = {p: v for p, v in facts.items() if not p.startswith(f"{name}.")}
            yield "", facts
        else:
            yield "", facts

    def _collected(self, step: f.Step, slot: f.Slot, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Answered now, or given before and passed over: a value for each route, then the others."""
        sure, known = self.reading.values(facts, slot.name)
        closed = slot.type == "choice" and not slot.entries_of
        if closed and not sure:
            known = frozenset(
                v for v in slot.values if self.reading.holding(facts, slot.only.get(v, ())) is not None
            ) | frozenset(slot.or_)
        routes = step.next.routes if isinstance(step.next, f.Outcomes) else {}
        for value in routes:
            own = value in slot.or_ or value in slot.values
            if own and (known is None or value in known):
                offered = facts if sure else self.reading.holding(facts, slot.only.get(value, ()))
                yield value, {**(offered or facts), slot.name: self._told(slot, frozenset({value}))}
        if not closed:
            yield "else", facts if sure else self.reading.saved(facts, slot)
        elif known is None or known - frozenset(routes):
            left = known - frozenset(routes) if known is not None else None
            yield "else", {**facts, slot.name: self._told(slot, left)}

    def _told(self, slot: f.Slot, values: frozenset[str] | None) -> frozenset[str] | None:
        """Values that nothing tests later need not be told apart."""
        return values if slot.name in self.tested else None

    def _called(self, step: f.Step, action: f.Action, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Only the first outcome surely brings the whole record; an action without fields brings none."""
        slot = self.flow.slots.get(step.save)
        for outcome in action.outcomes:
            after = facts
            if slot is not None and action.fields and outcome == action.outcomes[0]:
                after = self.reading.saved(facts, slot)
            elif slot is not None and outcome != "unavailable":
                after = self.reading.without(facts, slot.name)
            yield outcome, after

    # --- next ---
    def _follow(self, rule: f.Next, facts: Facts, outcome: str, loc: Loc) -> None:
        if isinstance(rule, f.Go):
            self._reach(rule.step, facts)
        elif isinstance(rule, f.Finish):
            if rule.reached:
                self.ends.append(facts)
        elif isinstance(rule, f.Outcomes):
            taken = outcome if outcome in rule.routes else "else"
            if taken in rule.routes:
                self._follow(rule.routes[taken], facts, outcome, (*loc, taken))
        elif isinstance(rule, f.Match):
            self._match(rule, facts, outcome, loc)
        elif isinstance(rule, f.Cases):
            left = [facts]
            for i, (cond, then) in enumerate(rule.cases):
                for one in left:
                    held = self.reading.holding(one, cond)
                    if held is not None:
                        self._follow(then, held, outcome, (*loc, i))
                left = [failed for one in left for failed in self.reading.failing(one, cond)]
        elif isinstance(rule, f.Again):
            self.ways.saying.append((rule.say, facts))
            slot = self.flow.steps[rule.step].slot if rule.step in self.flow.steps else ""
            self._reach(rule.step, self.reading.without(facts, slot))
            self._follow(rule.otherwise, facts, outcome, (*loc, "else"))

    def _match(self, rule: f.Match, facts: Facts, outcome: str, loc: Loc) -> None:
        keys = [k for k in rule.routes if k != "else"]
        for key in keys:
            held = self.reading.matching(facts, rule.path, key)
            if held is not None:
                self._follow(rule.routes[key], held, outcome, (*loc, key))
        others = self.reading.failing(facts, (f.Test(rule.path, any_of=tuple(keys)),)) if keys else [facts]
        if "else" in rule.routes:
            for one in others:
                self._follow(rule.routes["else"], one, outcome, (*loc, "else"))
        elif not self.reading.given(facts, rule.path):
            self.source.error((*loc, "on"), "on-maybe-empty", name=rule.path)


def tested_paths(names: Names) -> set[str]:
    """Every path that a condition, a route or an `only` of the flow looks at, in steps and words."""
    flow, found = names.flow, set[str]()
    rules: list[f.Next] = [flow.exhausted, *(s.next for s in flow.steps.values())]
    while rules:
        rule = rules.pop()
        if isinstance(rule, f.Match):
            found.add(rule.path)
        if isinstance(rule, f.Match | f.Outcomes):
            rules += rule.routes.values()
        elif isinstance(rule, f.Cases):
            found |= {test.path for cond, _ in rule.cases for test in cond}
            rules += [then for _, then in rule.cases]
        elif isinstance(rule, f.Again):
            rules.append(rule.otherwise)
    found |= {test.path for slot in flow.slots.values() for cond in slot.only.values() for test in cond}
    for language in names.content.languages.values():
        words = language.flows.get(flow.name)
        slots = words.slots.values() if words else ()
        texts = [*(words.texts.values() if words else ()), *(t for s in slots for t in s.values.values())]
        texts += [t for s in slots for t in (s.ask, s.help, s.line, *s.again) if t]
        texts += [part for t in texts for part in (t.agreed, t.refused) if part]
        found |= {test.path for t in texts for v in t.variants for test in v.when}
    asked = Counter(s.slot for s in flow.steps.values() if s.slot)
    return found | {slot for slot, times in asked.items() if times > 1}


def check_arguments(ways: Ways, names: Names) -> None:
    """What an action needs must be given on every way to it."""
    for step in names.flow.steps.values():
        for name, argument in step.arguments.items() if step.action else ():
            if argument.value is not None or not (step.action and step.action.arguments.get(name)):
                continue
            for facts in ways.at[step.id]:
                if not any(ways.reading.given(facts, path) for path in argument.paths):
                    loc: Loc = ("steps", step.id, "with", name)
                    paths = ", ".join(argument.paths)
                    names.source.error(loc, "argument-maybe", name=paths, action=step.port, argument=name)
                    break
