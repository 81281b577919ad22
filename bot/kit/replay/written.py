"""Writes replay files, and builds conversations in the program; both are read and checked as files are."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.kit.replay.conversation import Conversation, Turn
from bot.kit.replay.fixture import load

MODELINE = "# yaml-language-server: $schema=./replay.schema.json"
_PLAIN = re.compile(r"[^\s!-/:-@\[-`{-~\-][^:#\"'\\\n]*")
_IN_BRACES = re.compile(r"[\w（）·][\w.（）·-]*")
_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_ODD = re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that a file may not hold unescaped, or that YAML takes for the end of a line."""


def text(data: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """Returns the text of a whole file."""
    lines = [MODELINE, *(f"# {line}" for one in comments for line in one.splitlines())]
    for key, value in data.items():
        lines += rendered(key, value, 0)
    return "\n".join(lines) + "\n"


def as_conversation(data: Mapping[str, Any]) -> Conversation:
    """Builds a conversation.

    Raises:
        BadReplay.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(text(data), encoding="utf-8")
        return load(path)


def as_turn(raw: Mapping[str, Any]) -> Turn:
    """Builds one turn.

    Raises:
        BadReplay.
    """
    return as_conversation({"turns": [raw]}).turns[0]


def rendered(key: str, value: Any, indent: int) -> list[str]:
    """Returns `key: value` as indented lines."""
    pad = " " * indent
    if isinstance(value, str):
        return _scalar(f"{pad}{key}: ", value, f"{pad}  ")
    if isinstance(value, Mapping):
        if all(isinstance(v, str) and "\n" not in v for v in value.values()) and key not in (
            "expect",
            "words",
        ):
            return [f"{pad}{key}: {{{', '.join(f'{k}: {_in_braces(v)}' for k, v in value.items())}}}"]
        return [f"{pad}{key}:", *(line for k, v in value.items() for line in rendered(k, v, indent + 2))]
    if all(isinstance(v, str) and "\n" not in v for v in value) and key in ("calls", "ends", "says"):
        return [f"{pad}{key}: [{', '.join(_in_braces(v) for v in value)}]"]
    made = [f"{pad}{key}:"]
    for item in value:
        if isinstance(item, str):
            made += _scalar(f"{pad}  - ", item, f"{pad}    ")
        elif isinstance(item, list):
            made.append(f"{pad}  - [{', '.join(map(_in_braces, item))}]")
        else:
            first, *rest = (line for k, v in item.items() for line in rendered(k, v, indent + 4))
            made += [f"{pad}  - {first.lstrip()}", *rest]
    return made


def _scalar(head: str, text: str, pad: str) -> list[str]:
    """Writes a scalar plain if that is safe, else as a block; in quotes if neither can hold it."""
    if _CLOCK.fullmatch(text):
        return [head + text]
    if _ODD.search(text) or text != text.strip("\n") or text[:1] in ("", " ") or _is_code(text):
        return [head + quoted(text)]
    like_key = (
        "：" in text.split(" ")[0] or "=" in text or "＝" in text
    )  # a reader takes it for a mistyped one
    if _PLAIN.fullmatch(text) and text == text.strip() and not like_key:
        return [head + text]
    return [f"{head}|-", *(f"{pad}{line}" if line else "" for line in text.split("\n"))]


def _is_code(text: str) -> bool:
    """Checks for a leading zero: other programs read 0571 as a number."""
    return text.startswith("0") and text.isdigit()


def _in_braces(text: str) -> str:
    return text if _IN_BRACES.fullmatch(text) and not text.startswith("0") else quoted(text)


def quoted(text: str) -> str:
    return _ODD.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\ufffd" if 0xD800 <= code < 0xE000 else f"\\U{code:08x}"  # a lone surrogate cannot be written
