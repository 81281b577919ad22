"""Fills in values by name, so that a replay fits another city: {policy.temporary_days}, {today+7}."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

from bot.actions import ACTIONS
from bot.content.messages import both
from bot.engine.content import Content
from bot.engine.scope import china_time
from bot.engine.wording import dated
from bot.kit.replay.conversation import Turn
from bot.kit.replay.stage import CannotPlay, nowhere
from bot.kit.replay.texts import every, shape

_NO_STEPS = ("", "nothing", "person")
NAMED = re.compile(r"\{(?:today\+)?policy\.(\w+)\}")
"""A policy value, or the day it leads to."""
_DAY = re.compile(r"\{today(?:\+(?:(\d{1,4})|policy\.(\w+)))?\}")


def filled(words: str, content: Content, language: str, now: int) -> str:
    """Fills in names. `now`: epoch seconds; dates follow the language's format.

    Raises:
        CannotPlay.
    """
    if "{" not in words:
        return words

    def day(found: re.Match[str]) -> str:
        later = found[1] or (_value(content, found[2]) if found[2] else "0")
        if not later.isdigit():
            raise CannotPlay(both("replays", "no-days", name=found[0], value=found[2]))
        lang = content.languages.get(language) or content.languages[content.default_language]
        return dated((china_time(now) + timedelta(days=int(later))).date().isoformat(), lang)

    return NAMED.sub(lambda found: _value(content, found[1]), _DAY.sub(day, words))


def unknown(key: str, turn: Turn, content: Content) -> str:
    """Returns what a part of the turn names that is nowhere, in both languages; "" if all of it is there."""
    if key == "at":
        steps = [f"{flow.name}.{step}" for flow in content.flows.values() for step in flow.steps]
        named = [one for one in (turn.at or "").split(" | ") if not one.startswith("engine.")]
        return _nowhere("no-such-step", named, (*_NO_STEPS, *steps), steps)
    if key == "calls":
        return _nowhere("no-such-action", [one.action for one in turn.calls or ()], ACTIONS)
    if key == "says":
        return _texts(turn, content)
    if key == "ends":
        ends = [one.partition(".")[0] for one in turn.ends or ()]
        return _nowhere("no-such-flow", ends, (*content.flows, "nothing"))
    if key == "slots":
        flows = content.flows.values()
        known = [name for flow in flows for slot in flow.slots for name in (slot, f"{flow.name}.{slot}")]
        named = [one for one, _ in turn.slots or ()]
        return _nowhere("no-such-slot", [one for one in named if one.rpartition(".")[0] not in known], known)
    return ""


def never(turn: Turn, content: Content) -> tuple[str, str]:
    """Returns the part of the turn that can never hold, though another of it may, and why; "" for none."""
    codes = [code for code, _ in turn.words or ()]
    among = ", ".join(content.languages)
    if why := _nowhere("no-such-language", codes, content.languages, among=among):
        return "words", why
    if turn.says and len(turn.says) > 1 and (why := _texts(turn, content)):
        return "says", why
    return "", ""


def _texts(turn: Turn, content: Content) -> str:
    named = [
        name for group in turn.says or () for one in group if one.how == "says" for name in one.words.split()
    ]
    lacking = [
        name
        for name in named
        if not any(shape(content, code, name.rstrip("!")) for code in content.languages)
    ]
    known = dict.fromkeys(written.name for written in every(content)) if lacking else ()
    return _nowhere("no-such-text", lacking, (), known)


def _nowhere(
    code: str, named: Iterable[str], there: Collection[str], known: Iterable[str] | None = None, **about: str
) -> str:
    """Says which is the first that is not there, and which of the known ones may be meant."""
    lacking = next((name for name in named if name not in there), None)
    return "" if lacking is None else nowhere(code, lacking, there if known is None else known, **about)


def _value(content: Content, name: str) -> str:
    if name not in content.policy:
        raise CannotPlay(_nowhere("no-such-value", [name], content.policy))
    return content.policy[name]["value"]
