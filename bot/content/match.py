"""Free words: which flows and pages they may mean. Only suggests; exact phrases are the engine's."""

from __future__ import annotations

from functools import lru_cache

from opencc import OpenCC
from rapidfuzz import fuzz

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
    scored = sorted(((_score(said, phrase), phrase) for phrase in content.triggers), reverse=True)
    near = dict.fromkeys(content.triggers[phrase] for score, phrase in scored if score >= CUTOFF)
    return tuple(near)[:MOST]


def _score(said: str, phrase: str) -> float:
    """Whole likeness, or the phrase standing in the message (short phrases stand in many by chance)."""
    weight = 0.9 if len(phrase) >= 4 else 0.7 if len(phrase) == 3 else 0.62
    return max(fuzz.ratio(said, phrase), weight * fuzz.partial_ratio(said, phrase))
