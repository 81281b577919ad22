"""The count: from the bureau's own ledger, the residents' transcripts, and every byte that was written."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from drill.bureau import REPORTED
from drill.goals import GOALS, READY, Goal
from drill.ledger import read
from drill.residents import LOST, RECEIPT, TROUBLE, Resident, results
from drill.wechat import Message, traces_of_photo

CHANGES = [goal for goal in GOALS.values() if goal.action]
HEARD_AFTER = 3.0
"""Seconds after a message in which what became of it is heard."""
BUGS = (
    "turn failed",
    "call failed",
    "job failed",
    "worker stumbled",
    "callback failed",
    "wechat_turn_failed",
)
"""Lines of the service's logs that only a bug of ours writes."""

CRASH = re.compile("was sent SIG(SEGV|BUS|ILL|FPE)")
"""As gunicorn says it of a web process, and stage.py of all others. The drill itself sends none of these."""


@dataclass
class Figures:
    """What was counted. Each of `zeros` must be 0."""

    turns: int = 0
    deliveries: int = 0
    residents: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    pushes: int = 0
    late_in_trouble: list[tuple[str, float]] = field(default_factory=list)
    measured: int = 0
    slowest: float = 0
    seconds: float = 0
    failover: bool = False
    slow: bool = False
    happened: Counter[str] = field(default_factory=Counter)
    doubled: list[str] = field(default_factory=list)
    turned_twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    bugs: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)

    @property
    def zeros(self) -> dict[str, list[str]]:
        """What is claimed. After a failover what was just said may be said anew, and differently."""
        found = {
            "changes doubled": self.doubled,
            "confirmed but missing at the bureau": self.missing,
            "deliveries of one message answered differently": self.turned_twice,
            "accepted and never answered": self.unanswered,
            "answered later than 4.5 s after being accepted": self.late,
            "sessions stuck": self.stuck,
            "bugs of ours in the logs, dead letters": self.bugs,
            "personal data in logs, AOF or RDB": self.personal,
        }
        return {name: list_ for name, list_ in found.items() if name not in self.others}

    @property
    def others(self) -> dict[str, list[str]]:
        """Counted, but not claimed."""
        lists = {
            "deliveries of one message answered differently": self.turned_twice,
            "accepted and never answered": self.unanswered,
            "sessions stuck": self.stuck,
        }
        return lists if self.failover else {}

    def _in_trouble(self) -> str:
        times: dict[str, list[float]] = {}
        for what, seconds in self.late_in_trouble:
            times.setdefault(what, []).append(seconds)
        return ", ".join(f"{w} {len(t)} (at most {max(t):.1f} s)" for w, t in sorted(times.items())) or "none"

    @property
    def good(self) -> bool:
        return not any(self.zeros.values())

    def lines(self) -> list[str]:
        happened = ", ".join(f"{what} {n}" for what, n in sorted(self.happened.items()))
        done = ", ".join(f"{what} {n}" for what, n in sorted(self.operations.items()))
        return [
            f"{self.turns} turns of {self.residents} residents in {self.deliveries} deliveries, "
            f"{self.pushes} pushes, {self.seconds:.0f} s",
            f"at the bureau: {done or 'nothing'}",
            f"what happened: {happened or 'nothing'}",
            f"slowest of {self.measured} answers {self.slowest:.2f} s; "
            f"later than 4.5 s in trouble: {self._in_trouble()}",
            *(f"{len(found):>5}  {name}  {', '.join(found[:5])}" for name, found in self.zeros.items()),
            *(
                f"{len(found):>5}  {name} (not claimed)  {', '.join(found[:5])}"
                for name, found in self.others.items()
            ),
        ]


def count(figures: Figures, ledger: Path, residents: list[Resident], set_back: Sequence[float] = ()) -> None:
    """Doubled, missing, unanswered, stuck; every resident writes one last message.

    `set_back`: when the store went, and when it came back older. A delivery from before and its repetition
    afterwards cannot agree, and an answer that had waited is gone; whoever was told so was not left without
    an answer.
    """
    entries = read(ledger)
    by_number = {entry["number"]: entry for entry in entries}
    log = ledger.with_name(REPORTED)
    reported = set(log.read_text().split()) if log.exists() else set()
    figures.residents = len(residents)
    figures.operations = changes(ledger)
    for resident in residents:
        card = sha256(resident.id_number.encode()).hexdigest()[:16]
        own = [entry for entry in entries if entry["card"] == card]
        for goal in CHANGES:
            _compare(figures, resident, goal, [e for e in own if _is(goal, e)], by_number)
        kept = [m for m in resident.messages if not _spans(m, set_back)]
        figures.turned_twice += [resident.openid for m in kept if len(_different(m)) > 1]
        figures.unanswered += [f"{resident.openid} in silence" for m in _silent(resident) if m in kept]
        figures.unanswered += [f"{f} asked for again" for f in resident.forgotten]
        resident.page = None
        last = resident.say("你好")
        if "delete" not in resident.plan and not any(LOST in text for _, text in resident.heard):
            news = "".join(text for _, text in resident.heard if READY in text)
            owed = reported & {entry["number"] for entry in own}
            figures.unanswered += [f"{resident.openid} not told of {n}" for n in owed if n not in news]
        if not resident.finished or not last or TROUBLE.search(last):
            goal_name = "" if resident.finished else resident.plan[resident.done]
            figures.stuck.append(f"{resident.openid} {goal_name}: {resident.bubble[:40]!r}")


def changes(ledger: Path) -> Counter[str]:
    """What the bureau carried out, by goal."""
    return Counter(goal.name for entry in read(ledger) for goal in CHANGES if _is(goal, entry))


def carried_out(ledger: Path, id_number: str, goal: Goal) -> int:
    """How often it was, for one resident."""
    card = sha256(id_number.encode()).hexdigest()[:16]
    return sum(entry["card"] == card and _is(goal, entry) for entry in read(ledger))


def _is(goal: Goal, entry: dict[str, str]) -> bool:
    return entry["action"] == goal.action and entry["kind"] == goal.kind


def _compare(
    figures: Figures,
    resident: Resident,
    goal: Goal,
    done: list[dict[str, str]],
    known: dict[str, dict[str, str]],
) -> None:
    """One kind of change of one resident: at the bureau `done`, and what they were told."""
    wanted = resident.plan.count(goal.name)
    if len(done) > wanted:
        figures.doubled.append(f"{resident.openid} {goal.name} {len(done)} times")
    told = [part for _, text in resident.heard for part in results(text) if goal.told.search(part)]
    receipts = {r for text in told for r in RECEIPT.findall(text)}
    wrong = [r for r in receipts if r not in known or not _is(goal, known[r]) or known[r] not in done]
    figures.missing += [f"{resident.openid} {goal.name} {r}" for r in wrong]
    if told and not done:
        figures.missing.append(f"{resident.openid} {goal.name}")
    if any(LOST in text for _, text in resident.heard):
        return
    unheard = (
        [e["number"] for e in done if e["number"] not in receipts] if receipts else done if not told else []
    )
    figures.unanswered += [f"{resident.openid} {goal.name} done and not told" for _ in unheard]


def _different(message: Message) -> set[str]:
    """Answers of one message that say different things; that nothing can be said now is no answer."""
    return {answer for answer in message.answers if answer and not TROUBLE.search(answer)}


def _spans(message: Message, set_back: Sequence[float]) -> bool:
    until = max(message.last, message.over + HEARD_AFTER)
    return any(message.began <= at <= until for at in set_back)


def _silent(resident: Resident) -> Iterator[Message]:
    """Accepted, answered `success`, and nothing was heard until the next turn was over."""
    for n, message in enumerate(resident.messages):
        if message.answers and not any(message.answers):
            until = next((m.over for m in resident.messages[n + 1 :] if m.over), time.monotonic())
            if not any(message.first - 5 <= at <= until for at, _ in resident.heard):
                yield message


def bugs(logs: Path) -> Iterator[str]:
    """Lines that only a bug of ours writes: `event: type (where)`."""
    for path in sorted(logs.glob("*.log")):
        for line in path.read_text("utf-8", errors="replace").splitlines():
            if not line.startswith("{"):
                if CRASH.search(line) or ("Traceback" in line and not path.name.startswith("wire")):
                    yield f"{path.name}: {line}"
                continue
            said = json.loads(line) if line.endswith("}") else {}
            if said.get("event") in BUGS or said.get("level") in ("critical",):
                place = (said.get("trace") or [""])[-1].rpartition("/")[2]
                yield f"{path.name}: {said.get('event')}: {said.get('error')} ({place})"


def personal(folders: list[Path], residents: list[Resident]) -> set[str]:
    """Names, numbers, addresses, openids and photos in clear, wherever something was written."""
    words = {word for r in residents for word in r.personal}
    found = set()
    for path in (p for folder in folders for p in folder.rglob("*")):
        if path.is_file():
            text = path.read_bytes()
            found |= {f"{path.name}: {word}" for word in words if any(f in text for f in _forms(word))}
            found |= {
                f"{path.name}: a photo of {r.openid}"
                for r in residents
                if any(trace in text for trace in traces_of_photo(r.openid))
            }
    return found


def _forms(word: str) -> set[bytes]:
    """As it is, and as JSON may escape it."""
    return {word.encode(), json.dumps(word)[1:-1].encode()}
