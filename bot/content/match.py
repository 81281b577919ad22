"""Free words: which flows and pages they may mean. Only suggests; exact phrases are the engine's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.engine.flow import GAP, Content, Target
from bot.reading.clean import normal

CUTOFF = 60
LATIN_CUTOFF = 70
"""Of words in a script of few letters, which are alike by chance."""
MOST = 3
LONGEST = 200
"""Characters compared; whoever tells a story comes to the matter late."""
_REACH, _LATIN_REACH = 12, 24
"""Characters that a gap in a phrase may stand for."""
_STANDS = 91
"""Of a phrase with gaps that stands in the message: more than any whole phrase that does, less than one that
is nearly all of it."""
_SHORT = 4
"""Characters of a phrase that must stand in the message as it is; of a longer one, most of it may."""
_COMMON = 4
"""A phrase that stands in the phrases of so many others says nothing by standing in a message."""


@dataclass(frozen=True)
class Phrases:
    """What messages are compared with: whole phrases, those that may be a part of one, those with gaps."""

    whole: tuple[str, ...]
    parts: tuple[str, ...]
    gapped: tuple[tuple[re.Pattern[str], Target], ...]


def guess(content: Content, text: str) -> tuple[Target, ...]:
    """The likely targets of a message, best first, at most three; () where nothing is near."""
    said = normal(text[:LONGEST])
    if len(said) < 2 or said.isdigit():
        return ()
    exact = content.triggers.get(said)
    if exact is not None:
        return (exact,)
    cutoff = LATIN_CUTOFF if said.isascii() else CUTOFF
    known = _phrases(_Words(content.revision, content))
    near = process.extract(
        said, known.whole, scorer=fuzz.ratio, processor=None, limit=None, score_cutoff=cutoff
    )
    scored = [(score, len(phrase), content.triggers[phrase]) for phrase, score, _ in near]
    for phrase, score, _ in process.extract(
        said, known.parts, scorer=fuzz.partial_ratio, processor=None, limit=None, score_cutoff=cutoff
    ):
        if (score == 100 and not _half_a_word(said, phrase)) or _SHORT < len(phrase) < len(said):
            scored.append((_weight(phrase) * score, len(phrase), content.triggers[phrase]))
    for pattern, target in known.gapped:
        if pattern.search(said):
            scored.append((_STANDS, len(pattern.pattern), target))
    scored.sort(key=lambda found: found[:2], reverse=True)
    return tuple(dict.fromkeys(target for score, _, target in scored if score >= cutoff))[:MOST]


def _half_a_word(said: str, phrase: str) -> bool:
    """ "ok" stands in "my card is broken"."""
    return said.isascii() and len(said) < _SHORT and len(said) < len(phrase)


def _weight(phrase: str) -> float:
    """Short phrases stand in many messages by chance."""
    return 0.9 if len(phrase) >= 4 else 0.7 if len(phrase) == 3 else 0.62


def _with_gaps(content: Content) -> Iterator[tuple[str, Target]]:
    for language in content.languages.values():
        for name, words in language.flows.items():
            if name in content.flows and not content.flows[name].by_time:
                yield from ((phrase, Target(flow=name)) for phrase in words.words if GAP in phrase)
        for name, words in language.pages.items():
            if name in content.pages:
                yield from ((phrase, Target(page=name)) for phrase in words.words if GAP in phrase)


@dataclass(frozen=True)
class _Words:
    """A revision's words, told from another's by the revision alone."""

    revision: str
    content: Content = field(compare=False)


@lru_cache(maxsize=4)
def _phrases(words: _Words) -> Phrases:
    triggers = tuple(words.content.triggers.items())
    everything = "\n".join(phrase for phrase, _ in triggers)
    telling = [
        phrase
        for phrase, target in triggers
        if everything.count(phrase) <= _COMMON  # quick, and true of nearly all
        or len({other for longer, other in triggers if phrase in longer and other != target}) < _COMMON
    ]
    made = tuple((_pattern(phrase), target) for phrase, target in _with_gaps(words.content))
    return Phrases(tuple(phrase for phrase, _ in triggers), tuple(telling), made)


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = [normal(part) for part in phrase.split(GAP)]
    most = _LATIN_REACH if all(part.isascii() for part in parts) else _REACH
    return re.compile(f".{{0,{most}}}?".join(map(re.escape, parts)))
