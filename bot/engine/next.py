"""Where a step leads: each form of a `next`, and how to follow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from bot.engine.turn import Turn


# --- conditions ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Test:
    """One line of a condition. Exactly one of these is set, besides `path`; or both `below` and `least`: each
    a number, a day, a time of day, or the path of one. `either`: conditions of which one must hold, without
    a `path`."""

    path: str
    any_of: tuple[str, ...] = ()
    given: bool | None = None
    below: float | str | None = None
    least: float | str | None = None
    # no part of older slots' hashes:
    none_of: tuple[str, ...] = field(default=(), repr=False)
    same: str = field(default="", repr=False)
    either: tuple[Cond, ...] = field(default=(), repr=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """Returns the paths that it reads."""
        within = (path for cond in self.either for test in cond for path in test.paths)
        others = (p for p in (self.below, self.least, self.same) if isinstance(p, str))
        return tuple(path for path in (self.path, *others, *within) if path and not path[0].isdigit())


Cond: TypeAlias = "tuple[Test, ...]"  # all must hold; the empty one always does
Facts = Mapping[str, frozenset[str] | None]
"""Facts at a step: path -> given (None), one of these values, or surely not given (the empty set)."""


# --- next ----------------------------------------------------------------------------------------
class Way(NamedTuple):
    """One way on inside a `next`. `at`: its place below that in the file. `when`: its condition, while none
    of the ways before it holds."""

    at: tuple[str | int, ...]
    then: Next
    when: Cond = ()


class Next:
    """Outcomes, Match and Cases only lead to others; Again does that too, and is an end itself."""

    ends = True
    """Whether this form itself can lead a run somewhere."""

    @property
    def meant(self) -> Next:
        """Returns this, without what only watches it."""
        return self

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        """Moves the top frame to its new step, or removes it.

        `way`: the counted name; always a word of the content, since an outcome may be what was typed.
        """
        raise NotImplementedError

    def ways(self) -> Iterator[Way]:
        yield from ()

    def open(self, outcome: str) -> Iterator[Way]:
        """Returns the ways that are open after an outcome."""
        return self.ways()

    def mapped(self, change: Callable[[Way], Next]) -> Next:
        """Returns a copy with another `next` at the end of each of its ways."""
        return self

    def without(self, off: Collection[str], person: str) -> Next:
        """Returns a copy that leads to a person instead of into one of these flows."""
        return self.mapped(lambda way: way.then.without(off, person))

    def leaves(self, loc: tuple[str | int, ...] = ()) -> Iterator[tuple[Next, tuple[str | int, ...]]]:
        """Yields every end, with its place in the file; `loc`: the place of this."""
        if self.ends:
            yield self, loc
        for way in self.ways():
            yield from way.then.leaves((*loc, *way.at))


@dataclass(frozen=True)
class Go(Next):
    step: str

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        turn.takes(self.step, way)
        turn.put(turn.frame.at(self.step))


@dataclass(frozen=True)
class Finish(Next):
    """The flow is over; `reached` tells whether its purpose was reached (end) or not (stop)."""

    reached: bool

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        turn.takes("end" if self.reached else "stop", way)
        turn.finish(self.reached)


@dataclass(frozen=True)
class Outcomes(Next):
    routes: Mapping[str, Next]  # may include "else"
    ends = False

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        way = outcome if outcome in self.routes else "else"
        (self.routes.get(way) or Finish(False)).follow(turn, outcome, way)

    def ways(self) -> Iterator[Way]:
        return (Way((key,), then) for key, then in self.routes.items())

    def open(self, outcome: str) -> Iterator[Way]:
        taken = outcome if outcome in self.routes else "else"
        return (way for way in self.ways() if way.at == (taken,))

    def mapped(self, change: Callable[[Way], Next]) -> Next:
        return Outcomes({str(way.at[0]): change(way) for way in self.ways()})


@dataclass(frozen=True)
class Match(Next):
    path: str
    routes: Mapping[str, Next]
    ends = False

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        code = turn.scope().code(self.path)
        then = self.routes.get(code) or self.routes.get("else") or Finish(False)
        then.follow(turn, outcome, way)

    def ways(self) -> Iterator[Way]:
        """Yields `else` last, wherever it was written."""
        for key in sorted(self.routes, key="else".__eq__):
            when = () if key == "else" else (Test(self.path, any_of=(key,)),)
            yield Way((key,), self.routes[key], when)

    def mapped(self, change: Callable[[Way], Next]) -> Next:
        return Match(self.path, {str(way.at[0]): change(way) for way in self.ways()})


@dataclass(frozen=True)
class Cases(Next):
    cases: tuple[tuple[Cond, Next], ...]
    ends = False

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        scope = turn.scope()
        then = next((then for cond, then in self.cases if scope.holds(cond)), Finish(False))
        then.follow(turn, outcome, way)

    def ways(self) -> Iterator[Way]:
        for n, (cond, then) in enumerate(self.cases):
            yield Way((n, "then" if cond or n + 1 < len(self.cases) else "else"), then, cond)

    def mapped(self, change: Callable[[Way], Next]) -> Next:
        return Cases(tuple((way.when, change(way)) for way in self.ways()))


@dataclass(frozen=True)
class Again(Next):
    """Back to a step; `times`: how often its end may be tried in all before `otherwise`."""

    step: str
    say: str
    times: int
    otherwise: Next

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        key = f"{turn.frame.step}.{outcome}"
        taken = turn.frame.counts.get(key, 0) + 1
        if taken >= self.times:
            self.otherwise.follow(turn, outcome, way)
            return
        turn.takes(self.step, way)
        turn.say(self.say)
        if taken == self.times - 1:
            turn.say_common("last_try")
        turn.change_frame(counts={**turn.frame.counts, key: taken}, carried_answers={})
        turn.clear_from(self.step)

    def ways(self) -> Iterator[Way]:
        yield Way(("else",), self.otherwise)

    def mapped(self, change: Callable[[Way], Next]) -> Next:
        return replace(self, otherwise=change(Way(("else",), self.otherwise)))


@dataclass(frozen=True)
class Link(Next):
    flow: str
    given: Mapping[str, str] = field(default_factory=dict)  # slot there -> path here

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        turn.takes(f"→ {self.flow}", way)
        scope = turn.scope()
        given = {s: v for s, path in self.given.items() if (v := scope.value(path)) is not None}
        turn.hand_over(self.flow, given, "link")

    def without(self, off: Collection[str], person: str) -> Next:
        return Link(person) if self.flow in off else self


@dataclass(frozen=True)
class ServiceDown(Next):
    """`unavailable` without a route: says `down`, keeps the run for 继续, links the flow for a person."""

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        turn.takes("!down", way)
        turn.say("down")
        turn.suspend(turn.group)
        turn.hand_over(turn.content.person, {}, "down")
