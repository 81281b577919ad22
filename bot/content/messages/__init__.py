"""Texts for operators, in Chinese and English: one YAML file per subject, read when needed.

A file maps a code to the sentence in each language. `{name}` stands for a value, as in `str.format`; `{{` and
`}}` are braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ENGLISH, CHINESE = "en", "zh-CN"
STRINGS = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Reads every scalar as a string, for files whose places do not matter; in C if that is installed."""
Words = Mapping[str, Mapping[str, str]]
Phrase = Callable[[str], str]
"""A value that depends on the language of its sentence: language -> words."""


@cache  # our own file, which does not change
def read(path: Path) -> Words:
    """Returns code -> language -> sentence."""
    found: Words = yaml.load(path.read_text("utf-8"), Loader=STRINGS)  # noqa: S506 - builds no objects
    return found


def sentences(subject: str) -> Words:
    return read(Path(__file__).with_name(f"{subject}.yaml"))


def message(subject: str, code: str, language: str, values: Mapping[str, Any] | None = None) -> str:
    """Returns one sentence, filled in; English if the language is not Chinese.

    Raises:
        KeyError: there is no such sentence, or a value that it names is missing.
    """
    language = CHINESE if language == CHINESE else ENGLISH
    filled = {name: v(language) if callable(v) else v for name, v in (values or {}).items()}
    return sentences(subject)[code][language].format_map(filled)


def both(subject: str, code: str, **values: Any) -> str:
    """Returns one sentence in English and then in Chinese, for where nobody says which is read."""
    return " ".join(message(subject, code, language, values) for language in (ENGLISH, CHINESE))


def phrase(code: str, **values: Any) -> Phrase:
    """Returns words of `phrases.yaml`, for a sentence of either language."""
    return lambda language: message("phrases", code, language, values)


def listed(items: Iterable[str], language: str) -> str:
    return message("phrases", "comma", language).join(items)


@dataclass(frozen=True)
class Messages:
    """The sentences of one subject in one language: `say("code", name=…)`."""

    subject: str
    language: str

    def __call__(self, code: str, **values: Any) -> str:
        return message(self.subject, code, self.language, values)
