"""Every order in which up to three deliveries can begin, commit and hear of their calls."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.effects import Reply
from bot.engine.events import Event
from bot.replay.world import Delivery, World

State = tuple[object, ...]


class _Run:
    """One order, from the start, as far as `chosen` says; then always the first that can go on."""

    def __init__(self, start: World, given: list[tuple[str, Event]]) -> None:
        self.world = start.fork()
        self.keys = [key for key, _ in given]
        self.going: list[Delivery] = [self.world.deliver(key, event) for key, event in given]
        self.stops: dict[int, str] = {}
        self.began: dict[int, State] = {}  # what each one read
        self.done: dict[int, Reply] = {}
        for n in range(len(given)):
            self.advance(n)

    def ready(self) -> list[int]:
        return [n for n, stop in self.stops.items() if stop != "wait" or self.world.replies.get(self.keys[n])]

    def advance(self, n: int) -> None:
        if self.stops.pop(n, "") == "begin":
            self.began[n] = (self.world.serial, self.world.unheard is None)
        try:
            self.stops[n] = next(self.going[n])
        except StopIteration as end:
            self.done[n] = end.value

    def state(self) -> State:
        stops = tuple(sorted((n, stop, self.began.get(n)) for n, stop in self.stops.items()))
        done = tuple(sorted((n, r.kind, r.text) for n, r in self.done.items()))
        return (self.world.print(), stops, done)


def every_order(start: World, given: list[tuple[str, Event]]) -> Iterator[tuple[World, list[Reply]]]:
    """Each end that differs from the others, with its replies. Orders that have come to the same state
    before are not followed to their end again."""
    seen: set[State] = set()
    todo: list[list[int]] = [[]]
    ends: set[State] = set()
    while todo:
        path = todo.pop()
        run = _Run(start, given)
        for n in path:
            run.advance(n)
        while run.stops:
            ready = run.ready()
            state = run.state()
            if not ready or state in seen:
                break
            seen.add(state)
            todo += [[*path, n] for n in ready[1:]]
            path = [*path, ready[0]]
            run.advance(ready[0])
        if not run.stops and run.state() not in ends:
            ends.add(run.state())
            yield run.world, [run.done[n] for n in sorted(run.done)]
