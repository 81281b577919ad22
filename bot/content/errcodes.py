"""WeChat's refusals in words: the meaning of an errcode, which quotas are spent and until when."""

from __future__ import annotations

from collections.abc import Iterable

from bot.content.messages import ENGLISH, listed, message, sentences
from bot.engine.scope import china_time


def refusal(code: int, language: str, address: str = "") -> str:
    """Returns what to do about WeChat's errcode. `address`: the one WeChat saw, if it tells (40164)."""
    known = str(code) if str(code) in sentences("refusals") else "other"
    blank = " " if address and language == ENGLISH else ""
    return message("refusals", known, language, {"code": code, "address": address + blank})


def spent(calls: Iterable[str], language: str) -> str:
    """Lists the calls whose quota of the day is spent, in words, each with WeChat's name for it."""
    return listed((_named(call, language) for call in calls), language)


def _named(call: str, language: str) -> str:
    if call not in sentences("calls"):
        return call
    return message("phrases", "call", language, {"words": message("calls", call, language), "call": call})


def midnight(until: int) -> str:
    """Formats when quotas restart, in China: 2026-11-23 00:00."""
    return f"{china_time(until):%Y-%m-%d %H:%M}"
