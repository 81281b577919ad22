"""Checks that texts about a card, a change or stored data are true when they are sent.

`tests/claims.yaml` beside the content binds each text that makes such a claim (recognised by its words) to
the condition under which it may be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.engine.content import Content
from bot.engine.effects import Forget, Say
from bot.engine.session import DONE, Frame, Session
from bot.engine.step import StepResult
from bot.kit.replay.process import Process
from bot.kit.replay.texts import every, numbered, whole_text
from bot.ports import Request

FILE = Path("tests/claims.yaml")
Condition = Mapping[str, Any]


@dataclass(frozen=True)
class Situation:
    """The state in which a text is sent. `card`: the bureau's record of the card that flows act for, `own`:
    of the resident's own card; {} if not known. `before`: None for a first session."""

    before: Session | None
    turned: StepResult
    card: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def after(self) -> Session:
        return self.turned.session

    def frames(self) -> tuple[Frame, ...]:
        return (*(self.before.frames if self.before else ()), *self.after.frames)


class Claims:
    """The claims of a file.

    Raises:
        ValueError: it names a text that the content does not have.
    """

    def __init__(self, content: Content, file: Path) -> None:
        raw = yaml.safe_load(file.read_text("utf-8"))
        self.content = content
        self.words = {
            code: re.compile("|".join(words), re.IGNORECASE) for code, words in raw["words"].items()
        }
        self.bound = {name: group["if"] for group in raw["claims"] for name in group["texts"]}
        known = {n for w in every(content) for n in (w.name, *(v[3] for v in w.variants()))}
        if unknown := sorted(set(self.bound) - known):
            raise ValueError(f"{file}: no such text: {', '.join(unknown)}")

    def condition(self, name: str) -> Condition | None:
        """Returns the condition of a text. `name`: of a variant, or of a whole text."""
        return self.bound.get(name) or self.bound.get(whole_text(name))

    def untrue(self, now: Situation) -> Iterator[str]:
        """Reports the texts of this turn that are not true."""
        for effect in now.turned.effects:
            if isinstance(effect, Say):
                name = numbered(self.content, now.after.language, effect.id, effect.text)
                condition = self.condition(name)
                if condition is not None and not holds(condition, name.partition(".")[0], now):
                    yield f"{name} was said, but not: {dict(condition)}; the bureau has {dict(now.card)}"


def situation(process: Process, before: Session | None, turned: StepResult) -> Situation:
    """Returns the situation of a turn before it is written, from the records of the stubs."""
    kept = {**(before.kept if before else {}), **turned.session.kept}
    own, family = (kept[f].slots.get("id_number") if f in kept else None for f in ("sign_in", "family"))
    return Situation(before, turned, _held_by_bureau(process, family or own), _held_by_bureau(process, own))


def _held_by_bureau(process: Process, number: object) -> Mapping[str, str]:
    if not number:
        return {}
    answers = process.answers.fork(lambda: process.clock)
    answers.waiting = []
    found = answers.perform(Request("card.find", {"id_number": str(number)}, "claims", "claims", 1.0))
    if found.outcome == "not_found":
        return {"state": "none", "e_card": "none"}
    return found.value if found.outcome == "found" and isinstance(found.value, dict) else {}


def holds(condition: Condition, flow: str, now: Situation) -> bool:
    """Checks every part of a condition; an unknown value passes."""
    return all(_PARTS[part](wanted, flow, now) for part, wanted in condition.items())


def _card(wanted: list[str], flow: str, now: Situation) -> bool:
    card = now.own if flow == "e_card" else now.card
    return not card or card["state"] in wanted


def _e_card(wanted: list[str], flow: str, now: Situation) -> bool:
    return not now.own or now.own["e_card"] in wanted


def _change(wanted: str, flow: str, now: Situation) -> bool:
    sessions = [s for s in (now.before, now.after) if s is not None]
    open_ = [c for s in sessions for c in s.calls.values() if c.once and flow in (c.flow, "common")]
    runs = [f for f in now.frames() if f.flow == flow]
    made = any(s.outcome in DONE for f in runs for s in f.completed_actions.values())
    if wanted == "under way":
        return bool(open_)
    if wanted == "made":
        return any(s.result is not None and s.result.outcome in DONE for s in sessions)
    still = [c for c in now.after.calls.values() if c.once and c.flow == flow]
    return not made and not still


def _held(wanted: str, flow: str, now: Situation) -> bool:
    gone = Forget() in now.turned.effects
    after = now.after
    stored = after.kept or after.frames or after.scheduled or after.consents
    if wanted == "erased":
        return gone and not (stored or after.suspended)
    if wanted == "no sign-in":
        return "sign_in" not in after.kept
    if wanted == "no consent":
        return not stored
    return not gone  # something is stored, and stays


_PARTS: Mapping[str, Callable[[Any, str, Situation], bool]] = {
    "card": _card,
    "e_card": _e_card,
    "change": _change,
    "held": _held,
    "tells": lambda *_: True,
}
