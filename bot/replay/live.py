"""Recording residents of a running service: only who is named, only for a time, only in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.engine.events import Event
from bot.engine.session import Session
from bot.ports import Request, Result, Service
from bot.replay.recorder import Recorder
from bot.replay.stage import Scenery

LONGEST = 3600
"""Seconds a recording may last."""


@dataclass
class _Tape:
    recorder: Recorder
    path: Path
    until: float


class Tapes:
    """`tag`: how services know a resident. Only invented values are written, and only at the end."""

    def __init__(self, scenery: Scenery, now: Callable[[], float]) -> None:
        self._scenery, self._now = scenery, now
        self._tapes: dict[str, _Tape] = {}
        self._lock = threading.Lock()

    def start(self, tag: str, path: Path, seconds: int, began: Session | None) -> None:
        """Raises ValueError for more than an hour."""
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"a recording lasts 1 to {LONGEST} seconds")
        with self._lock:
            self._tapes[tag] = _Tape(Recorder(self._scenery, began), path, self._now() + seconds)

    def heard(self, tag: str, event: Event, look: Callable[[], Session | None]) -> None:
        """Before each turn. Whoever is not recorded costs a look into a dict."""
        tape = self._tapes.get(tag)
        if tape is None:
            return
        if self._now() > tape.until:
            self.finish(tag)
            return
        with self._lock:
            tape.recorder.heard(event, look())

    def finish(self, tag: str) -> str:
        """Write the replay; "" if it is green (or nothing was recorded), else what differs."""
        with self._lock:
            tape = self._tapes.pop(tag, None)
        if tape is None or not tape.recorder.turns:
            return ""
        return tape.recorder.write(tape.path, self._scenery.root)

    def service(self, service: Service) -> Service:
        return _Listening(self, service)

    def recorder(self, tag: str) -> Recorder | None:
        tape = self._tapes.get(tag)
        return tape.recorder if tape is not None else None


class _Listening:
    """A service whose answers to recorded residents are kept, with invented values."""

    def __init__(self, tapes: Tapes, service: Service) -> None:
        self._tapes, self._service = tapes, service

    def perform(self, request: Request) -> Result:
        """As bot.ports.Service."""
        recorder = self._tapes.recorder(request.resident)
        service = recorder.service(self._service) if recorder is not None else self._service
        return service.perform(request)

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
