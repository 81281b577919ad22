"""Turns a recording of a live resident into a replay; no real value reaches the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.events import ActionDelayed, ActionFinished
from bot.kit.replay.fakes import Fakes
from bot.kit.replay.recorder import Recorder
from bot.kit.replay.stage import Scenery
from bot.turn.recording_events import AGAIN, CAME, HEARD, LATE, Item

PATIENT = 5
"""The least seconds of a call whose delivery was answered before its result."""


@dataclass
class _Open:
    """An open call. `late`: its resident was answered meanwhile."""

    action: str
    since: int
    late: bool = False


def recorded(items: Sequence[Item], scenery: Scenery, openid: str = "", push: bool = False) -> Recorder:
    """Returns the recorder. `items`: not empty, in commit order. `push`: the account may send by itself.

    The items are played back twice: a name may be recognised only at the end, and must not stand earlier.
    """
    fakes = Fakes()
    if openid:
        fakes.value("openid", openid)
    began, at = items[0].before, items[0].event.at
    for _ in range(2):
        recorder = Recorder(scenery, began, items[0].waiting, push=push, fakes=fakes)
        calls = began.calls if began else {}
        _play_back(recorder, items, {id_: _Open(call.action, at, late=True) for id_, call in calls.items()})
    return recorder


def _play_back(recorder: Recorder, items: Sequence[Item], open_: dict[str, _Open]) -> None:
    """`open_`: the calls that are under way, by their ids."""
    for item in items:
        if item.kind == HEARD:
            recorder.heard(item.event, item.before)
        elif item.kind == AGAIN:
            recorder.repeated()
        elif item.kind == LATE:
            for call in open_.values():
                call.late = True
        elif item.kind == CAME:
            _came(recorder, item, open_)
        if item.kind != AGAIN:
            recorder.saw(item.says, item.after)
        open_ |= {id_: _Open(action, item.event.at) for id_, action in item.calls.items()}
    for call in open_.values():
        recorder.unanswered(call.action)


def _came(recorder: Recorder, item: Item, open_: dict[str, _Open]) -> None:
    event = item.event
    call = open_.get(event.call) if isinstance(event, ActionFinished | ActionDelayed) else None
    if call is None:
        return
    took = max(event.at - call.since, PATIENT) if call.late else 0
    if isinstance(event, ActionFinished):
        recorder.answered(call.action, event.outcome, event.value, took)
        del open_[event.call]
    elif isinstance(event, ActionDelayed):
        outcome = "unknown" if event.sent else "unavailable" if item.sure else "later"
        recorder.answered(call.action, outcome, "", took)
        call.since, call.late = event.at, False
