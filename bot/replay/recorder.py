"""Recording a conversation as it happens: every value of the resident's is replaced before it is kept.

`heard` takes what the resident does, `service` wraps a service so that its answers are kept too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.engine import events as e
from bot.engine.flow import Slot, Value
from bot.engine.scope import china_time
from bot.engine.session import Session
from bot.engine.slots import normal
from bot.ports import ACTIONS, Later, Request, Result, Service, Unknown
from bot.replay.fakes import Fakes
from bot.replay.play import BETWEEN
from bot.replay.run import Options, one
from bot.replay.stage import Scenery
from bot.replay.written import text

PATIENCE = 2 * BETWEEN
"""Seconds between two messages that are not worth a `wait`."""
LONGEST = 30 * 86400
"""Seconds: nothing of a conversation is left by then."""


@dataclass
class Recorder:
    """One resident's conversation. `began`: the session as it was, where it began in mid-flow."""

    scenery: Scenery
    began: Session | None = None
    language: str = ""
    seed: int = field(default_factory=lambda: secrets.randbits(30))
    fakes: Fakes = field(init=False)
    turns: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    clock: int = 0
    _at: int = 0
    _session: str = ""
    _codes: int = 0

    def __post_init__(self) -> None:
        self.fakes = Fakes(secrets.randbits(64))
        if self.began is not None:
            self._session = self.fakes.session(self.scenery.content, self.began)
            self.language = self.began.language

    def heard(self, event: e.Event, session: Session | None) -> None:
        """Before the turn: `session` as it stands then."""
        if not self.turns:
            self.clock = self._at = event.at - BETWEEN
        gap = event.at - self._at
        if gap > PATIENCE:
            self.turns.append({"wait": f"{min(gap - BETWEEN, LONGEST)}s"})
        self._at = max(event.at, self._at + BETWEEN)
        turn = self._turn(event, session)
        if turn is not None:
            self.turns.append(turn)

    def repeated(self) -> None:
        self.turns.append({"redeliver": "last"})

    def service(self, service: Service) -> Service:
        return _Recording(self, service)

    # --- what was done ---
    def _turn(self, event: e.Event, session: Session | None) -> dict[str, Any] | None:
        if isinstance(event, e.TextReceived):
            if event.tap:
                return (
                    {"tap": {"label": self.fakes.text(event.text), "old": "yes"}}
                    if self._old(event, session)
                    else {"tap": self.fakes.text(event.text)}
                )
            return {"say": self._said(event.text, session)}
        if isinstance(event, e.VoiceReceived):
            return {"send": {"voice": self._said(event.text, session)}}
        if isinstance(event, e.ImageReceived):
            return {"send": {"image": self.fakes.value("image", event.media_id)}}
        if isinstance(event, e.LocationReceived):  # where they are, to some ten kilometres
            return {"send": {"location": [f"{event.lat:.1f}", f"{event.lon:.1f}"]}}
        if isinstance(event, e.OtherReceived):
            return {"send": event.kind or "video"}
        if isinstance(event, e.MenuClicked):
            return self._clicked(event.key)
        named: dict[type[e.Event], Any] = {
            e.Unsubscribed: "unsubscribe",
            e.AuthorizationRevoked: "revoke",
            e.PersonLeft: "close_session",
        }
        if isinstance(event, e.Subscribed):
            return {"event": {"subscribe": event.scene} if event.scene else "subscribe"}
        if isinstance(event, e.Scanned):
            return {"event": {"scan": event.scene}}
        if isinstance(event, e.Ignored):
            return {"event": {"other": event.name or "other"}}
        return {"event": named[type(event)]} if type(event) in named else None

    def _clicked(self, key: str) -> dict[str, Any]:
        buttons = [b for top in self.scenery.menu for b in (top, *top.sub)]
        name = next((b.name for b in buttons if b.key == key), "")
        return {"tap": name} if name else {"event": {"click": key}}

    def _old(self, event: e.TextReceived, session: Session | None) -> bool:
        """Whether the tap belongs to an earlier bubble than the last."""
        run, _, rest = event.tap.partition(".")
        top = session.top if session else None
        if rest.startswith("-") and not session:
            return True
        return bool(
            top and not rest.startswith("-") and (str(top.run), top.step) != (run, rest.partition(".")[0])
        )

    def _said(self, words: str, session: Session | None) -> str:
        slot = self._slot(session)
        top = session.top if session else None
        if slot is not None and slot.type == "code" and top is not None and top.code:
            digits = "".join(c for c in words if c.isdigit())
            known = self.began is None or top not in self.began.frames
            return "{code}" if digits == top.code and known else words
        content = self.scenery.content
        known_words = (content.recovery, content.triggers, content.yes, content.no)
        if (
            slot is not None
            and slot.type in ("name", "address")
            and not any(normal(words) in k for k in known_words)
        ):
            return self.fakes.value(slot.type, words.strip())
        if slot is not None and slot.type == "text" and not any(normal(words) in k for k in known_words):
            return self.fakes.value("text", words.strip())
        return self.fakes.text(words)

    def _slot(self, session: Session | None) -> Slot | None:
        top = session.top if session else None
        flow = self.scenery.content.flows.get(top.flow) if top else None
        step = flow.steps.get(top.step) if flow and top else None
        return flow.slots.get(step.slot) if flow and step and step.slot else None

    def answered(self, request: Request, outcome: str, value: Value) -> None:
        fields = ACTIONS[request.action].fields
        made: dict[str, Any] = {"outcome": outcome}
        if value:
            faked = self.fakes.answer(fields, value)
            made |= {"list": faked} if isinstance(faked, list) else faked if isinstance(faked, dict) else {}
        self.answers.append({request.action: made})

    # --- the file ---
    def text(self) -> str:
        """The YAML without expectations; nothing in it is the resident's."""
        data: dict[str, Any] = {"about": "recorded"}
        if self.language and not self._session:
            data["resident"] = {"language": self.language}
        data["clock"] = china_time(self.clock).isoformat(" ")
        data["seed"] = str(self.seed)
        data["services"] = self.answers or "stubs"
        if self._session:
            data["session"] = self._session
        data["turns"] = list(self.turns)
        return text(data)

    def write(self, path: Path, root: Path) -> str:
        """Write the replay with its expectations; "" if it is green at once, else what differs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(), encoding="utf-8")
        one(path, Options(root, update=True), self.scenery)
        return one(path, Options(root), self.scenery).text


class _Recording:
    def __init__(self, recorder: Recorder, service: Service) -> None:
        self._recorder, self._service = recorder, service

    def perform(self, request: Request) -> Result:
        """As bot.ports.Service."""
        try:
            result = self._service.perform(request)
        except Unknown:
            self._recorder.answered(request, "unknown", "")
            raise
        except Later:
            self._recorder.answered(request, "later", "")
            raise
        self._recorder.answered(request, result.outcome, result.value)
        return result

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
