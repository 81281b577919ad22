"""Chinese names for the YAML's words in a graph, each with the word itself beside it."""

from __future__ import annotations

import re

from bot.content.messages import CHINESE, Messages, message, sentences

_say, _kinds = Messages("graph", CHINESE), Messages("schema", CHINESE)
_AGAIN = re.compile(r"again ≤ (\d+)")
_GIVEN = re.compile(r"(.+?) (not )?given")


def kind_in(kind: str, language: str) -> str:
    """Returns 提问 collect; in other languages collect."""
    say = _say if f"kind.{kind}" in sentences("graph") else _kinds  # step kinds are in schema.yaml
    return say(f"kind.{kind}") if language == CHINESE and f"kind.{kind}" in sentences(say.subject) else kind


def action_in(name: str, language: str) -> str:
    """Returns 查社保卡, find the card; for an action that somebody added its name."""
    key = f"action.{name}"
    return message("graph", key, language) if key in sentences("graph") else name


def way_in(label: str, language: str) -> str:
    """Translates an edge's label, as `bot.content.drawing.graph` and the counts write it."""
    if language != CHINESE or not label:
        return label
    return "，".join(_part(part) for part in label.split(", "))


def _part(part: str) -> str:
    if again := _AGAIN.fullmatch(part):
        return _say("again", size=again[1])
    if given := _GIVEN.fullmatch(part):
        return _say("not_given" if given[2] else "given", name=given[1])
    return _say(f"way.{part}") if f"way.{part}" in sentences("graph") else part
