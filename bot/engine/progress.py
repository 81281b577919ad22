"""How far a matter is on the page: the screens that it took so far, and the fewest that are still to come."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import zip_longest
from math import inf

from bot.engine import form
from bot.engine.flow import Finish, Flow, Go, Match, Next, Outcomes, Step
from bot.engine.scope import Scope
from bot.engine.session import Frame
from bot.engine.stack import done
from bot.engine.turn import Turn

END = "end"


def progress(turn: Turn, since: int) -> tuple[int, int]:
    """Returns which screen this is, and of how many: (2, 4) is the second of four, (0, 0): unknown. `since`:
    when the matter was first seen on the page, epoch seconds; what was done before takes no screen. A way
    with more questions that is taken meanwhile makes it more."""
    return _Count(turn, since).count()


class _Count:
    def __init__(self, turn: Turn, since: int) -> None:
        self.turn, self.since = turn, since
        self.flows = turn.content.flows
        self.frames = turn.group
        self.open = {frame.flow for frame in self.frames}

    def count(self) -> tuple[int, int]:
        passed = rest = 0.0
        counted = set(self.open)
        for frame, above in zip_longest(self.frames, self.frames[1:]):
            flow = self.flows[frame.flow]
            for name in [name for name in flow.requires if name not in counted]:
                counted.add(name)
                passed += self._flow(name, past=True)
                rest += self._flow(name, past=False)
            here = flow.steps[frame.step]
            to_come = self._screens(flow, here) if above and above.why == "requires" else 0
            passed += self._fewest(flow, flow.steps[flow.first], frame, here) - to_come
            rest += self._fewest(flow, here, frame) + to_come - self._screens(flow, here)
        return (int(passed), int(passed + rest)) if passed + rest < inf else (0, 0)

    def _flow(self, name: str, past: bool) -> float:
        """Returns the screens of a whole flow, if it was done on the page (`past`), or if it is still to be
        done."""
        flow, kept = self.flows[name], self.turn.session.kept.get(name)
        if past:
            counts = done(self.turn, name) and kept is not None and kept.until - flow.lasts > self.since
        else:
            counts = not done(self.turn, name)
        return self._fewest(flow, flow.steps[flow.first]) if counts else 0

    def _fewest(self, flow: Flow, start: Step, frame: Frame | None = None, to: Step | None = None) -> float:
        """Returns the screens from a step to another one, or to the flow's change; to its end where none is
        left."""
        if to is not None:
            return self._way(flow, start, frame, {to.id})
        changes = {step.id for step in flow.steps.values() if step.once}
        found = self._way(flow, start, frame, changes) if changes else inf
        return found if found < inf else self._way(flow, start, frame, set())

    def _way(self, flow: Flow, start: Step, frame: Frame | None, goals: set[str]) -> float:
        """Dijkstra's algorithm. No goals: an end that counts."""
        queue, seen = [(self._screens(flow, start), start.id)], set[str]()
        while queue:
            cost, name = heappop(queue)
            if name in goals or name == END:
                return cost
            step = flow.steps[name]
            for leaf in self._leaves(step.next.meant, step, frame) if name not in seen else ():
                if isinstance(leaf, Go):
                    then = flow.steps[leaf.step]
                    heappush(queue, (cost + self._screens(flow, then, step), then.id))
                elif isinstance(leaf, Finish) and leaf.reached and not goals:
                    heappush(queue, (cost, END))
            seen.add(name)
        return inf

    def _leaves(self, then: Next, step: Step, frame: Frame | None) -> Iterator[Next]:
        """Yields where it can lead; one way only if the answers decide that."""
        ways, path = list(then.ways()), then.path if isinstance(then, Match) else step.slot
        given = self._code(path, frame) if isinstance(then, Match | Outcomes) and path else ""
        if given and isinstance(then, Outcomes):
            ways = list(then.open(given))
        elif given:
            ways = [way for way in ways if way.at == (given,)] or ways[-1:]
        if then.ends:
            yield then
        for way in ways:
            yield from self._leaves(way.then.meant, step, frame)

    def _code(self, path: str, frame: Frame | None) -> str:
        return (
            Scope(self.turn.content, self.turn.session, frame, self.turn.event.at).code(path) if frame else ""
        )

    def _screens(self, flow: Flow, step: Step, before: Step | None = None) -> float:
        """Returns the screens that a step takes, right after the one before it."""
        needed = [name for how, name in step.leads() if how == "need" and name not in self.open]
        if needed:
            return sum(self._flow(name, past) for name in needed for past in (True, False))
        if not step.asks or (before and before.slot and step.slot and form.together(flow, before, step)):
            return 0
        with_consent = before and before.kind == "consent" and not self._agreed(flow, before)
        if with_consent and step.slot and flow.slots[step.slot].type in form.AHEAD:
            return 0  # it may be answered with the consent
        return 0 if step.kind == "consent" and self._agreed(flow, step) else 1

    def _agreed(self, flow: Flow, step: Step) -> bool:
        """To this consent, before the matter was seen on the page."""
        given = self.turn.session.consents.get(f"{flow.name}.{step.text}")
        return given is not None and given.at <= self.since
