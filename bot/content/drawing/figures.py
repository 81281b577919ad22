"""Figures of the flows from the counts: how far residents get, what fails, how long it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.engine.content import Content
from bot.engine.counts import Counted, read
from bot.engine.flow import Flow

RETURNS = frozenset({"back", "change", "restart", "edited", "moved"})
"""Reasons of leaving a question after which the resident stays in the conversation."""


@dataclass(frozen=True)
class StepFigures:
    """A question or call. `left`: residents gone from here, by `reasons`; `returned`: back to an earlier one.

    `wrong`: invalid answers, each one counted. `seconds`: the median time to an answer, if any.
    """

    flow: str
    step: str
    kind: str
    asked: int
    answered: int
    wrong: int
    left: int
    returned: int
    reasons: Mapping[str, int]
    seconds: float | None

    @property
    def open(self) -> int:
        """Residents still waiting; at least 0, since a period can begin in mid-conversation."""
        return max(self.asked - self.answered - self.left - self.returned, 0)

    @property
    def failing(self) -> float:
        """Returns the share of invalid answers."""
        return self.wrong / (self.wrong + self.answered) if self.wrong else 0.0


@dataclass(frozen=True)
class FlowFigures:
    """A flow's runs. `begun` includes runs continued after they had expired. `moved`: sent on to another flow
    by this one. `edges`: (step, target, outcome) -> how often."""

    flow: str
    begun: int
    ended: int
    stopped: int
    moved: int
    dropped: int
    reasons: Mapping[str, int]
    steps: tuple[StepFigures, ...] = ()
    edges: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def open(self) -> int:
        return max(self.begun - self.ended - self.stopped - self.moved - self.dropped, 0)

    @property
    def reaching(self) -> float:
        """Returns the share of runs that reached their purpose."""
        return min(self.ended / self.begun, 1.0) if self.begun else 0.0


def by_revision(days: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, Counter[str]]:
    """Adds up the counts of several days: revision -> name -> how often."""
    made: dict[str, Counter[str]] = {}
    for day in days:
        for revision, counts in day.items():
            made.setdefault(revision, Counter()).update(counts)
    return made


def total(days: Iterable[Mapping[str, Mapping[str, int]]], revision: str = "") -> Counter[str]:
    """Adds up the counts of one revision, or of all."""
    found = by_revision(days)
    return found.get(revision, Counter()) if revision else sum(found.values(), Counter())


def of_flows(content: Content, counts: Mapping[str, int]) -> tuple[FlowFigures, ...]:
    """Returns every flow of the content, in its order; then those that only older revisions had."""
    by_flow: dict[str, list[tuple[Counted, int]]] = {name: [] for name in content.flows}
    for name, n in counts.items():
        if (counted := read(name)) is not None:
            by_flow.setdefault(counted.flow, []).append((counted, n))
    return tuple(_of_flow(name, content.flows.get(name), found) for name, found in by_flow.items())


def added(flows: Iterable[FlowFigures], flow: str = "") -> FlowFigures:
    """Returns the runs of all flows together, or of one."""
    of = [f for f in flows if flow in ("", f.flow)]
    begun, ended, stopped = (sum(getattr(f, name) for f in of) for name in ("begun", "ended", "stopped"))
    moved, dropped = (sum(getattr(f, name) for f in of) for name in ("moved", "dropped"))
    return FlowFigures(flow, begun, ended, stopped, moved, dropped, {})


def _of_flow(name: str, flow: Flow | None, found: list[tuple[Counted, int]]) -> FlowFigures:
    runs: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    edges: Counter[tuple[str, str, str]] = Counter()
    by_step: dict[str, list[tuple[Counted, int]]] = {step: [] for step in flow.steps} if flow else {}
    for counted, n in found:
        if counted.kind == "run":
            runs[counted.detail] += n
            if counted.why:
                reasons[counted.why] += n
        elif counted.kind == "edge":
            edges[(counted.step, counted.to, counted.detail)] += n
        else:
            by_step.setdefault(counted.step, []).append((counted, n))
    waits = {s.id for s in flow.steps.values() if s.asks or s.port} if flow else set[str]()
    moved = sum(n for (_, to, _), n in edges.items() if to == "!down" or to.startswith("→ "))
    steps = (
        _of_step(name, step, flow.steps[step].kind if flow and step in flow.steps else "", of)
        for step, of in by_step.items()
    )
    return FlowFigures(
        flow=name,
        begun=runs["begun"] + runs["resumed"],
        ended=runs["end"],
        stopped=runs["stop"],
        moved=moved,
        dropped=runs["dropped"],
        reasons=_most_first(reasons),
        steps=tuple(s for s in steps if s.asked or s.step in waits),
        edges=edges,
    )


def _of_step(flow: str, step: str, kind: str, found: list[tuple[Counted, int]]) -> StepFigures:
    how_many: Counter[str] = Counter()
    times: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    for counted, n in found:
        how_many[counted.kind] += n
        if counted.kind == "time":
            times[int(counted.detail)] += n
        elif counted.kind == "left":
            reasons[counted.detail] += n
    returned = sum(n for why, n in reasons.items() if why in RETURNS)
    gone = _most_first(Counter({why: n for why, n in reasons.items() if why not in RETURNS}))
    return StepFigures(
        *(flow, step, kind, how_many["asked"], how_many["time"], how_many["wrong"]),
        *(how_many["left"] - returned, returned, gone, median(times)),
    )


def _most_first(counted: Counter[str]) -> dict[str, int]:
    return dict(counted.most_common())


def median(buckets: Mapping[int, int]) -> float | None:
    """Returns seconds, from counts by power of two (bot.engine.counts.took), as if evenly spread in each."""
    half = sum(buckets.values()) / 2
    if not half:
        return None
    below = 0
    for bucket in sorted(buckets):
        if below + buckets[bucket] >= half:
            low, high = (2 ** (bucket - 1), 2**bucket) if bucket else (0, 1)
            return low + (high - low) * (half - below) / buckets[bucket]
        below += buckets[bucket]
    raise AssertionError("half of them lie in some bucket")


def failing(flows: Iterable[FlowFigures]) -> list[StepFigures]:
    """Returns questions with wrong answers, most wrong answers first."""
    steps = [s for flow in flows for s in flow.steps if s.wrong]
    return sorted(steps, key=lambda s: (-s.wrong, s.flow, s.step))
