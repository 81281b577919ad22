"""The conversation on the phone beside a draft: what the page sent back of it, and what comes next."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, request

from bot.console.bench import Act

MOST = 60
"""Acts of a conversation."""


def acts_of(now: int = 0) -> tuple[list[Act], int]:
    """Returns the conversation so far, when it began, and (with `now`) what the resident does next."""
    try:
        acts = [_act(*one) for one in json.loads(request.form.get("acts") or "[]")]
        at = int(request.form.get("at") or 0)
        if not 0 <= at < 1 << 32:
            raise ValueError(at)
        new = _next() if now else None
    except (TypeError, ValueError, RecursionError):
        abort(400, "no conversation")
    if new:
        again = new[0] == "follow" or not acts
        at = now if again else at
        acts = [new] if new[0] == "follow" else [*(acts or [("follow", "", "")]), new]
    return acts[:MOST], at


def _next() -> Act | None:
    if "again" in request.form:
        return "follow", "", ""
    if tapped := request.form.get("tap"):
        tap, _, said = tapped.partition("|")
        return _act("say", said, tap)
    if said := request.form.get("say", "").strip():
        return _act("say", said, "")
    return _act("wait", request.form["wait"], "") if request.form.get("wait") else None


def _act(kind: Any, said: Any, tap: Any) -> Act:
    """Raises ValueError."""
    if kind not in ("follow", "say", "wait") or not isinstance(said, str) or not isinstance(tap, str):
        raise ValueError(kind)
    if kind == "wait" and not 0 < int(said) <= 100_000:
        raise ValueError(said)
    (said + tap).encode()  # half of a surrogate pair is nothing that a phone sends
    return kind, said[:2000], tap[:200]
