"""Every order in which up to three deliveries can begin, commit and get their results."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.effects import Reply
from bot.engine.events import Event
from bot.kit.replay.process import Process

State = tuple[object, ...]


class _Run:
    """One order, from the start. What follows on a call is one move: its orders are those of two turns."""

    def __init__(self, start: Process, given: list[tuple[str, Event]]) -> None:
        self.process = start.fork()
        self.keys = [key for key, _ in given]
        self.going = [self.process.delivery(key, event) for key, event in given]
        self.stops: dict[int, str] = {}
        self.called: set[int] = set()
        self.began: dict[int, State] = {}  # the state each one decides from
        self.done: dict[int, Reply] = {}
        for n in range(len(given)):
            self.move(n)

    def ready(self) -> list[int]:
        """Returns the deliveries that can move. Of two reads in a row it tries one order: both are equal."""
        waits = [n for n, stop in self.stops.items() if stop == "wait" and self.process.pending(self.keys[n])]
        later = [n for n, stop in self.stops.items() if stop == "begin" and n < self.read]
        return [n for n in sorted(self.stops) if n not in waits and n not in later]

    def move(self, n: int) -> None:
        """Moves a delivery to its next stop."""
        stop = self.stops.pop(n, "")
        self.read = n if stop == "begin" else -1
        if stop == "begin":
            self.began[n] = self.process.read(self.keys[n])
        elif stop == "result":
            self.called.add(n)
        try:
            while (stop := next(self.going[n])) in ("begin", "commit") and n in self.called:
                pass
            self.stops[n] = stop
        except StopIteration as end:
            self.done[n] = end.value

    def state(self) -> State:
        stops = [
            (n, stop, self.began[n] if stop == "commit" else ()) for n, stop in sorted(self.stops.items())
        ]
        done = [(n, reply.kind, reply.text) for n, reply in sorted(self.done.items())]
        return (self.process.print(), tuple(stops), tuple(done))


def every_order(start: Process, given: list[tuple[str, Event]]) -> Iterator[tuple[Process, list[Reply]]]:
    """Yields each distinct end with its replies. Does not follow an order that reached a known state
    again."""
    start.speak(given[0][1])
    seen: set[State] = set()
    todo: list[list[int]] = [[]]
    ends: set[State] = set()
    while todo:
        path = todo.pop()
        run = _Run(start, given)
        for n in path:
            run.move(n)
        while run.stops:
            ready, state = run.ready(), run.state()
            if not ready or state in seen:
                break
            seen.add(state)
            todo += [[*path, n] for n in ready[1:]]
            path = [*path, ready[0]]
            run.move(ready[0])
        if not run.stops and run.state() not in ends:
            ends.add(run.state())
            yield run.process, [run.done[n] for n in sorted(run.done)]
