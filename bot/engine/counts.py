"""Names of counts: made of the content's own ids, never of a resident's words.

A question (or call) is a visit: asked once, then answered or left. A run is begun, then over or dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine.effects import Count
from bot.engine.session import Frame

LONGEST = 16
"""The last bucket of time: 2^15 seconds and more."""


@dataclass(frozen=True)
class Counted:
    """A count's name, parsed. `kind`: edge asked wrong time left, or run: of a flow as a whole.

    `to`: of an edge: a step, `end`, `stop`, `!down` (no step can have this name) or `→ flow`. `detail`: an
    edge's outcome, a bucket of time, why a question was left; of a run: begun, resumed, end, stop, dropped
    (`why`) or runaway.
    """

    kind: str
    flow: str
    step: str = ""
    to: str = ""
    detail: str = ""
    why: str = ""


def edge(flow: str, step: str, to: str, outcome: str) -> Count:
    return Count(f"edge:{flow}.{step}>{to}:{outcome}")


def asked(flow: str, step: str) -> Count:
    return Count(f"asked:{flow}.{step}")


def wrong(flow: str, step: str) -> Count:
    return Count(f"wrong:{flow}.{step}")


def took(flow: str, step: str, seconds: int) -> Count:
    """Counts the time to an answer: bucket 0 is below a second, n from 2^(n-1) up to below 2^n."""
    return Count(f"time:{flow}.{step}:{min(max(seconds, 0).bit_length(), LONGEST)}")


def left(flow: str, step: str, why: str) -> Count:
    return Count(f"left:{flow}.{step}:{why}")


def dropped(flow: str, why: str) -> Count:
    return Count(f"dropped:{flow}:{why}")


class Tally:
    """What a turn has done to runs. `before`: those that were open."""

    def __init__(self, before: tuple[Frame, ...]) -> None:
        self.before = before
        self.begun: dict[int, str] = {}  # with their flows
        self.over: dict[int, str] = {}  # those that went where their flow says, too
        self.answered: set[int] = set()  # runs whose question or call was answered
        self.why = ""  # why the resident left what was open

    def leave(self, why: str) -> None:
        """Records why the open run is left; the turn's first reason counts."""
        self.why = self.why or why

    def left(self, after: tuple[Frame, ...]) -> Iterator[Count]:
        """Counts what the turn left: questions neither answered nor still open, runs neither open nor
        over."""
        runs = {f.run: f for f in after}
        for frame in self.before:
            now = runs.get(frame.run)
            stays = now is not None and (now.step, now.since) == (frame.step, frame.since)
            if frame.since and not stays and frame.run not in self.answered:
                yield left(frame.flow, frame.step, self.why or ("moved" if now else "switch"))
            if now is None and frame.run not in self.over:
                yield dropped(frame.flow, self.why or "switch")
        for run, flow in self.begun.items():
            if run not in runs and run not in self.over:
                yield dropped(flow, self.why or "moved")
        known = {*self.begun, *(f.run for f in self.before)}
        for run, flow in {**{f.run: f.flow for f in after}, **self.over}.items():
            if run not in known:  # it was suspended, or is back to report how its change ended
                yield Count(f"{flow}.resumed")


def read(name: str) -> Counted | None:
    """Parses a name; None for counts outside flows: words, `unknown`, values given."""
    kind, _, rest = name.partition(":")
    where, _, detail = rest.partition(":")
    if kind == "dropped":
        return Counted("run", where, detail="dropped", why=detail)
    if kind in ("edge", "asked", "wrong", "time", "left"):
        flow, _, step = where.partition(".")
        step, _, to = step.partition(">")
        return Counted(kind, flow, step, to, detail)
    flow, _, what = name.partition(".")
    if what in ("begun", "resumed", "end", "stop", "runaway"):
        return Counted("run", flow, detail=what)
    return None
