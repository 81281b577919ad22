"""Records a conversation as it happens; replaces every value of the resident's before it is kept.

`heard` takes what the resident does, `answered` the result of a service.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.actions import ACTIONS
from bot.engine import events as e
from bot.engine.effects import Reply
from bot.engine.flow import Value
from bot.engine.scope import china_time, today
from bot.engine.session import Session
from bot.kit.replay import reports
from bot.kit.replay.conversation import BETWEEN, Conversation
from bot.kit.replay.fakes import Fakes
from bot.kit.replay.fixture import load
from bot.kit.replay.play import play
from bot.kit.replay.run import Options, one
from bot.kit.replay.seen import Bare, Seen, unlike
from bot.kit.replay.stage import Scenery, Stage, asked
from bot.kit.replay.written import as_conversation, text
from bot.reading import personal
from bot.reading.clean import Said, normal
from bot.reading.find import read
from bot.reading.results import Doubtful

PATIENCE = 2 * BETWEEN
"""Seconds between two messages that need no `wait`."""
NEVER = 9999
"""Seconds: a call that never got a result."""
PERSONAL = ("id_number", "name", "mobile", "address", "text", "pattern")
"""Types of answers that are personal data."""
OLD = "recorded by an earlier release: the replay was not compared with what was seen"
LONGEST = 30 * 86400
"""Seconds after which nothing of a conversation is left."""
_NAMED: dict[type[e.Event], str] = {
    e.Unsubscribed: "unsubscribe",
    e.AuthorizationRevoked: "revoke",
    e.PersonLeft: "close_session",
}


@dataclass
class Recorder:
    """One resident's conversation. `began`: the session before the first event, if it began in mid-flow.

    `waiting`: replies not sent by then. `push`: the account sends by itself. `notes`: where the replay
    differs from the recording.
    """

    scenery: Scenery
    began: Session | None = None
    waiting: Sequence[Reply] = ()
    push: bool = False
    language: str = ""
    seed: int = field(default_factory=lambda: secrets.randbits(30))
    fakes: Fakes = field(default_factory=Fakes)
    turns: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    clock: int = 0
    seen: list[Seen] = field(default_factory=list)
    compares: bool = True
    _at: int = 0
    _heard: int = 0
    _session: str = ""

    def __post_init__(self) -> None:
        if self.began is not None:
            self._session = self.fakes.session(self.scenery.content, self.began)
            self.language = self.began.language

    def heard(self, event: e.Event, session: Session | None) -> None:
        """Records an event before its turn. `session`: the current one."""
        if not self.turns:
            self.clock = self._at = self._heard = event.at - BETWEEN
        gap = event.at - self._heard  # what lapsed must lapse, though a replay is slower
        if gap > PATIENCE:
            self.turns.append({"wait": f"{min(gap - BETWEEN, LONGEST)}s"})
        self._at += gap if gap > PATIENCE else BETWEEN
        self._heard = event.at
        turn = self._turn(event, session)
        if turn is not None:
            self.turns.append(turn)

    def saw(self, says: Sequence[tuple[str, str]] | None, after: str) -> None:
        """Records the result of the last turn: ids and words of texts, and the step after it. None: not
        recorded, so nothing can be compared."""
        if says is None:
            self.compares = False
            self.notes += [OLD] if OLD not in self.notes else []
        else:
            self.seen.append(Seen(len(self.turns), tuple(says), after))

    def repeated(self) -> None:
        self.turns.append({"redeliver": "last"})

    # --- what was done ---
    def _turn(self, event: e.Event, session: Session | None) -> dict[str, Any] | None:
        if isinstance(event, e.TextReceived):
            if event.tap:
                label = self._label(event.text)
                return {"tap": {"label": label, "old": "yes"} if self._old(event, session) else label}
            return {"say": self._said(event.text, session)}
        if isinstance(event, e.VoiceReceived):
            return {"send": {"voice": self._said(event.text, session)}}
        if isinstance(event, e.ImageReceived):
            return {"send": {"image": self.fakes.value("image", event.media_id)}}
        if isinstance(event, e.LocationReceived):  # the resident's place, rounded to some ten kilometres
            return {"send": {"location": [f"{event.lat:.1f}", f"{event.lon:.1f}"]}}
        if isinstance(event, e.OtherReceived):
            return {"send": event.kind or "video"}
        if isinstance(event, e.MenuClicked):
            return self._clicked(event.key)
        if isinstance(event, e.Reported):
            return {"bureau": reports.turn_of(event, self.fakes)}
        if isinstance(event, e.Subscribed):
            return {"event": {"subscribe": self._scene(event.scene)} if event.scene else "subscribe"}
        if isinstance(event, e.Scanned):
            return {"event": {"scan": self._scene(event.scene)}}
        if isinstance(event, e.Ignored):
            return {"event": {"other": event.name or "other"}}
        return {"event": _NAMED[type(event)]} if type(event) in _NAMED else None

    def _clicked(self, key: str) -> dict[str, Any]:
        name = next((b.name for b in self.scenery.buttons if b.key == key), "")
        return {"tap": name} if name else {"event": {"click": self.fakes.text(key)}}

    def _scene(self, scene: str) -> str:
        return scene if scene in self.scenery.content.scans else self.fakes.text(scene)

    def _label(self, label: str) -> str:
        return label if label in self.scenery.labels else self.fakes.text(label)

    def _old(self, event: e.TextReceived, session: Session | None) -> bool:
        """Checks whether the tap belongs to an earlier bubble than the last."""
        run, _, rest = event.tap.partition(".")
        top = session.top if session else None
        if rest.startswith("-") and not session:
            return True
        return bool(
            top and not rest.startswith("-") and (str(top.run), top.step) != (run, rest.partition(".")[0])
        )

    def _said(self, words: str, session: Session | None) -> str:
        slot = asked(self.scenery.content, session)
        top = session.top if session else None
        if slot is not None and slot.type == "code" and top is not None and top.code:
            digits = "".join(c for c in words if c.isdigit())
            shown = self.began is None or top.code not in (frame.code for frame in self.began.frames)
            return "{code}" if digits == top.code and shown else words
        content, said = self.scenery.content, normal(words)
        if any(said in known for known in (content.recovery, content.triggers, content.yes, content.no)):
            return words
        if slot is not None and slot.type == "date":
            date = read(slot, Said(words), today(self._at))
            if isinstance(date, str):  # a date is not personal, whatever it looks like
                return date if personal.find(words) else words
        if slot is None and personal.is_name(words.strip()):
            return self.fakes.value("name", words.strip())
        if slot is None or slot.type not in PERSONAL:
            return self._label(words)
        found = read(slot, Said(words), today(self._at))
        if isinstance(found, Doubtful) and found.likely:  # the bot asks to confirm the invented one as well
            found = found.value
        if isinstance(found, str):
            return self.fakes.value(slot.type, found)
        return self.fakes.scrubbed(words)  # no answer, and the invented words must be none either

    def answered(self, action: str, outcome: str, value: Value, took: int = 0) -> None:
        """Records a result. `took`: seconds, if the resident was answered before it arrived."""
        made: dict[str, Any] = {"outcome": outcome}
        if took:
            made["slow"] = f"{min(took, NEVER)}s"
        if value:
            faked = self.fakes.answer(action, value)
            made |= {"list": faked} if isinstance(faked, list) else faked if isinstance(faked, dict) else {}
        self.answers.append({action: made})

    def unanswered(self, action: str) -> None:
        """Records a call that got no result."""
        outcomes = ACTIONS[action].outcomes
        self.answered(action, "unavailable" if "unavailable" in outcomes else outcomes[-1], "", NEVER)

    # --- the file ---
    def data(self) -> dict[str, Any]:
        """Returns the file without expectations; nothing in it is the resident's."""
        data: dict[str, Any] = {"about": "recorded"}
        if self.language and not self._session:
            data["resident"] = {"language": self.language}
        data["clock"] = china_time(self.clock).isoformat(" ")
        data["seed"] = str(self.seed)
        if self.push:
            data["push"] = "yes"
        data["services"] = self.answers or "stubs"
        if self._session:
            data["session"] = self._session
        if self.waiting:
            data["outbox"] = self.fakes.replies(self.scenery.words, self.waiting, self._label)
        data["turns"] = list(self.turns)
        return data

    def write(self, path: Path, root: Path) -> str:
        """Writes the replay with its expectations. Returns "" if it passes and matches the recording, else
        the differences, which also stand at the head of the file."""
        self._fit()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(self.data(), self.notes), encoding="utf-8")
        one(path, Options(root, update=True, ids=True), self.scenery)
        differs = one(path, Options(root), self.scenery).text or self._unlike(load(path, root))
        if differs:
            head = "".join(f"# {line}\n" for line in differs.splitlines())
            path.write_text(head + path.read_text("utf-8"), encoding="utf-8")
        return differs

    def _unlike(self, conversation: Conversation) -> str:
        """Returns the turn in which the replay differs from the recording; "" if none does."""
        if not self.compares:
            return ""
        came = play(conversation, self.scenery).came
        found = unlike(self.seen, came, Bare(self.scenery.words, self.fakes.known))
        if found is None:
            return ""
        turn, why = found
        line = conversation.line(("turns", turn - 1)) if turn else 1
        return f"{conversation.path}:{line}: turn {turn}: not what was seen: {why}"

    def _fit(self) -> None:
        """Adapts the replay: its clock is coarser than real time, so calls may come in another order.

        A tap on a bubble that differs becomes `say`, and one call too many stays open: see `notes`.
        """
        for _ in range(2 * len(self.turns) + 2 * len(self.answers) + 1):
            conversation = as_conversation(self.data())
            stage = Stage(self.scenery, conversation)
            failure = play(conversation, self.scenery, stage, update=True).failure
            answers = stage.process.answers
            if failure is not None and failure.difference.key == "tap":
                tapped = self.turns[failure.turn - 1].pop("tap")
                label = tapped if isinstance(tapped, str) else tapped["label"]
                self.turns[failure.turn - 1]["say"] = label
                self.notes.append(f"turn {failure.turn}: “{label}” was tapped; here it is not offered")
            elif answers.lacking:
                self.unanswered(answers.lacking[0])
                self.notes.append(f"{answers.lacking[0]} is called once more than in the recording")
            elif answers.waiting:
                left = {prepared.loc[1] for prepared in answers.waiting}
                self.answers = [a for n, a in enumerate(self.answers) if n not in left]
                less = [p.action for p in answers.waiting]
                self.notes += [f"{action} is called less often than in the recording" for action in less]
            else:
                return
