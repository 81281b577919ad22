"""A bureau that believes everything: each new key is a new loss report, so that a doubled one shows.

The reference bureau's wire format over a card service of our own, which is slow, lost, refused or late at
random. Its ledger is a file, written before it answers; it is killed like everything else.

    python -m drill.bureau PORT LEDGER SEED FAULTS
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import make_server

from bot.ports import Later, Request, Result, Unknown
from bot.services.bureau import create_bureau

TOKEN = "made-up-bureau-token"
SLOW = "慢"
"""In a name: this person's look-ups take 4 s."""


class Ledger:
    """Loss reports by idempotency key, in a file that is on the disk before anybody is answered."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self.done = {entry["key"]: entry for entry in read(path)}
        self._file = path.open("ab")

    def report(self, key: str, card: str) -> str:
        with self._lock:
            if key not in self.done:
                entry = {"key": key, "card": card, "number": f"2026{len(self.done):08d}", "at": time.time()}
                self._file.write(b"\n" + json.dumps(entry).encode())
                self._file.flush()
                os.fsync(self._file.fileno())
                self.done[key] = entry
            return str(self.done[key]["number"])


def read(path: Path) -> list[dict[str, str]]:
    """What was reported; a line that a kill has cut is none."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


class Naive:
    """card.* and real_name.*: everybody is who they say, every card is normal."""

    def __init__(self, ledger: Ledger, dice: random.Random, faults: float) -> None:
        self._ledger, self._dice, self._faults = ledger, dice, faults

    def perform(self, request: Request) -> Result:
        fault = self._dice.random() / self._faults if self._faults else 1.0
        if request.action == "card.report_loss":
            return self._report(request, fault)
        if fault < 0.02:
            return Result("unavailable")
        if fault < 0.04:
            time.sleep(self._dice.uniform(0.5, 3))
        if SLOW in str(request.arguments.get("name", "")):
            time.sleep(4)
        if request.action == "real_name.check":
            return Result("match", {"age_group": "adult"})
        if request.action != "card.find":
            return Result("unavailable")
        card = hashlib.sha256(str(request.arguments["id_number"]).encode()).hexdigest()[:16]
        found = {"holder": "某某", "number": "1234", "state": "normal", "e_card": "none", "bank": "清风银行"}
        return Result("found", {"id": card, **found, "pin_locked": "no", "expired": "no"})

    def _report(self, request: Request, fault: float) -> Result:
        if fault < 0.08:
            return Result("unavailable")
        if fault < 0.12:
            raise Unknown("lost on the way")
        if fault < 0.2:
            time.sleep(self._dice.uniform(0.5, 5))
        number = self._ledger.report(request.key, str(request.arguments["card"]))
        if 0.2 < fault < 0.26:
            raise Unknown("the answer is lost")
        if 0.26 < fault < 0.3:
            raise Later(request.action)
        names = {"bank_name": "清风银行", "bank_phone": "95000"}
        return Result("done", {"number": number, "kind": "temporary", "until": "2027-12-01", **names})

    def find(self, action: str, key: str) -> Result | None:
        return None


def main(port: str, ledger: str, seed: str, faults: str) -> None:
    naive = Naive(Ledger(Path(ledger)), random.Random(f"{seed} {time.time()}"), float(faults))
    app = create_bureau({"card": naive, "real_name": naive}, TOKEN)
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main(*sys.argv[1:])
