"""A step's `next` taken apart: every end of it with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from bot.content.source import Loc
from bot.engine import flow as f


def leaves(rule: f.Next, loc: Loc) -> Iterator[tuple[f.Next, Loc]]:
    """Go, Finish, Link, Down and Again, each with where it stands."""
    if isinstance(rule, f.Outcomes | f.Match):
        for key, inner in rule.routes.items():
            yield from leaves(inner, (*loc, key))
    elif isinstance(rule, f.Cases):
        for i, (_, then) in enumerate(rule.cases):
            last = i + 1 == len(rule.cases) and not rule.cases[i][0]
            yield from leaves(then, (*loc, i, "else" if last else "then"))
    elif isinstance(rule, f.Again):
        yield rule, loc
        yield from leaves(rule.otherwise, (*loc, "else"))
    else:
        yield rule, loc


def step_leaves(step: f.Step) -> Iterator[tuple[f.Next, Loc]]:
    return leaves(step.next, ("steps", step.id, "next"))


def targets(rule: f.Next) -> list[str]:
    """Steps of this flow that a `next` can lead to, back to a question included."""
    found = [r.step for r, _ in leaves(rule, ()) if isinstance(r, f.Go | f.Again)]
    return list(dict.fromkeys(found))


def forward(rule: f.Next) -> list[str]:
    """The same without `again`, which always asks."""
    return [r.step for r, _ in leaves(rule, ()) if isinstance(r, f.Go)]
