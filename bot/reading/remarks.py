"""Recognises remarks that do not answer an open question: why, is it safe, wait, I do not know, thanks.

Content holds the phrases. One without a gap is the whole message apart from fillers; a gap (`…`), also at an
end, stands for any short text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.reading.clean import Said, clauses, fold, normal
from bot.reading.signals import asks

GAP = "…"
LONGEST = 40
"""Characters of such a remark, without marks and blanks; a longer message tells a story."""
MANNERS = ("thanks", "noted")
"""Kinds that do not concern the question."""
_STAYS = re.compile(
    r"[等稍候慢急慌找翻]|(?:让|叫|喊|问)[我他她]|\b(?:wait|moment)\b|[行好可成][以]?(?:吗|嘛|么|不|不行|不好)?$"
)
"""Who waits, however politely it is asked: 等一下好吗."""
_REACH, _LATIN_REACH = 12, 30
_BESIDE = 3
"""Fillers beside a phrase."""


@dataclass(frozen=True)
class Remarks:
    """Patterns with a group for each kind, in the order in which they are tried: whole messages of Latin
    words, searched in a message with its blanks; of others, fillers beside them; phrases with a gap."""

    latin: re.Pattern[str]
    whole: re.Pattern[str]
    gapped: re.Pattern[str]

    def among(self, said: Said) -> str:
        """Returns the kind of its first clause that is a remark; thanks and noise only if no other is. Nobody
        is waited for who asks something else beside it."""
        parts = clauses(said)
        kinds = [self.meant(clause, gaps=True) for clause in parts]
        if "wait" in kinds and any(asks(c.folded) for c, kind in zip(parts, kinds, strict=True) if not kind):
            kinds = [kind for kind in kinds if kind != "wait"]
        first = next(filter(None, kinds), "")
        return next((kind for kind in kinds if kind and kind not in MANNERS), first) if first else ""

    def meant(self, said: Said, gaps: bool) -> str:
        """Returns the kind of remark, "" for none. `gaps`: phrases with a gap count too."""
        latin = said.folded.isascii()
        text = said.folded if latin else said.normal
        if not said.normal or len(text) > LONGEST + LONGEST * latin:
            return ""
        whole = self.latin if latin else self.whole
        found = whole.fullmatch(text) or (self.gapped.fullmatch(text) if gaps else None)
        kind = found.lastgroup or "" if found else ""
        asked = kind == "wait" and asks(text) and not _STAYS.search(text)
        return "" if asked else kind  # 我先问下几点关门 is to be answered


def read(phrases: Mapping[str, Iterable[str]], fillers: Collection[str]) -> Remarks:
    """Builds the patterns from the content's phrases, by kind. Ignores a phrase that normalises to
    nothing."""
    beside = "|".join(map(re.escape, sorted(fillers, key=len, reverse=True)))
    around = f"(?:{beside}){{0,{_BESIDE}}}" if beside else ""
    words: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    gapped: dict[str, list[str]] = {}
    for kind, said in phrases.items():
        for phrase in filter(normal, said):
            if GAP in phrase:
                gapped.setdefault(kind, []).append(_gapped(phrase))
            elif phrase.isascii():
                words.setdefault(kind, []).append(latin(phrase))
            else:
                whole.setdefault(kind, []).append(re.escape(normal(phrase)))
    return Remarks(_any(words), _any(whole, around), _any(gapped))


def _any(kinds: Mapping[str, list[str]], around: str = "") -> re.Pattern[str]:
    """One pattern, with a group for each kind."""
    each = "|".join(f"(?P<{kind}>{'|'.join(said)})" for kind, said in kinds.items())
    return re.compile(f"{around}(?:{each or '(?!)'}){around}")


def _gapped(phrase: str) -> str:
    parts = phrase.split(GAP)
    if "".join(parts).isascii():
        return f".{{0,{_LATIN_REACH}}}?".join(latin(part) if part else "" for part in parts)
    return f".{{0,{_REACH}}}?".join(re.escape(normal(part)) for part in parts)


def latin(words: str) -> str:
    """Matches whole words: “how” is no part of Howard. An apostrophe may be left out."""
    said = [r"\W?".join(map(re.escape, re.findall(r"\w+", word))) for word in fold(words).split()]
    return r"\W*\b" + r"\W+".join(said) + r"\b\W*"
