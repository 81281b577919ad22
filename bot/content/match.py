"""Free words: which flows and pages they may mean. Only suggests; exact phrases are the engine's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from opencc import OpenCC
from rapidfuzz import fuzz, process

from bot.engine.flow import Content, Target
from bot.engine.slots import normal

CUTOFF = 60
MOST = 3
LONGEST = 60
"""Characters compared; whoever writes more is telling a story, and its beginning carries the matter."""


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")  # loads its tables once, on first use


def guess(content: Content, text: str) -> tuple[Target, ...]:
    """The likely targets of a message, best first, at most three; () where nothing is near."""
    said = normal(_to_simplified().convert(text[:LONGEST]))
    if len(said) < 2 or said.isdigit():
        return ()
    exact = content.triggers.get(said)
    if exact is not None:
        return (exact,)
    scored = _scored(said, content.triggers)
    near = dict.fromkeys(
        content.triggers[phrase] for phrase in sorted(scored, key=lambda p: (scored[p], p), reverse=True)
    )
    return tuple(near)[:MOST]


def _scored(said: str, phrases: Iterable[str]) -> dict[str, float]:
    """Whole likeness, or the phrase standing in the message (short phrases stand in many by chance)."""
    given = list(phrases)
    alike = process.extract(said, given, scorer=fuzz.ratio, limit=None, score_cutoff=CUTOFF)
    inside = process.extract(said, given, scorer=fuzz.partial_ratio, limit=None, score_cutoff=CUTOFF)
    scored = {phrase: score for phrase, score, _ in alike}
    for phrase, score, _ in inside:
        weighed = score * (0.9 if len(phrase) >= 4 else 0.7 if len(phrase) == 3 else 0.62)
        if weighed >= CUTOFF:
            scored[phrase] = max(scored.get(phrase, 0), weighed)
    return scored
