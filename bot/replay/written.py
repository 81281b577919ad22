"""Conversations made in the program: as files have them, read and checked the same way."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.replay.conversation import Conversation, Turn
from bot.replay.fixture import load
from bot.replay.update import rendered

MODELINE = "# yaml-language-server: $schema=./replay.schema.json"


def text(data: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    lines = [MODELINE, *(f"# {line}" for one in comments for line in one.splitlines())]
    for key, value in data.items():
        lines += rendered(key, value, 0)
    return "\n".join(lines) + "\n"


def as_conversation(data: Mapping[str, Any]) -> Conversation:
    """Raises BadReplay."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(text(data), encoding="utf-8", errors="replace")
        return load(path)


def as_turn(raw: Mapping[str, Any]) -> Turn:
    """Raises BadReplay."""
    return as_conversation({"turns": [raw]}).turns[0]
