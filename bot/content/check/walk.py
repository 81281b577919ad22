"""Walks graphs without recursion: a flow may have a thousand steps in a row."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator


def reached(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> dict[str, None]:
    """Returns the starts and all that they lead to, in the order in which they are met."""
    met = dict.fromkeys(starts)
    todo = list(met)
    while todo:
        for name in following(todo.pop()):
            if name not in met:
                met[name] = None
                todo.append(name)
    return met


def deepest_first(
    start: str, following: Callable[[str], Iterable[str]], done: Container[str]
) -> Iterator[str]:
    """Yields all that the start leads to, each after its own targets; in a cycle, its entrance comes last.

    Leaves out `done` and does not enter it; the caller adds each name there.
    """
    entered: set[str] = set()
    todo = [start]
    while todo:
        name = todo[-1]
        if name in done or name in entered:
            todo.pop()
            if name not in done:
                yield name
        else:
            entered.add(name)
            todo += [one for one in following(name) if one not in entered]
