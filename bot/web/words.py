"""What the pages themselves say, in Chinese and English. The account's own words are in messages/."""

from __future__ import annotations

from flask import Request

from bot.content.messages import Words, read

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""As an address names it, and as HTML does."""
__all__ = ["LANGUAGES", "Words", "language_of", "read", "said"]


def said(words: Words, language: str) -> dict[str, str]:
    return {name: each[language] for name, each in words.items()}


def language_of(request: Request, kept: str = "") -> str:
    """Asked for with ?lang=, else `kept` from before, else what the browser likes."""
    given = request.args.get("lang") or kept
    if given not in LANGUAGES:
        given = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh")
    return "en" if given == "en" else "zh"
