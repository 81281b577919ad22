"""Fills in values by name, so that a replay fits another city: {policy.temporary_days}, {today+7}."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.actions import ACTIONS
from bot.content.read.source import nearest
from bot.engine.flow import Content
from bot.engine.scope import china_time
from bot.engine.wording import dated
from bot.kit.replay.conversation import Turn
from bot.kit.replay.stage import CannotPlay

_NO_STEPS = ("", "nothing", "person")
NAMED = re.compile(r"\{(?:today\+)?policy\.(\w+)\}")
"""A policy value, or the day it leads to."""
_DAY = re.compile(r"\{today(?:\+(?:(\d{1,4})|policy\.(\w+)))?\}")


def filled(words: str, content: Content, language: str, now: int) -> str:
    """Fills in names. `now`: epoch seconds; dates follow the language's format. Raises CannotPlay."""
    if "{" not in words:
        return words

    def day(found: re.Match[str]) -> str:
        later = found[1] or (_value(content, found[2]) if found[2] else "0")
        if not later.isdigit():
            raise CannotPlay(f"{found[0]}: policy.{found[2]} is no number of days.")
        lang = content.languages.get(language) or content.languages[content.default_language]
        return dated((china_time(now) + timedelta(days=int(later))).date().isoformat(), lang)

    return NAMED.sub(lambda found: _value(content, found[1]), _DAY.sub(day, words))


def unknown(key: str, turn: Turn, content: Content) -> str:
    """Returns what `at` or `calls` names that is nowhere, in both languages; "" if all of it is there."""
    if key == "at":
        steps = [f"{flow.name}.{step}" for flow in content.flows.values() for step in flow.steps]
        named, known, what = (turn.at or "").split(" | "), steps, ("step", "步骤")
    elif key == "calls":
        named, known, what = [one.action for one in turn.calls or ()], list(ACTIONS), ("action", "动作")
    else:
        return ""
    for name in named:
        if name not in known and name not in _NO_STEPS and not name.startswith("engine."):
            meant = nearest(name, known)
            english, chinese = (f" Did you mean {meant}?", f"是不是想写{meant}？") if meant else ("", "")
            return f"There is no {what[0]} “{name}”.{english} 没有{what[1]}“{name}”。{chinese}"
    return ""


def _value(content: Content, name: str) -> str:
    if name not in content.policy:
        meant = nearest(name, content.policy)
        hint = f" Did you mean {meant}?" if meant else ""
        raise CannotPlay(f"config/policy.yaml has no “{name}”.{hint}")
    return content.policy[name]["value"]
