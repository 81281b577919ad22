"""WeChat's refusals in words: what an errcode means, which quotas are spent and until when."""

from __future__ import annotations

from collections.abc import Iterable

from bot.content.messages import ENGLISH, listed, message, sentences
from bot.engine.scope import china_time


def refusal(code: int, language: str, address: str = "") -> str:
    """What to do about WeChat's errcode. `address`: the one WeChat saw, where it says so (40164)."""
    known = str(code) if str(code) in sentences("refusals") else "other"
    blank = " " if address and language == ENGLISH else ""
    return message("refusals", known, language, {"code": code, "address": address + blank})


def spent(calls: Iterable[str], language: str) -> str:
    """Calls whose quota of the day is spent, in words, each with WeChat's name for it."""
    return listed((_named(call, language) for call in calls), language)


def _named(call: str, language: str) -> str:
    if call not in sentences("calls"):
        return call
    return message("phrases", "call", language, {"words": message("calls", call, language), "call": call})


def midnight(until: int) -> str:
    """When quotas begin anew, in China: 2026-11-23 00:00."""
    return f"{china_time(until):%Y-%m-%d %H:%M}"
