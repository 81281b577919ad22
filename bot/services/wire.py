"""Checks an answer's values, for the stubs, the HTTP adapter and the reference bureau alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from bot.actions import ACTIONS
from bot.engine.flow import Action, Field, Record
from bot.ports import Result

# Outcomes whose record holds every field that is sure. Those of
# PARTLY may hold some; the others hold nothing.
WITH_RECORD = frozenset({"match", "found", "known", "done", "already", "begun"})
PARTLY = frozenset({"refused", "locked"})
LONGEST = 500  # characters in a field
MOST_ENTRIES = 50


class Garbage(ValueError):
    """An answer outside the action's closed sets. The text names fields, never their values."""


def checked(action: str, outcome: object, value: object) -> Result:
    """Returns a Result with the outcomes and fields that bot.actions declares; drops unknown fields.

    Raises:
        Garbage: anything else.
    """
    declared = ACTIONS[action]
    if not isinstance(outcome, str) or outcome not in declared.outcomes:
        raise Garbage(f"{action}: an outcome it does not have")
    if declared.many:
        return Result(outcome, _entries(action, declared, value) if outcome in WITH_RECORD else [])
    if outcome in WITH_RECORD:
        return Result(outcome, _record(action, declared, value or {}, whole=True))
    if outcome in PARTLY:
        return Result(outcome, _record(action, declared, value or {}, whole=False))
    return Result(outcome)


def _entries(action: str, declared: Action, value: object) -> list[Record]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ENTRIES:
        raise Garbage(f"{action}: not a list of 1 to {MOST_ENTRIES} entries")
    return [_record(action, declared, entry, whole=True) for entry in value]


def _record(action: str, declared: Action, value: object, whole: bool) -> Record:
    if not isinstance(value, Mapping):
        raise Garbage(f"{action}: not a record")
    record: Record = {}
    for name, field in declared.fields.items():
        text = value.get(name)
        if text in (None, ""):
            if whole and field.sure:
                raise Garbage(f"{action}: {name} is missing")
            continue
        if not isinstance(text, str) or not _fits(field, text):
            raise Garbage(f"{action}: {name} is not what it should be")
        record[name] = text
    return record


def _fits(field: Field, text: str) -> bool:
    if field.kind == "codes":
        return bool(text) and set(text.split(",")) <= set(field.of)
    if field.of:
        return text in field.of
    if field.kind == "date":
        return _is_date(text)
    if field.kind == "time":
        return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text))
    # control characters would reach a resident's message; a lone surrogate cannot be stored
    return len(text) <= LONGEST and not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text)


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):  # fromisoformat alone takes 20260310 too
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
