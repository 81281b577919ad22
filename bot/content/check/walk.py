"""Walks a flow: where each `next` leads, and all ways on, without recursion (a thousand steps in a row)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from bot.content.read.source import Loc
from bot.engine import flow as f


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


# --- where a `next` leads ---
def leaves(step: f.Step) -> Iterator[tuple[f.Next, Loc]]:
    return step.next.leaves(("steps", step.id, "next"))


def targets(rule: f.Next) -> list[str]:
    """Returns the steps of this flow that a `next` can lead to, back to a question included."""
    return list(dict.fromkeys(r.step for r, _ in rule.leaves() if isinstance(r, f.Go | f.Again)))


def forward(flow: f.Flow, step: str) -> list[str]:
    """Returns the steps that follow one, without those of `again`, which says something first."""
    leads = (rule.step for rule, _ in flow.steps[step].next.leaves() if isinstance(rule, f.Go))
    return [name for name in leads if name in flow.steps]
