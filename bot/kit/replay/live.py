"""Turns a recording of a live resident into a replay; no real value reaches the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass
class _Playback:
    recorder: Recorder
    open: dict[str, _Open] = field(default_factory=dict)

    def item(self, item: Item) -> None:
        at = item.event.at
        if item.kind == HEARD:
            self.recorder.heard(item.event, item.before)
        elif item.kind == AGAIN:
            self.recorder.repeated()
        elif item.kind == LATE:
            for call in self.open.values():
                call.late = True
        elif item.kind == CAME:
            self._came(item, at)
        if item.kind != AGAIN:
            self.recorder.saw(item.says, item.after)
        self.open |= {call: _Open(action, at) for call, action in item.calls.items()}

    def _came(self, item: Item, at: int) -> None:
        event = item.event
        call = self.open.get(event.call) if isinstance(event, ActionFinished | ActionDelayed) else None
        if call is None:
            return
        took = max(at - call.since, PATIENT) if call.late else 0
        if isinstance(event, ActionFinished):
            self.recorder.answered(call.action, event.outcome, event.value, took)
            del self.open[event.call]
        elif isinstance(event, ActionDelayed):
            outcome = "unknown" if event.sent else "unavailable" if item.sure else "later"
            self.recorder.answered(call.action, outcome, "", took)
            call.since, call.late = at, False

    def end(self) -> None:
        for call in self.open.values():
            self.recorder.unanswered(call.action)


def recorded(items: Sequence[Item], scenery: Scenery, openid: str = "", push: bool = False) -> Recorder:
    """Returns the recorder. `items`: not empty, in commit order. `push`: the account may send by itself.

    The items are played back twice: a name may be recognised only at the end, and must not stand earlier.
    """
    fakes = Fakes()
    if openid:
        fakes.value("openid", openid)
    began, waiting, at = items[0].before, items[0].waiting, items[0].event.at
    for _ in range(2):
        recorder = Recorder(scenery, began, waiting, push=push, fakes=fakes)
        calls = began.calls if began else {}
        playback = _Playback(recorder, {i: _Open(c.action, at, late=True) for i, c in calls.items()})
        for item in items:
            playback.item(item)
        playback.end()
    return recorder
