"""Prepared answers of the services in a conversation: `{card.find: {outcome: found, state: normal, …}}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.actions import ACTIONS
from bot.content.read.source import Loc, Source
from bot.engine.flow import Value

TROUBLE = ("unknown", "later")
_SLOW = re.compile(r"([0-9]{1,4})s")


@dataclass(frozen=True)
class Prepared:
    """One answer. `outcome`: of the action, or unknown, later, stub (as the stub answers). `slow`: seconds.

    `given`: arguments the call must have.
    """

    action: str
    outcome: str
    value: Value = ""
    slow: int = 0
    given: tuple[tuple[str, str], ...] = ()
    loc: Loc = field(default=())


def prepared(raw: str | list[Any], source: Source) -> tuple[bool, tuple[Prepared, ...]]:
    """Returns whether the stubs answer the rest, and the prepared answers in their order."""
    if isinstance(raw, str):
        if raw not in ("stubs", "none"):
            source.error(("services",), "services")
        return raw == "stubs", ()
    made: list[Prepared] = []
    for index, entry in enumerate(raw):
        loc: Loc = ("services", index)
        if entry == "stubs":
            continue
        if not isinstance(entry, dict) or len(entry) != 1:
            source.error(loc, "services")
            continue
        action, answer = next(iter(entry.items()))
        made += _answer(action, answer, source, (*loc, action))
    return "stubs" in raw, tuple(made)


def _answer(action: str, raw: Any, source: Source, loc: Loc) -> list[Prepared]:
    spec = ACTIONS.get(action)
    if spec is None:
        source.error(loc, "unknown-action", key=True, name=action, known=ACTIONS)
        return []
    fields: dict[str, Any] = (
        {"outcome": raw} if isinstance(raw, str) else dict(raw) if isinstance(raw, dict) else {}
    )
    outcome = fields.pop("outcome", "")
    known = (*spec.outcomes, *TROUBLE, "stub")
    if outcome not in known:
        at = (*loc, "outcome") if isinstance(raw, dict) else loc
        source.error(at, "unknown-result", name=outcome, known=known, action=action, among=", ".join(known))
        return []
    slow, given, rows = fields.pop("slow", "0s"), fields.pop("with", {}), fields.pop("list", None)
    match = _SLOW.fullmatch(slow) if isinstance(slow, str) else None
    if match is None:
        source.error((*loc, "slow"), "slow")
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        source.error((*loc, "with"), "with")
        given = {}
    value: Value = ""
    if rows is not None:
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            source.error((*loc, "list"), "answer-list")
        else:
            for n, row in enumerate(rows):
                _check_fields(row, action, source, (*loc, "list", n))
            value = [dict(row) for row in rows]
    elif fields:
        _check_fields(fields, action, source, loc)
        value = dict(fields)
    needed = ", ".join(n for n, f in spec.fields.items() if f.sure)
    if outcome in ("found", "match", "known") and needed and not value:
        shape = "list: " if ACTIONS[action].many else ""
        source.error(loc, "no-fields", action=action, outcome=outcome, shape=shape, needed=needed)
    return [Prepared(action, outcome, value, int(match[1]) if match else 0, tuple(given.items()), loc)]


def _check_fields(row: dict[str, Any], action: str, source: Source, loc: Loc) -> None:
    spec = ACTIONS[action]
    for name, value in row.items():
        known, at = spec.fields.get(name), (*loc, name)
        if known is None:
            among = ", ".join(spec.fields) or "—"
            source.error(
                at, "unknown-saved", key=True, name=name, known=spec.fields, action=action, among=among
            )
        elif not isinstance(value, str):
            source.error(at, "one-value", name=name)
        elif known.of and not {*(value.split(",") if known.kind == "codes" else [value])} <= {*known.of}:
            source.error(at, "saved-value", name=name, value=value, among=", ".join(known.of))
