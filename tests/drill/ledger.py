"""What the drill's bureau carried out: a file that is on the disk before anybody is answered."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bot.ports import Result


class Ledger:
    """Operations by idempotency key. Each new key is a new operation, whatever the card's state: so that a
    doubled one shows."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._done = {entry["key"]: entry for entry in read(path)}
        self._file = path.open("ab")

    def carry_out(self, action: str, key: str, card: str, kind: str) -> str:
        """The receipt's number; the same for the same key."""
        with self._lock:
            if key not in self._done:
                at = str(time.time())  # wall clock: to be read beside the logs
                entry = {"key": key, "action": action, "card": card, "kind": kind, "at": at}
                entry["number"] = f"2026{len(self._done):08d}"
                self._file.write(b"\n" + json.dumps(entry).encode())
                self._file.flush()
                os.fsync(self._file.fileno())
                self._done[key] = entry
            return self._done[key]["number"]

    def find(self, action: str, key: str) -> Result | None:
        with self._lock:
            return self.result(self._done[key]) if key in self._done else None

    def of(self, card: str) -> Iterator[dict[str, str]]:
        """What was carried out on a card, oldest first."""
        with self._lock:
            return iter([entry for entry in self._done.values() if entry["card"] == card])

    def card_of(self, number: str) -> str:
        """The card that an application was filed for."""
        with self._lock:
            return next((e["card"] for e in self._done.values() if e["number"] == number), "")

    def result(self, entry: dict[str, str]) -> Result:
        match entry["action"]:
            case "card.report_loss":
                until = {"until": "2027-12-01"} if entry["kind"] == "temporary" else {}
                bank = {"bank_name": "清风银行", "bank_phone": "95000"}
                return Result("done", {"number": entry["number"], "kind": entry["kind"], **until, **bank})
            case "card.apply":
                return Result("done", {"number": entry["number"], "state": "reviewing"})
            case _:
                return Result("done", {})


def read(path: Path) -> list[dict[str, str]]:
    """What was carried out; a line that a kill has cut is none."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
