"""Small contents written inline, and a conversation with the engine alone: no Redis, no WeChat, no clock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from textwrap import dedent

from msgspec import json

from bot.content.load import load
from bot.engine.content import Content
from bot.engine.effects import Call, Count, Effect, Forget, HandOff, Offer, Option, Say
from bot.engine.events import (
    ActionDelayed,
    ActionFinished,
    Event,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    TextReceived,
    TimePassed,
    VoiceReceived,
)
from bot.engine.flow import Value
from bot.engine.session import Session, new
from bot.engine.step import step
from bot.reading.numbers import id_checksum

ROOT = Path(__file__).parent.parent.parent
MONDAY = int(datetime.fromisoformat("2026-11-23T10:00:00+08:00").timestamp())
"""A Monday at ten in China, within office hours."""

HAND_OFF = """
    flow: hand_off
    start: {menu: [PERSON]}
    steps:
      ask: {confirm: ask, next: {agreed: transfer, refused: left}}
      transfer: {transfer: person, next: back}
      back: {say: back, next: end}
      left: {say: left, next: stop}
"""
HAND_OFF_WORDS = """
    title: 找人
    texts: {ask: {text: 要接通吗？, agreed: 接通, refused: 不接通}, back: 人走了。, left: 不找人了。}
"""


def make_id(first17: str) -> str:
    """An invented number with the right check character."""
    return first17 + id_checksum(first17)


def write(
    root: Path, flows: Mapping[str, str], words: Mapping[str, str], pages: str = "", **more: str
) -> None:
    """`flows` and `words`: YAML by flow name; the engine's own texts are the shipped ones."""
    for folder in ("flows", "messages/zh-CN", "config"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    common = (ROOT / "messages/zh-CN/common.yaml").read_text()
    (root / "messages/zh-CN/common.yaml").write_text(
        re.sub(r"language: \{en: .*?\], ", "language: {", common)
    )
    for name in ("policy", "outlets"):
        shutil.copy(ROOT / f"config/{name}.yaml", root / "config")
    (root / "config/menu.yaml").write_text("- {name: 找人, flow: hand_off}\n")
    for name, text in ({"hand_off": HAND_OFF} | dict(flows)).items():
        (root / f"flows/{name}.yaml").write_text(dedent(text))
    for name, text in ({"hand_off": HAND_OFF_WORDS} | dict(words)).items():
        (root / f"messages/zh-CN/{name}.yaml").write_text(dedent(text))
    (root / "flows/pages.yaml").write_text("pages: {about: {}}\n")
    (root / "messages/zh-CN/pages.yaml").write_text(pages or "about: {title: 说明, text: 这是说明。}\n")
    for path, text in more.items():
        (root / path).write_text(dedent(text))


def read(root: Path) -> Content:
    """The content below `root`; what is wrong with it fails the test."""
    loaded = load(root)
    assert loaded.content is not None, [str(f) for f in loaded.findings if f.severity == "error"]
    return loaded.content


def content_of(root: Path, flows: Mapping[str, str], words: Mapping[str, str], pages: str = "") -> Content:
    write(root, flows, words, pages)
    return read(root)


@dataclass
class Talk:
    """A resident's conversation. Every event comes a second after the one before; the session is written out
    and read back between turns. What `say`, `tap` … return is the reply's text."""

    content: Content
    at: int = MONDAY
    session: Session = field(init=False)
    effects: tuple[Effect, ...] = ()

    def __post_init__(self) -> None:
        self.session = new(self.content, 7, self.at)

    # --- what happens ---
    def hear(self, event: Event) -> str:
        turned = step(self.content, self.session, event)
        self.session = json.decode(json.encode(turned.session), type=Session)
        assert self.session == turned.session
        self.effects = turned.effects
        self.at = max(self.at, event.at)
        return self.text

    def _next(self) -> tuple[int, int]:
        self.at += 1
        return self.at, self.at

    def say(self, *texts: str) -> str:
        for text in texts:
            self.hear(TextReceived(*self._next(), text=text))
        return self.text

    def voice(self, text: str) -> str:
        return self.hear(VoiceReceived(*self._next(), text=text))

    def image(self) -> str:
        at, seed = self._next()
        return self.hear(ImageReceived(at, seed, media_id=f"media{at}"))

    def location(self) -> str:
        return self.hear(LocationReceived(*self._next(), lat=30.0, lon=120.0, label="某路"))

    def menu(self, key: str) -> str:
        return self.hear(MenuClicked(*self._next(), key=key))

    def tap(self, label: str) -> str:
        option = next((o for o in self.options if label in o.label), None)
        assert option, f"“{label}” was not offered: {[o.label for o in self.options]}"
        return self.hear(TextReceived(*self._next(), text=option.label, tap=option.tap))

    def tap_id(self, tap: str, label: str = "旧的") -> str:
        return self.hear(TextReceived(*self._next(), text=label, tap=tap))

    def answer(self, outcome: str, value: Value | None = None, call: str = "") -> str:
        """The bureau's definite outcome of the call just made, or of the one named."""
        call = call or self.call.id
        return self.hear(ActionFinished(*self._next(), call=call, outcome=outcome, value=value or {}))

    def delay(self, *, sent: bool = False, no_push: bool = False) -> str:
        return self.hear(ActionDelayed(*self._next(), call=self.call_id, sent=sent, no_push=no_push))

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def timer(self) -> str:
        """The timer, exactly when it is due."""
        assert self.session.wake_at, "no timer is set"
        self.at = max(self.at, self.session.wake_at)
        return self.hear(TimePassed(self.session.wake_at, self.at))

    # --- what came of it ---
    @property
    def text(self) -> str:
        return "\n".join(e.text for e in self.effects if isinstance(e, Say))

    @property
    def said(self) -> list[str]:
        return [e.id for e in self.effects if isinstance(e, Say)]

    @property
    def options(self) -> list[Option]:
        return [o for e in self.effects if isinstance(e, Offer) for o in e.options]

    @property
    def calls(self) -> list[Call]:
        return [e for e in self.effects if isinstance(e, Call)]

    @property
    def call(self) -> Call:
        assert len(self.calls) == 1, self.effects
        return self.calls[0]

    @property
    def call_id(self) -> str:
        return self.session.frames[-1].call

    @property
    def handed_off(self) -> bool:
        return any(isinstance(e, HandOff) for e in self.effects)

    @property
    def forgot(self) -> bool:
        return any(isinstance(e, Forget) for e in self.effects)

    @property
    def counts(self) -> list[str]:
        return [e.name for e in self.effects if isinstance(e, Count)]

    @property
    def stack(self) -> list[str]:
        return [f.flow for f in self.session.frames]

    @property
    def slots(self) -> dict[str, Value]:
        return self.session.frames[-1].slots
