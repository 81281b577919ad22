"""Masks free words for storage: removes what could identify the writer or the person they are about.

Rules cannot know every name. So what is kept is sealed, short-lived and tied to no resident, and the console
shows only words that several residents used.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from bot.content.read.words import WORDS
from bot.reading import personal
from bot.reading.clean import Said, normal
from bot.reading.secrets import without_secrets

SHORTEST, LONGEST = 2, 40
"""Characters that count: a longer message tells a personal story."""
HIDDEN = "＊"


def masked(text: str, longest: int = LONGEST) -> str:
    """Returns what may be kept; "" if nothing: too long, too short, no word left, perhaps a name.

    The same words give the same text, so that they can be counted.
    """
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    if words.rstrip("Xx").isdigit():  # the commonest wrong answer, and nothing would be left of it
        return ""
    if not SHORTEST <= len(normal(words)) <= longest or personal.is_name(normal(words)):
        return ""
    words = "".join(c for c in words if unicodedata.category(c)[0] not in "CS" or c in "+")
    for found in reversed(personal.find(words, unsure=True)):
        words = words[: found.start] + HIDDEN + words[found.end :]
    left = normal(words.replace(HIDDEN, ""))
    return words if len(left) >= SHORTEST and not left.isdigit() else ""


@lru_cache(maxsize=WORDS)  # the content's own phrases, which come again at every check
def private(phrase: str) -> bool:
    """Checks whether a phrase, with which every resident's words are compared, holds one person's data: a
    number, a name, a secret, or the mark where one was hidden."""
    return (
        HIDDEN in phrase
        or personal.is_name(normal(phrase))
        or any(f.kind != "name" or _is_han(phrase[f.start : f.end]) for f in personal.find(phrase))
        or without_secrets(Said(phrase)) is not None
    )


def _is_han(name: str) -> bool:
    """A name, and no syllable of a word; other letters are too often words."""
    return len(name) > 1 and not name.isascii()
