"""Residents in mid-flow while the content is edited at random, published, edited again and taken back.

`SHEBAO_EXAMPLES=200 pytest -s tests/engine/test_edits_live.py` looks further and shows the share of drafts
that were valid.
"""

from __future__ import annotations

import copy
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from msgspec import structs

from bot.engine.content import Content
from bot.engine.effects import Effect, Say
from bot.engine.events import Event, MenuClicked, OtherReceived, TextReceived, TimePassed
from bot.engine.flow import PII_TYPES, Slot, Value
from bot.engine.session import Frame, Kept, Session
from bot.engine.step import step

from .drafts import Drafts, shipped
from .editor import EDITS
from .kit import ROOT, read
from .resident import IDS, KINDS, NAMES
from .test_properties import Watch

EXAMPLES = int(os.environ.get("SHEBAO_EXAMPLES", "0"))
MOVES = tuple(k for k in KINDS if k not in ("publish", "any_text", "personal", "left"))
GOOD = tuple(n for n in range(5000) if n % 4 and n % 6 and n % 7)
"""Numbers that a resident turns into answers that lead on."""


@dataclass(frozen=True)
class Draft:
    name: str
    content: Content


def drafts(seed: int, many: int, depth: int = 3) -> tuple[list[Draft], Drafts]:
    """Chains of edits: each draft is what another became, as operators go on from what they published."""
    writer, dice = Drafts(), random.Random(seed)
    found: list[Draft] = []
    while len(found) < many:
        files, names = shipped(), []
        for _ in range(depth):
            made, what, content = writer.edited(files, dice, EDITS)
            if content is not None:
                files, names = made, [*names, what]
                found.append(Draft("; ".join(names), content))
    return found[:many], writer


class Live(Watch):
    """A watch that also publishes, and tries on copies what may come next."""

    told = 0  # times that `changed` was said since the last publish

    def publish(self, content: Content) -> None:
        before = self.resident.content
        self.resident.content, self.contents, self.told = content, (content,), 0
        for event in self._next_events():
            self._probe(event, before)

    def play(self, kind: str, n: int, text: str) -> None:
        super().play(kind, n, text)
        _well_kept(self.resident.content, self.session, self.resident.at)

    def _words(self, before: Session, event: Event, effects: tuple[Effect, ...]) -> None:
        super()._words(before, event, effects)
        self.told += sum(isinstance(e, Say) and e.id == "common.changed" for e in effects)
        assert self.told <= 1, "told twice"

    def _counts(self, before: Session, after: Session, effects: tuple[Effect, ...]) -> None:
        """Not held here: what was asked under one name may be answered under another."""

    def _next_events(self) -> Iterator[Event]:
        resident, at = self.resident, self.resident.at + 1
        yield OtherReceived(at, 5, kind="video")
        yield TextReceived(at, 5, text="嗯嗯嗯啊")
        for label, tap in resident.offered:
            yield TextReceived(at, 5, text=label, tap=tap)
            yield TextReceived(at, 5, text=label)
        yield from (TextReceived(at, 5, text=word) for word in ("1", "返回", "继续", "帮助", "取消"))
        yield from (MenuClicked(at, 5, key=key) for key in list(resident.content.menu)[:3])
        if self.session.wake_at:
            yield TimePassed(self.session.wake_at, 5)
        for call, spec in self.session.calls.items():
            for n in range(6):
                outcome = resident.outcome_of(spec.action, n)
                yield resident.finished(call, spec.action, n, outcome)

    def _probe(self, event: Event, old: Content) -> None:
        copied = copy.copy(self)
        copied.resident = copy.copy(self.resident)
        copied.__dict__ |= {k: copy.copy(v) for k, v in vars(self).items() if isinstance(v, set | dict)}
        before = self.session
        turned = step(self.resident.content, before, event)
        copied._decided(before, event, turned.effects)
        copied._session(before, turned.session, event)
        copied._calls(before, turned.session, turned.effects, event)
        copied._words(before, event, turned.effects)
        copied._timer(turned.session)
        _well_kept(self.resident.content, turned.session, event.at)
        if isinstance(event, OtherReceived):
            _same_or_earlier(self.resident.content, before, turned.session, turned.effects)


_WHY = {"common.changed", "common.expired", "common.identify_again"}


def _same_or_earlier(content: Content, before: Session, after: Session, effects: tuple[Effect, ...]) -> None:
    """What nobody asked for answers nothing: the same question, or another one with a word why."""
    was, now = before.top, after.top
    if was is None or was.call or before.handoff_until or before.system_question or not was.asked_at:
        return
    said = [e.id for e in effects if isinstance(e, Say)]
    if now is None or now.run != was.run or _before(content, now) != was.step:
        assert _WHY & {*said}, f"another question without a word: {said}"
    if now is not None and now.run == was.run:
        answered = {m.step for m in now.history}
        assert len(answered) <= len(was.history) + len(was.carried_answers), (was, now)


def _before(content: Content, frame: Frame) -> str:
    here = content.flows[frame.flow].steps[frame.step]
    return frame.step if not here.renamed else here.renamed


def _well_kept(content: Content, session: Session, at: int) -> None:
    """Every value is of its slot's type now, and nothing stays longer than the content says."""
    frames = (*session.frames, *(session.suspended.frames if session.suspended else ()))
    for frame in frames:
        flow = content.flows[frame.flow]
        submitted = frame.call in session.calls and session.calls[frame.call].once
        for name, value in (*frame.answers, *frame.carried_answers.items()):
            assert value == "" or _shaped(flow.slots[name], value, submitted), (frame.flow, name, value)
    for name, kept in session.kept.items():
        flow = content.flows[name]
        assert flow.lasts
        assert kept.until <= at + flow.lasts
        for slot, value in kept.slots.items():
            assert flow.slots[slot].keep, (name, slot)
            assert _shaped(flow.slots[slot], value)
    if session.suspended and not session.suspended.until:
        for frame in session.suspended.frames:
            slots = content.flows[frame.flow].slots
            assert not [n for n, v in frame.answers if v and slots[n].type in PII_TYPES]


def _shaped(slot: Slot, value: Value, submitted: bool = False) -> bool:
    if isinstance(value, str) and value in slot.or_:
        return True
    if slot.type == "record":
        return isinstance(value, dict) and (not slot.fields or set(value) <= set(slot.fields) | {"id"})
    if slot.type == "place":
        return isinstance(value, dict) and set(value) <= {"text", "lat", "lon"}
    if slot.type == "list":
        return isinstance(value, list)
    if slot.entries_of:
        return isinstance(value, dict)
    if slot.type == "image":
        return isinstance(value, str) and value.startswith("m")
    if slot.type == "choice":
        return isinstance(value, str) and (submitted or value in slot.values)
    return isinstance(value, str) and (slot.type != "text" or not value.startswith(("m1", "m2")))


def _signed_in(content: Content, at: int) -> Kept:
    flow = content.flows["sign_in"]
    person = {n: f.of[0] if f.of else "T1" for n, f in flow.slots["person"].fields.items()}
    person["age_group"] = "adult"
    return Kept({"id_number": IDS[0], "name": NAMES[0], "person": person}, at + flow.lasts)


def _move(live: Live, dice: random.Random) -> None:
    """Mostly what leads on; now and then anything at all."""
    session, content = live.session, live.resident.content
    if dice.random() < 0.1:
        live.play(dice.choice(MOVES), dice.randrange(5000), "好")
    elif session.handoff_until:
        live.play("person_left", 0, "")
    elif session.top is None or session.top.flow == content.person:
        begun = dice.choice([f for f in content.flows if f not in ("own_card", "hand_off", "sign_out")])
        live.play("any_text", 0, content.languages["zh-CN"].flows[begun].title)
    else:
        live.play("good", dice.choice(GOOD), "好")


def _play(first: Content, pool: list[Draft], seed: int, moves: int) -> None:
    dice = random.Random(seed)
    live = Live((first,), dice.choice(("zh-CN", "en")))
    if dice.random() < 0.8:
        live.session = structs.replace(live.session, kept={"sign_in": _signed_in(first, live.resident.at)})
    published = ["shipped"]
    try:
        for i in range(moves):
            _move(live, dice)
            if dice.random() < 0.1:
                back = len(published) > 1 and dice.random() < 0.3
                draft = Draft("taken back", first) if back else dice.choice(pool)
                published.append(f"after {i}: {draft.name}")
                live.publish(draft.content)
    except AssertionError as e:
        raise AssertionError(f"seed {seed}, {published}: {e}") from e
    except Exception as e:
        raise RuntimeError(f"seed {seed}, {published}") from e


@pytest.fixture(scope="module")
def first() -> Content:
    return read(ROOT)


@pytest.mark.slow
def test_residents_go_on_while_the_content_is_edited(first: Content) -> None:
    pool, writer = drafts(4, 5)
    assert writer.good >= writer.tried * 0.4
    for seed in range(5):
        _play(first, pool, seed, 40)


@pytest.mark.slow
def test_residents_go_on_whatever_is_edited(first: Content, capsys: pytest.CaptureFixture[str]) -> None:
    pool, writer = drafts(EXAMPLES or 77, EXAMPLES or 120)
    with capsys.disabled():
        sys.stdout.write(f" {writer.good} of {writer.tried} random edits were valid ")
    assert writer.good >= writer.tried * 0.4
    for seed in (*range(12), *range(1000, 1000 + (EXAMPLES or 120) * 3)):
        _play(first, pool, seed, 60)
