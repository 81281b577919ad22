"""What every finding says, in English and in Chinese: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.content import sayings_files, sayings_flows, sayings_words

ENGLISH, CHINESE = "en", "zh-CN"
SAYINGS: Mapping[str, tuple[str, str]] = {
    **sayings_files.SAYINGS,
    **sayings_flows.SAYINGS,
    **sayings_words.SAYINGS,
}
"""code -> the sentence in English, in Chinese; {name} and the like stand for what the finding names."""


def said(code: str, language: str, about: Mapping[str, Any], close: str = "") -> str:
    """The sentence of a code. `close`: a name that was probably meant."""
    english, chinese = SAYINGS[code]
    if language != CHINESE:
        return english.format_map(about) + (f" Did you mean “{close}”?" if close else "")
    values = {**about, **{k[3:]: v for k, v in about.items() if k.startswith("zh_")}}
    return chinese.format_map(values) + (f"是不是想写“{close}”？" if close else "")
