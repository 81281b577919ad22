"""Takes a step's `next` apart: every end of it with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from bot.content.read.source import Loc
from bot.engine import flow as f


def leaves(step: f.Step) -> Iterator[tuple[f.Next, Loc]]:
    return step.next.leaves(("steps", step.id, "next"))


def targets(rule: f.Next) -> list[str]:
    """Returns the steps of this flow that a `next` can lead to, back to a question included."""
    return list(dict.fromkeys(r.step for r, _ in rule.leaves() if isinstance(r, f.Go | f.Again)))


def forward(rule: f.Next) -> list[str]:
    """Returns the same without `again`, which says something first."""
    return [r.step for r, _ in rule.leaves() if isinstance(r, f.Go)]
