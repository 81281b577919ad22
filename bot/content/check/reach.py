"""Checks the steps as a graph: which are reached, end, wait, say something, or need agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.content.check.walk import forward, leaves, reached, targets
from bot.content.read.source import Loc, Source
from bot.content.steps import kind_of
from bot.engine import flow as f

ASTRAY = (
    "empty-value",
    "unknown-step",
    "step-is-flow",
    "is-page",
    "unknown-outcome",
    "unrouted",
    "no-outcomes",
)
"""Findings about a way that leads nowhere."""


def check_graph(flow: f.Flow, source: Source) -> None:
    if any(x.code in ASTRAY for x in source.findings):
        return  # every step after it would only repeat it
    source.once(_graph, flow)


def _graph(source: Source, flow: f.Flow) -> None:
    seen = _reachable(flow)
    before = _before(flow)
    if _loops(flow, source):
        return  # what no way leads to or from would only repeat it
    for name in flow.steps:
        if name not in seen and not (before[name] and any(s.id != name for s in before[name])):
            source.error(("steps", name), "unreachable", key=True, name=name)
    _ends(flow, source, seen, before)
    for step in flow.steps.values():
        if step.id in seen and (step.once or step.kind == "transfer"):
            _agreed_to(flow, source, step, before)
    if not flow.by_time:  # a scheduled flow may find nothing to report
        _silent(flow, source, seen)


def _reachable(flow: f.Flow) -> set[str]:
    starts = (name for name in (flow.first, *targets(flow.exhausted)) if name in flow.steps)
    return set(reached(starts, lambda name: [n for n in targets(flow.steps[name].next) if n in flow.steps]))


def _ends(flow: f.Flow, source: Source, seen: set[str], before: Mapping[str, list[f.Step]]) -> None:
    """Checks that every step has a way out."""
    steps = flow.steps
    ends = (n for n, s in steps.items() if any(isinstance(r, f.Finish | f.Link) for r, _ in s.next.leaves()))
    out = reached(ends, lambda name: [step.id for step in before[name]])
    stuck = [n for n in steps if n in seen and n not in out]
    if stuck:
        source.error(("steps", stuck[0]), "no-end", key=True, name=stuck[0], steps=", ".join(stuck))


def _loops(flow: f.Flow, source: Source) -> bool:
    """Reports a way back to a step without waiting: it would run until the turn's budget is spent. Returns
    whether there is one."""
    before_it = len(source.findings)

    def onward(step: f.Step) -> Iterator[tuple[str, Loc]]:
        for rule, loc in leaves(step) if not kind_of(step).stops(flow, step) else ():
            if isinstance(rule, f.Go) and rule.step in flow.steps:
                yield rule.step, loc

    def unasked(name: str) -> list[str]:
        return [] if flow.steps[name].asks else forward(flow, name)

    for step in flow.steps.values():
        for rule, loc in leaves(step) if not step.asks else ():
            back = [rule.step] if isinstance(rule, f.Again) and rule.step in flow.steps else []
            if step.id in reached(back, unasked):  # nothing is asked anew, so the same comes of it
                source.error((*loc, "again"), "loop", way=f"{back[0]} → {step.id} → {back[0]}")
    done: set[str] = set()
    for start in flow.steps:
        path = {start: onward(flow.steps[start])} if start not in done else {}
        while path:
            here = next(reversed(path))
            for to, loc in path[here]:
                if to in path:
                    way = [*path][[*path].index(to) :]
                    source.error(loc, "loop", way=" → ".join([*way, to]))
                elif to not in done:
                    path[to] = onward(flow.steps[to])
                    break
            else:
                del path[here]
                done.add(here)
    return len(source.findings) > before_it


def _before(flow: f.Flow) -> dict[str, list[f.Step]]:
    found: dict[str, list[f.Step]] = {name: [] for name in flow.steps}
    for step in flow.steps.values():
        for name in targets(step.next):
            if name in found:
                found[name].append(step)
    return found


def _askers(flow: f.Flow, step: f.Step, before: Mapping[str, list[f.Step]]) -> list[f.Step | None]:
    """Returns the steps that lead to one, over steps that neither say nor wait; None: the flow begins
    there."""
    found: list[f.Step | None] = []
    todo, seen = [step.id], {step.id}
    while todo:
        name = todo.pop()
        if name == flow.first:
            found.append(None)
        for one in before[name]:
            if not one.quiet:
                found.append(one)
            elif one.id not in seen:
                seen.add(one.id)
                todo.append(one.id)
    return found


def _agreed_to(flow: f.Flow, source: Source, step: f.Step, before: Mapping[str, list[f.Step]]) -> None:
    """Checks that a confirm stands straight before a change, as a remembered consent would be skipped, and
    before a transfer, as WeChat's reply for it has no text and answers a message only."""
    for one in _askers(flow, step, before):
        if step.kind == "transfer" and (one is None or one.kind != "confirm"):
            source.error(("steps", step.id, "transfer"), "transfer-alone", step=one.id if one else "start")
        elif one is not None and one.kind == "consent":
            source.error(("steps", step.id, "action"), "consent-once", name=step.port, step=one.id)
        elif one is None or one.kind != "confirm":
            start = one.id if one else "start"
            source.error(("steps", step.id, "action"), "no-confirm", name=step.port, step=start)


def _silent(flow: f.Flow, source: Source, seen: set[str]) -> None:
    """Checks that something is said from each message to the next stop, also where the flow ends."""
    states: dict[str, set[bool]] = {name: set() for name in flow.steps}  # True: this turn has said something
    todo = [(flow.first, False)]
    todo += [(name, True) for name in targets(flow.exhausted)]
    while todo:
        name, said = todo.pop()
        if name not in states or said in states[name]:
            continue
        states[name].add(said)
        for after in _after(flow.steps[name], said):
            todo += [(target, after) for target in forward(flow, name)]
    for name in seen:
        step = flow.steps[name]
        if any(not after for said in states[name] for after in _after(step, said)):
            for rule, loc in leaves(step):
                if isinstance(rule, f.Finish):
                    source.error(loc, "silent", key=loc not in source.values, name=name)


def link_circles(flows: Mapping[str, f.Flow], sources: Mapping[str, Source]) -> None:
    """Reports flows that hand over to each other without asking anything."""
    links = {flow.name: _unasked_links(flow) for flow in flows.values()}
    for name in flows:
        for other, loc in links[name].items():
            if name in reached([other], lambda one: links.get(one, {})):
                sources[f"flows/{name}.yaml"].error((*loc, "link"), "link-circle", name=name, other=other)


def _after(step: f.Step, said: bool) -> tuple[bool, ...]:
    """Returns whether the turn has said something after a step, for each way it can go on."""
    return tuple(said if told is None else told for told in kind_of(step).told)


def _waits(step: f.Step) -> bool:
    """Checks whether it waits for the resident, or for a person."""
    return step.waits and not step.port


def _unasked_links(flow: f.Flow) -> dict[str, Loc]:
    """Returns the flows it can hand over to before it asks anything, each with the place of its first
    `link`."""

    def passed(name: str) -> list[str]:
        return [] if _waits(flow.steps[name]) else forward(flow, name)

    found: dict[str, Loc] = {}
    met = reached([flow.first], passed)
    for step in (s for s in flow.steps.values() if s.id in met and not _waits(s)):
        for rule, loc in leaves(step):
            if isinstance(rule, f.Link):
                found.setdefault(rule.flow, loc)
    return found
