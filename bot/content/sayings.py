"""What is said to operators, in English and in Chinese; of findings what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content import sayings_files, sayings_flows, sayings_words

ENGLISH, CHINESE = "en", "zh-CN"
SAYINGS: Mapping[str, tuple[str, str]] = {
    **sayings_files.SAYINGS,
    **sayings_flows.SAYINGS,
    **sayings_words.SAYINGS,
}
"""code -> the sentence in English, in Chinese; {name} and the like stand for what the finding names."""


@dataclass(frozen=True)
class Sayings:
    """The sentences of one subject in one language: `say("code", name=…)`."""

    pairs: Mapping[str, tuple[str, str]]
    language: str

    def __call__(self, code: str, **about: Any) -> str:
        return told(self.pairs[code], self.language, about)


def told(pair: tuple[str, str], language: str, about: Mapping[str, Any] | None = None) -> str:
    """One of a pair's sentences, filled in. `zh_x` stands in for `x` in Chinese."""
    about, (english, chinese) = about or {}, pair
    if language != CHINESE:
        return english.format_map(about)
    return chinese.format_map({**about, **{k[3:]: v for k, v in about.items() if k.startswith("zh_")}})


def said(code: str, language: str, about: Mapping[str, Any], close: str = "") -> str:
    """The sentence of a finding's code. `close`: a name that was probably meant."""
    meant = f"是不是想写“{close}”？" if language == CHINESE else f" Did you mean “{close}”?"
    return told(SAYINGS[code], language, about) + (meant if close else "")
