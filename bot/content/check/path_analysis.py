"""Finds which values are given at each step, over all ways through a flow and their conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.content.check.facts import Facts, Reading, common, covers, kept_facts
from bot.content.check.names import Names
from bot.content.read.source import Loc
from bot.content.steps import kind_of
from bot.engine import flow as f

MOST = 24  # ways distinguished at one step; above it only their common facts count


@dataclass
class Ways:
    """`at`: the facts with which each step can be reached. `saying`: texts sent on the way to a target."""

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
        if self.flow.by_time:  # a `later` step passes all that it takes, or schedules nothing
            start |= dict.fromkeys(self.flow.takes)
        for slot in map(self.flow.slots.get, self.flow.takes if self._is_reported() else ()):
            start = self.reading.saved(start, slot) if slot else start
        self._reach(self.flow.first, start)
        while self.todo:
            name, facts = self.todo.pop()
            if any(facts is there for there in self.ways.at[name]):
                self._leave(self.flow.steps[name], facts)
        self.ways.kept = kept_facts(self.flow, self.ends)
        return self.ways

    def _is_reported(self) -> bool:
        return self.flow.name in self.names.content.events.values()

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
        if step.asks:
            self._follow(self.flow.exhausted, facts, "", ("exhausted",))
        for outcome, after in kind_of(step).known(self, step, facts):
            self._follow(step.next, after, outcome, loc)

    # --- next ---
    def _follow(self, rule: f.Next, facts: Facts, outcome: str, loc: Loc) -> None:
        if isinstance(rule, f.Again):
            self.ways.saying.append((rule.say, facts))
            for slot in self.flow.filled_from(rule.step) if rule.step in self.flow.steps else ():
                facts = self.reading.without(facts, slot)
        if isinstance(rule, f.Go | f.Again):
            self._reach(rule.step, facts)
        elif isinstance(rule, f.Finish) and rule.reached:
            self.ends.append(facts)
        left = [facts]
        for way in rule.open(outcome):
            for one in left:
                held = self.reading.holding(one, way.when)
                if held is not None:
                    self._follow(way.then, held, outcome, (*loc, *way.at))
            left = [failed for one in left for failed in self.reading.failing(one, way.when)]
        if isinstance(rule, f.Match) and left and not self.reading.given(facts, rule.path):
            self.source.error((*loc, "on"), "on-maybe-empty", name=rule.path)


def tested_paths(names: Names) -> set[str]:
    """Returns every path that a condition, a route or an `only` of the flow tests, in steps and words."""
    flow, found = names.flow, set[str]()
    rules: list[f.Next] = [flow.exhausted, *(s.next for s in flow.steps.values())]
    while rules:
        ways = list(rules.pop().ways())
        found |= {path for way in ways for test in way.when for path in test.paths}
        rules += [way.then for way in ways]
    found |= {p for slot in flow.slots.values() for cond in slot.only.values() for t in cond for p in t.paths}
    for language in names.content.languages.values():
        words = language.flows.get(flow.name) or f.FlowWords("")
        texts = [part for _, text in words.each() for part in (text, *text.labels.values())]
        found |= {path for t in texts for v in t.variants for test in v.when for path in test.paths}
    asked = Counter(s.slot for s in flow.steps.values() if s.slot)
    return found | {slot for slot, times in asked.items() if times > 1}


def check_arguments(ways: Ways, names: Names) -> None:
    """Checks that what an action or a needed flow is handed is given on every way to it."""
    for step in names.flow.steps.values():
        needed = step.arguments if step.kind == "need" else step.action.arguments if step.action else {}
        for name, argument in step.arguments.items():
            if argument.value is not None or not needed.get(name):
                continue
            if not all(names.there(path) for path in argument.paths):
                continue  # that is another finding
            for facts in ways.at[step.id]:
                if not any(ways.reading.given(facts, path) for path in argument.paths):
                    loc: Loc = ("steps", step.id, "with", name)
                    paths = ", ".join(argument.paths)
                    names.source.error(
                        loc,
                        "argument-maybe",
                        name=paths,
                        action=step.port or next(step.leads())[1],
                        argument=name,
                    )
                    break
