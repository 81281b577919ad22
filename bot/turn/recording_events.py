"""The items of a recording. `bot.store.recordings` knows the resident, `bot.kit.replay.live` makes a replay.

An item is plain JSON with real values, sealed like the session beside it. `bot.kit.replay.live` replaces
every value of the resident's before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, convert, json
from msgspec.structs import fields, replace

from bot.actions import reported_by_bureau
from bot.engine import events
from bot.engine.effects import Call, Reply, Say
from bot.engine.session import Session, stands
from bot.engine.session import read as read_session
from bot.reading.clean import Said
from bot.reading.secrets import without_secrets
from bot.store.records import Snapshot
from bot.turn.decision import Decision, Occasion

HEARD, CAME, LATE, AGAIN = "heard", "came", "late", "again"
_KINDS = {
    Occasion.MESSAGE: HEARD, Occasion.AWAITED: CAME, Occasion.OUTCOME: CAME, Occasion.ANSWER: LATE,
    Occasion.REPORT: HEARD,
}  # fmt: skip
_DRAWN = frozenset({"seed", "has_pending_replies", "push_under_way", "held"})
"""Fields of an event that a replay draws anew."""


@dataclass(frozen=True)
class Item:
    """`kind`: heard (the resident did `event`, or the bureau reported it), came (a call's result, `sure`: it
    was surely not taken), late (the delivery was answered before its calls had a result), again (the last
    delivery once more).

    `before`: the session then; whole in a recording's first item, else only its step. `calls`: the calls that
    this made, their actions by id. `waiting`: in a recording's first item, the replies not sent yet. `says`:
    id and words of every text that this sent. `after`: the step after it.
    """

    kind: str
    event: events.Event
    before: Session | None
    calls: Mapping[str, str]
    sure: bool = False
    waiting: tuple[Reply, ...] = ()
    says: tuple[tuple[str, str], ...] | None = None  # None: recorded by a release without it
    after: str = ""


def item(begun: Snapshot, decision: Decision) -> dict[str, Any] | None:
    """Implements `bot.turn.writing.Listen`: None for what a replay does by itself."""
    kind, event, turned = _KINDS.get(decision.occasion), decision.event, decision.turned
    if kind is None or isinstance(event, events.FormFilled):  # a replay has no page
        return None
    if isinstance(event, events.Reported) and not reported_by_bureau(event.given):
        return None  # a replay has no other WeChat
    first = begun.recorded == 1
    before = begun.session if first or begun.session is None else _standing(begun.session)
    return {
        "kind": kind,
        "event": type(event).__name__,
        "fields": {f.name: _kept(getattr(event, f.name)) for f in fields(event) if f.name not in _DRAWN},
        "before": before,
        "calls": {e.id: e.action for e in turned.effects if isinstance(e, Call)},
        "sure": bool(decision.change and decision.change.sure),
        "waiting": begun.outbox if first else (),
        "says": [(e.id, e.text) for e in turned.effects if isinstance(e, Say)],
        "after": stands(turned.session),
    }


def _kept(value: Any) -> Any:
    """Removes the secrets from what was said."""
    left = without_secrets(Said(value)) if isinstance(value, str) else None
    return value if left is None else left


def again(at: int) -> dict[str, Any]:
    """Returns the item of a repeated delivery, which writes nothing by itself."""
    return {"kind": AGAIN, "event": "Ignored", "fields": {"at": at}, "before": None, "calls": {}}


for _kind in (Reply, *vars(events).values()):  # so that no two threads learn a type at once: bot.store.forms
    if isinstance(_kind, type) and issubclass(_kind, Struct):
        json.Decoder(_kind)


def read(raw: Mapping[str, Any]) -> Item:
    """Reads an item.

    Raises:
        ValueError: one of another version of the program.
    """
    try:
        event = convert(raw["fields"], getattr(events, raw["event"]))
        before = read_session(raw["before"]) if raw["before"] is not None else None
        waiting = convert(raw.get("waiting", ()), tuple[Reply, ...])
        says = tuple((name, words) for name, words in raw["says"]) if "says" in raw else None
        sure, after = bool(raw.get("sure")), raw.get("after", "")
        return Item(raw["kind"], event, before, raw["calls"], sure, waiting, says, after)
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise ValueError(f"this recording was made by another version of the program: {e}") from e


def _standing(session: Session) -> Session:
    """Returns the resident's step, without what was said."""
    top = session.top
    kept = (
        replace(top, answers=(), history=(), carried_answers={}, completed_actions={}, doubt=None)
        if top
        else None
    )
    return Session(born="", language=session.language, frames=(kept,) if kept else ())
