"""Finds the shortest conversation that still shows a trouble."""

from __future__ import annotations

from dataclasses import replace

from bot.kit.replay.fuzz import Case, Found, again
from bot.kit.replay.oracle import Oracle, Trouble
from bot.kit.replay.stage import Scenery

MOST = 600
"""The most conversations played for one shrinking."""


def shrink(scenery: Scenery, oracle: Oracle, found: Found) -> Found:
    """Leaves out turns and prepared answers while the same kind of trouble remains."""
    best, trouble, left = found.case, found.trouble, MOST
    size = max(len(best.turns) // 2, 1)
    while size and left > 0:
        shorter = False
        at = 0
        while at < len(best.turns) and left > 0:
            left -= 1
            tried = replace(best, turns=best.turns[:at] + best.turns[at + size :])
            came = _same(scenery, oracle, tried, trouble)
            if came is not None:
                best, shorter = replace(tried, turns=tried.turns[: came.turn]), True
                trouble = came
            else:
                at += size
        if not shorter:
            size //= 2
    for index in reversed(range(len(best.services))):
        tried = replace(best, services=best.services[:index] + best.services[index + 1 :])
        came = _same(scenery, oracle, tried, trouble)
        if came is not None:
            best, trouble = tried, came
    return Found(trouble, best)


def _same(scenery: Scenery, oracle: Oracle, case: Case, trouble: Trouble) -> Trouble | None:
    came = again(scenery, oracle, case)
    return came if came is not None and came.kind == trouble.kind else None
