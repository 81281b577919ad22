"""A bureau that believes everything, over the reference bureau's wire format, and misbehaves at random.

It is slow, hangs, drips, resets, answers garbage, or later by a signed callback; it is killed like everything
else. What it carried out is in its ledger (see ledger.py).

    python -m drill.bureau PORT LEDGER SEED FAULTS WEB_PORT,WEB_PORT
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import requests
from contracts.faults import answer_badly
from flask import request as http
from werkzeug.serving import make_server

from bot.actions import ACTIONS
from bot.kit.stubs.bureau import create_bureau
from bot.ports import Later, Request, Result, Unknown
from bot.turn.callbacks import sign
from drill.goals import GUESSED
from drill.ledger import Ledger

TOKEN = "made-up-bureau-token"
CALLBACK_KEY = "made-up-callback-key"
SEALED = "660102"
"""An ID number that begins so: this person's card is not enabled yet."""
REPORTED = "reported.log"
"""Receipts of which we have taken an event."""
SLOW = "慢"
"""In a name: this person's look-ups take 4 s."""
LONGER = 10.0
"""Seconds that nobody waits for: a caller has given up after 8."""

# name: how often (of 1000 calls); faults.py makes those with a "=", or a status, on the wire
CHANGES = {
    "unavailable": 40, "lost on the way": 20, "lost on the way back": 20, "slow": 50, "8 s": 30,
    "taken after 9 s": 15, "later": 60, "later, not taken yet": 30, "later, no callback": 10,
    f"hang={LONGER}": 20, f"drip={LONGER}": 20, f"drip_head={LONGER}": 15, "reset": 25, "500": 20, "503": 15,
    "garbage": 15, "nonsense": 10, "large": 5, "302": 5,
}  # fmt: skip
LOOK_UPS = {
    "unavailable": 20, "slow": 20, "8 s": 8, f"hang={LONGER}": 4, f"drip={LONGER}": 4,
    f"drip_head={LONGER}": 3, "reset": 6, "500": 6, "503": 4, "garbage": 4, "nonsense": 3, "large": 2,
    "302": 2,
}  # fmt: skip
OF_OURS = frozenset({n for n in CHANGES if " " in n} | {"unavailable", "slow", "later"})


class Faults:
    """WSGI in front of the bureau: draws what goes wrong with each call, and writes down what it drew."""

    def __init__(self, app: Any, dice: random.Random, often: float, notes: Path) -> None:
        self._app, self._dice, self._often = app, dice, often
        self._notes = notes.open("ab")

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop("HTTP_BUREAU_FAULT", None)
        name = self._draw(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else ""
        if name:
            self._notes.write(f"bureau {name.partition('=')[0]}\n".encode())
            self._notes.flush()
        environ["drill.fault" if name in OF_OURS else "HTTP_BUREAU_FAULT"] = name
        return self._app(environ, start)  # type: ignore[no-any-return]

    def _draw(self, path: str) -> str:
        action = ACTIONS.get(path.removeprefix("/v1/").replace("/", "."))
        if action is None or not self._often:
            return ""
        at = self._dice.random() * 1000 / self._often
        for name, often in (CHANGES if action.changes else LOOK_UPS).items():
            at -= often
            if at < 0:
                return name
        return ""


class Naive:
    """card.* and real_name.*: everybody but a guesser is who they say; every change is carried out."""

    def __init__(self, ledger: Ledger, dice: random.Random, web: list[int], notes: Path) -> None:
        self._ledger, self._dice, self._web = ledger, dice, web
        self._notes, self._reported = notes.open("ab"), notes.with_name(REPORTED)

    def perform(self, request: Request) -> Result:
        fault = http.environ.get("drill.fault", "")
        if fault == "unavailable":
            return Result("unavailable")
        if fault == "slow":
            time.sleep(self._dice.uniform(0.5, 4))
        if not ACTIONS[request.action].changes:
            if fault == "8 s":
                time.sleep(8)
            if SLOW in str(request.arguments.get("name", "")):
                time.sleep(4)
            return self._answer(request.action, {k: str(v) for k, v in request.arguments.items()})
        match fault:
            case "lost on the way":
                raise Unknown(fault)
            case "taken after 9 s":
                time.sleep(9)
            case "later, not taken yet":
                self._in_thread(request)
                raise Later(request.action)
        result = self._change(request)
        match fault:
            case "lost on the way back":
                raise Unknown(fault)
            case "8 s":
                time.sleep(8)
            case "later":
                self._in_thread(request)
                raise Later(request.action)
            case "later, no callback":
                raise Later(request.action)
        return result

    def find(self, action: str, key: str) -> Result | None:
        return self._ledger.find(action, key)

    def _change(self, request: Request) -> Result:
        given = request.arguments
        card = str(given.get("card", "")) or self._ledger.card_of(str(given.get("application", "")))
        kind = str(given.get("kind", ""))
        known = self._ledger.find(request.action, request.key) is not None
        number = self._ledger.carry_out(request.action, request.key, card, kind)
        if request.action == "card.apply" and not known:
            threading.Thread(target=self._report, args=(number, request.key), daemon=True).start()
        found = self._ledger.find(request.action, request.key)
        assert found is not None
        return found

    def _answer(self, action: str, given: dict[str, str]) -> Result:
        if given.get("name", "").startswith(GUESSED):
            return Result("mismatch")
        if action == "real_name.check":
            return Result("match", {"age_group": "adult"})
        if action.startswith("real_name."):
            return Result("good" if action == "real_name.read_document" else "match")
        if action == "card.quote":
            return Result("known", {"fee": "20元", "postage": "12元", "total": "32元", "days": "7–10"})
        if action == "card.progress":
            number = given["application"]
            return Result("found", {"id": number, "state": "reviewing", "number": number, "reason": "lost"})
        card = given.get("card") or hashlib.sha256(given["id_number"].encode()).hexdigest()[:16]
        done = list(self._ledger.of(card))
        filed = [e["number"] for e in done if e["action"] == "card.apply"]
        if action == "card.applications":
            made = [{"title": "补卡", "date": "2026-11-22", "id": number} for number in filed]
            return Result("found", made) if made else Result("none", [])
        value = {"id": card, "holder": "某某", "number": "1234", "bank": "清风银行"}
        value |= {"pin_locked": "no", "expired": "no", **_state(given.get("id_number", ""), done)}
        return Result("found", value)

    # --- callbacks ---
    def _in_thread(self, request: Request) -> None:
        threading.Thread(target=self._call_back, args=(request,), daemon=True).start()

    def _call_back(self, request: Request) -> None:
        """Carried out by then, and told until somebody takes it; sometimes told twice."""
        time.sleep(self._dice.uniform(0.3, 6))
        result = self._change(request)
        said = {
            "key": request.key,
            "action": request.action,
            "outcome": result.outcome,
            "value": result.value,
        }
        self._post("/callbacks/card", said, "callback")

    def _report(self, number: str, key: str) -> None:
        """The new card lies ready: nobody has asked. What was taken is noted, for it must be told. `key`: of
        the change, whose outcome may not have come through yet; until then the event is sent again."""
        time.sleep(self._dice.uniform(2, 8))
        value = {"id": number, "number": number, "reason": "lost", "state": "ready"}
        at = int(time.time())  # wall clock: real processes
        said = {"id": f"event-{number}", "event": "card.application", "at": at, "value": value, "key": key}
        if self._post("/callbacks/card/events", said, "event"):
            with self._reported.open("a") as file:
                file.write(f"{number}\n")

    def _post(self, path: str, said: object, what: str) -> bool:
        """Until it is taken; sometimes twice. Whether it was."""
        body = json.dumps(said).encode()
        wanted = 2 if self._dice.random() < 0.2 else 1
        taken = False
        for _ in range(30):
            stamp = str(int(time.time()))  # wall clock: real processes
            nonce = secrets.token_hex(8)
            signature = sign(CALLBACK_KEY, stamp, nonce, path, body)
            headers = {"Shebao-Timestamp": stamp, "Shebao-Nonce": nonce, "Shebao-Signature": signature}
            url = f"http://127.0.0.1:{self._dice.choice(self._web)}{path}"
            try:
                status = requests.post(url, body, headers=headers, timeout=5).status_code
            except requests.RequestException:
                status = 0
            if status == 200:
                self._notes.write(f"{what} taken\n".encode())
                self._notes.flush()
                wanted, taken = wanted - 1, True
            elif status not in (0, 502, 503):
                self._notes.write(f"{what} refused with {status}\n".encode())
                self._notes.flush()
            if not wanted:
                break
            time.sleep(0.5)
        return taken


def _state(id_number: str, done: list[dict[str, str]]) -> dict[str, str]:
    """What a card.find tells of a card on which this was carried out."""
    state, e_card = ("sealed" if id_number.startswith(SEALED) else "normal"), "none"
    for entry in done:
        match entry["action"]:
            case "card.report_loss":
                state = "formal_loss" if entry["kind"] == "formal" else "temporary_loss"
                e_card = "needs_authorisation" if e_card == "issued" else e_card
            case "card.cancel_loss" | "card.enable":
                state = "normal"
                e_card = "issued" if e_card == "needs_authorisation" else e_card
            case "card.issue_e_card":
                e_card = "issued"
    withdrawn = sum(e["action"] == "card.withdraw" for e in done)
    filed = [e["number"] for e in done if e["action"] == "card.apply"][withdrawn:]
    return {"state": state, "e_card": e_card} | ({"application": filed[-1]} if filed else {})


def main(port: str, ledger: str, seed: str, faults: str, web: str) -> None:
    begun = time.time()  # wall clock: another life, other faults
    dice, path = random.Random(f"{seed} {begun}"), Path(ledger)
    notes = path.with_name("happened.log")
    naive = Naive(Ledger(path), dice, [int(p) for p in web.split(",")], notes)
    app = create_bureau({"card": naive, "real_name": naive}, TOKEN, faults=answer_badly)
    served = Faults(app, dice, float(faults), notes)
    make_server("127.0.0.1", int(port), served, threaded=True).serve_forever()


if __name__ == "__main__":
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main(*sys.argv[1:])
