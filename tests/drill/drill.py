"""The drill: whole conversations under everything that goes wrong, then the count: `make drill`."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import redis

from drill.bureau import read
from drill.residents import DONE, Message, Phones, Resident, crowd
from drill.stage import Chaos, Stage

AT_ONCE = 24
TROUBLE = "这边现在查不了"
LATE = 5.0


@dataclass
class Figures:
    """What was counted. Each of `zeros` must be 0."""

    turns: int = 0
    deliveries: int = 0
    reports: int = 0
    pushes: int = 0
    seconds: float = 0
    happened: dict[str, int] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    turned_twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)

    @property
    def zeros(self) -> dict[str, list[str]]:
        return {
            "loss reports doubled": self.doubled,
            "deliveries of one message answered differently": self.turned_twice,
            "confirmed but missing at the bureau": self.missing,
            "accepted and never answered": self.unanswered,
            "sessions stuck": self.stuck,
            "personal data in logs, AOF or RDB": self.personal,
        }

    @property
    def good(self) -> bool:
        return not any(self.zeros.values())

    def lines(self) -> list[str]:
        happened = ", ".join(f"{what} {n}" for what, n in sorted(self.happened.items()))
        return [
            f"{self.turns} turns in {self.deliveries} deliveries, {self.reports} loss reports, "
            f"{self.pushes} pushes, {self.seconds:.0f} s; killed or stopped: {happened or 'nothing'}",
            *(f"{len(found):>5}  {name}  {', '.join(found[:5])}" for name, found in self.zeros.items()),
        ]


def drill(
    turns: int,
    seed: int,
    build: str = "",
    every: float = 3.0,
    faults: float = 1.0,
    folder: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """`turns`: about so many. `every`: seconds between two kills, 0: none. Keeps a `folder` it is given."""
    made = folder or Path(tempfile.mkdtemp(prefix="drill-"))
    phones = Phones(seed, faults)
    stage = Stage(made, f"http://127.0.0.1:{phones.api.server_port}", seed, faults, build)
    started = time.monotonic()
    try:
        stage.start()
        residents = crowd(phones, stage, max(turns // 13, 4))
        chaos = Chaos(stage, seed, every)
        if every:
            chaos.start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda r: r.go_on(30), residents))
        if every:
            chaos.end()
        say(f"{phones.turns} turns; now everything is left alone, and time passes")
        stage.wait()
        settle(stage, residents)
        figures = count(stage, residents)
        figures.turns, figures.deliveries, figures.pushes = phones.turns, phones.deliveries, phones.pushes
        figures.happened, figures.seconds = chaos.done, time.monotonic() - started
        return figures
    finally:
        stage.stop()
        phones.close()
        if folder is None:
            shutil.rmtree(made, ignore_errors=True)


def settle(stage: Stage, residents: list[Resident]) -> None:
    """No more faults. Time passes until nothing waits; whoever has not heard writes on; timers, a message."""
    for resident in residents:
        resident.phones.faults = 0
    stage.calm()
    with redis.Redis.from_url(stage.valkey.url) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(6):
            end = time.monotonic() + 30
            while _make_due(client, b"jp") and time.monotonic() < end:
                time.sleep(1)
            if all(pool.map(lambda r: r.go_on(12), residents)):
                break
        _make_due(client, b"jpt")
        time.sleep(3)


def _make_due(client: redis.Redis, kinds: bytes) -> int:
    """As if hours had passed. How many wait."""
    waiting = 0
    for key in client.scan_iter(match="sb:*:due"):
        for member in client.zrange(key, 0, -1):
            if member[:1] in kinds:
                waiting += 1
                client.zadd(key, {member: 1}, xx=True)
    return waiting


def count(stage: Stage, residents: list[Resident]) -> Figures:
    """From the bureau's own ledger and the residents' transcripts."""
    figures = Figures()
    ledger = read(stage.ledger)
    figures.reports = len(ledger)
    by_card: dict[str, list[str]] = {}
    for entry in ledger:
        by_card.setdefault(entry["card"], []).append(entry["number"])
    figures.doubled = ["+".join(numbers) for numbers in by_card.values() if len(numbers) > 1]
    known = {entry["number"] for entry in ledger}
    told = {number for resident in residents for number in resident.receipts}
    figures.missing = sorted(told - known)
    figures.unanswered = sorted(known - told)
    for resident in residents:
        figures.turned_twice += [resident.openid for m in resident.messages if len(_different(m)) > 1]
        figures.unanswered += [resident.openid for m in resident.messages if m.answers and not any(m.answers)
                               and not _pushed(resident)]  # fmt: skip
        resident.say("你好")
        last = resident.messages[-1]
        if not resident.receipts or not any(last.answers) or TROUBLE in resident.bubble:
            figures.stuck.append(f"{resident.openid}: {resident.bubble[:30]}")
    figures.personal = sorted(_personal(stage, residents))
    return figures


def _different(message: Message) -> set[str]:
    """Answers of one message that say different things; that nothing can be said now is no answer."""
    return {answer for answer in message.answers if answer and TROUBLE not in answer}


def _pushed(resident: Resident) -> bool:
    return any(DONE in text for text in resident.heard)


def _personal(stage: Stage, residents: list[Resident]) -> set[str]:
    found = set()
    words = [w for r in residents for w in (r.id_number, r.name, r.openid)]
    client = redis.Redis.from_url(stage.valkey.url)
    client.bgsave()
    time.sleep(1)
    for path in [*(stage.folder / "logs").iterdir(), *(stage.folder / "valkey").rglob("*")]:
        if path.is_file():
            text = path.read_bytes()
            found |= {f"{path.name}: {word}" for word in words if word.encode() in text}
    return found


def seed_of_today() -> int:
    return int(os.environ.get("DRILL_SEED") or random.SystemRandom().randrange(10**6))
