"""What the pages themselves say, in Chinese and English. The account's own words are in messages/."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from flask import Request

from bot.content.source import STRINGS

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""As an address names it, and as HTML does."""
Words = Mapping[str, Mapping[str, str]]


@cache  # our own file, which does not change
def read(path: Path) -> Words:
    """name -> language -> sentence."""
    found: Words = yaml.load(path.read_text("utf-8"), Loader=STRINGS)  # noqa: S506 - builds no objects
    return found


def said(words: Words, language: str) -> dict[str, str]:
    return {name: each[language] for name, each in words.items()}


def language_of(request: Request, kept: str = "") -> str:
    """Asked for with ?lang=, else `kept` from before, else what the browser likes."""
    given = request.args.get("lang") or kept
    if given not in LANGUAGES:
        given = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh")
    return "en" if given == "en" else "zh"
