"""Guesses which targets (flows, pages) free words are about, best first. Pure; targets are names.

In this order: a whole phrase, a thing that another authority handles, the classifier, a phrase with gaps. A
target that leads to a change at the bureau is sure only by a phrase, whole or with gaps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bot.reading.clean import Said, fold
from bot.reading.learn import BACKGROUND, Model, Phrases, grams, model_of, restored, words

GAP = "…"
"""In a phrase: a place for any text."""
MOST = 3
REACH, LATIN_REACH = 12, 24
"""Characters that a gap may stand for; the second in scripts of few letters."""
NEAR, FAR = 0, 700
"""A target's least lead over the background, to be suggested: with a word of `about`, and without."""
STRONG, SURE = 600, 800
"""The best target's least lead over the second one: to be told beside a question, and to begin at once."""
BESIDE_A_THING = 1200
"""The same if the message names a thing that another authority handles."""
_BETWEEN = re.compile(r"[，。？！、；,.?!;\n]+|另外|还有|顺便")
"""Separators between two matters of a message."""
_TAKEN_BACK = re.compile(
    r"[，。！；,.!;\s](?:[哦噢啊呃嗯额]\s*)?(?:不对|不是|不|错了|说错了|no wait|no sorry|no|sorry|i mean)"
    r"[啊哦]?(?:[，。！；,.!;\s]+(?:应该)?是?|我是)(?=.{2})"
)
"""What comes before it is taken back: 我要挂失，不，是解挂."""


@dataclass(frozen=True)
class Guess:
    """The result. `names`: of targets, best first, at most three; () if nothing is near. `layer`: where the
    first one was found: phrase, thing, gaps, learnt, or "". `strong`: other meanings are unlikely. `sure`: it
    may begin at once. `matters`: how many of the names are separate matters of the message, one after the
    other. `courtesy`: the first is a page of manners. `scores`: the classifier's, best first, with the
    background's."""

    names: tuple[str, ...] = ()
    layer: str = ""
    strong: bool = False
    sure: bool = False
    matters: int = 1
    courtesy: bool = False
    scores: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Known:
    """The words of a revision: `phrases` with the name of the target of each. `things`: words for what other
    authorities handle, with the page that names them. `own`: words for what we handle. `about`: words by
    which a message is likely about us. `changing`: targets that lead to a change. `courtesy`: pages of
    manners, which come after any other matter."""

    phrases: tuple[tuple[str, str], ...] = ()
    things: tuple[tuple[str, str], ...] = ()
    own: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    changing: frozenset[str] = frozenset()
    courtesy: frozenset[str] = frozenset()


class Guesser:
    """The guesser of one revision. Its model is trained on first use, unless one was `restore`d."""

    def __init__(self, known: Known = Known()) -> None:  # frozen, and empty
        self.known = known
        self.phrases = Phrases(known.phrases)

    @cached_property
    def model(self) -> Model:
        return model_of(self.phrases)

    def prepare(self) -> None:
        """Trains now unless a model was restored, so that the first message need not wait."""
        _ = self.model

    def dump(self) -> bytes:
        """Returns the model in its stored form, with the digest of its phrases. Trains if needed."""
        return self.phrases.digest + self.model.dump

    def restore(self, raw: bytes) -> bool:
        """Takes a model that `dump` wrote; False if it is of other phrases or of another release."""
        digest = self.phrases.digest
        if fits := raw.startswith(digest):
            self.model = restored(raw[len(digest) :])
        return fits

    @cached_property
    def _whole(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for phrase, name in self.known.phrases:
            if GAP not in phrase:
                found.setdefault(_joined(phrase), name)
        return found

    @cached_property
    def _gapped(self) -> Mapping[str, list[tuple[list[str], int, str]]]:
        """Returns parts, reach of a gap, and target, by the first character of the first part."""
        found: dict[str, list[tuple[list[str], int, str]]] = defaultdict(list)
        for phrase, name in self.known.phrases:
            if GAP in phrase and all(parts := [_joined(part) for part in phrase.split(GAP)]):
                reach = LATIN_REACH if all(part.isascii() for part in parts) else REACH
                found[parts[0][0]].append((parts, reach, name))
        return found

    @cached_property
    def _vocabulary(self) -> Mapping[str, set[str]]:
        """Returns for each target that leads to a change the pairs of characters in its phrases, and the
        Latin words."""
        found: dict[str, set[str]] = {name: set() for name in self.known.changing}
        for phrase, name in self.known.phrases:
            if name in found:
                for part in phrase.split(GAP):
                    found[name] |= _pairs(words(fold(part)))
        return found

    @cached_property
    def _things(self) -> tuple[re.Pattern[str] | None, Mapping[str, str], re.Pattern[str] | None]:
        pages = {fold(thing): page for thing, page in self.known.things}
        return _any_of(pages), pages, _any_of(map(fold, self.known.own))

    @cached_property
    def _about(self) -> re.Pattern[str] | None:
        return _any_of(map(fold, (*self.known.about, *self.known.own))) if self.known.about else None

    # --- guessing ---
    def guess(self, message: Said) -> Guess:
        whole = self._part(message.folded)
        clauses = [
            part for part in _BETWEEN.split(message.folded) if len(part.strip()) > 1 or self._manners(part)
        ]
        if whole.layer == "phrase" or len(clauses) < 2:
            return whole
        taken_back = _TAKEN_BACK.search(message.folded)
        if taken_back and (meant := self.guess(Said(message.folded[taken_back.end() :]))).strong:
            return meant
        parts = [self._part(clause) for clause in clauses]
        matters = [part for part in parts if part.strong and not part.courtesy]
        names = tuple(dict.fromkeys(part.names[0] for part in matters))
        if len(names) > 1:
            begins = self.known.changing.isdisjoint(names[1:]) and all(part.strong for part in parts)
            sure = matters[0].sure and (names[0] not in self.known.changing or begins)
            return replace(matters[0], names=names[:MOST], matters=len(names[:MOST]), sure=sure)
        if matters and all(part.strong for part in parts):  # the others are only manners
            return matters[0]
        return whole

    def _manners(self, part: str) -> bool:
        """Checks for one character of manners: 快, 喂."""
        return self._whole.get(part.strip()) in self.known.courtesy

    def _part(self, folded: str) -> Guess:
        parts = words(folded)
        said = "".join(parts)
        if said.isdigit() or not self.known.phrases or (len(said) < 2 and not self._manners(said)):
            return Guess()
        exact = self._whole.get(said)
        if exact is not None:
            return Guess((exact,), "phrase", True, True, courtesy=exact in self.known.courtesy)
        ranked = self.ranked(parts)
        scores = tuple((name, score) for score, name in ranked[: MOST + 2])
        near = FAR if self._about and not self._about.search(folded) else NEAR
        least = next(score for score, name in ranked if name == BACKGROUND) + near
        learnt = [name for name, score in scores[:MOST] if score > least]
        best, lead = scores[0][0], scores[0][1] - scores[1][1] if len(scores) > 1 else 0
        page = self.others(folded)
        if page and (best in (page, BACKGROUND) or best in self.known.changing or lead < BESIDE_A_THING):
            names = tuple(dict.fromkeys((page, *learnt)))[:MOST]
            return Guess(names, "thing", True, True, scores=scores)
        gapped = self.matching(said)
        names = tuple(dict.fromkeys((*learnt[: MOST - 1], *gapped, *learnt)))[:MOST]
        if not names:
            return Guess(scores=scores)
        strong = lead >= STRONG and names[0] == best
        if names[0] in self.known.changing:
            sure = names[0] == best and gapped[:1] == [best] and self._says_no_more(parts, best)
        else:
            sure = strong and lead >= SURE
        layer = "gaps" if names[0] in gapped else "learnt"
        return Guess(
            names, layer, strong or sure, sure, courtesy=names[0] in self.known.courtesy, scores=scores
        )

    def ranked(self, parts: list[str]) -> list[tuple[int, str]]:
        """Returns the classifier's scores, best first, down to that of the background."""
        scores = self.model.scores(grams(parts))
        least = scores[-1]
        near = [(score, name) for score, name in zip(scores, self.model.names, strict=True) if score >= least]
        return sorted(near, reverse=True)

    def others(self, folded: str) -> str:
        """Returns the page of a thing that another authority handles; "" if none is named, or ours is."""
        things, pages, own = self._things
        found = things.search(folded) if things else None
        return pages[found[0]] if found and not (own and own.search(folded)) else ""

    def _says_no_more(self, parts: list[str], name: str) -> bool:
        """Checks that the message has nothing beyond the target's own phrases: no 没, no 银行, no 报销."""
        return _pairs(parts) <= self._vocabulary[name]

    def matching(self, said: str) -> list[str]:
        """Returns the targets of phrases with gaps in the message, that of the longest first."""
        gapped = self._gapped
        found = [
            (sum(map(len, parts)), name)
            for at, first in enumerate(said)
            for parts, reach, name in gapped.get(first, ())
            if parts[-1] in said and _stands(parts, reach, said, at)
        ]
        return list(dict.fromkeys(name for _, name in sorted(found, key=lambda match: -match[0])))


def _joined(phrase: str) -> str:
    return "".join(words(fold(phrase)))


def _pairs(parts: Iterable[str]) -> set[str]:
    rest = "".join(part for part in parts if not part.isascii())
    return {rest[at : at + 2] for at in range(len(rest) - 1)} | {part for part in parts if part.isascii()}


def _any_of(found: Iterable[str]) -> re.Pattern[str] | None:
    """Matches the longest first; Latin words only as a whole."""
    each = sorted(filter(None, found), key=len, reverse=True)
    return (
        re.compile("|".join(rf"\b{re.escape(x)}\b" if x.isascii() else re.escape(x) for x in each))
        if each
        else None
    )


def _stands(parts: list[str], reach: int, said: str, at: int) -> bool:
    """Checks that the parts follow each other in the message from `at`, none too far away."""
    if not said.startswith(parts[0], at):
        return False
    at += len(parts[0])
    for part in parts[1:]:
        at = said.find(part, at, at + reach + len(part)) + len(part)
        if at < len(part):
            return False
    return True
