"""The pages' own texts, in Chinese and English. The account's texts are in messages/."""

from __future__ import annotations

from flask import Request

from bot.content.messages import Words, read

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""The name in an address, and the one in HTML."""
__all__ = ["LANGUAGES", "Words", "language_of", "read", "said"]


def said(words: Words, language: str) -> dict[str, str]:
    return {name: each[language] for name, each in words.items()}


def language_of(request: Request, kept: str = "") -> str:
    """Returns the language: from ?lang=, else `kept` from before, else the browser's choice."""
    given = request.args.get("lang") or kept
    if given not in LANGUAGES:
        given = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh")
    return "en" if given == "en" else "zh"
