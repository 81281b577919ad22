"""What holds whatever a resident, the bureau, WeChat and an editor of the content do, in any order.

`SHEBAO_EXAMPLES=5000 pytest -m slow tests/engine/test_properties.py` looks further.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.counts import read as read_count
from bot.engine.effects import Call, Count, Effect, Forget, HandOff, Offer, Say
from bot.engine.events import (
    ActionFinished,
    Event,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    OtherReceived,
    TextReceived,
    TimePassed,
    VoiceReceived,
)
from bot.engine.session import Session, new
from bot.engine.step import step
from bot.engine.walk import DEPTH
from bot.kit.replay.claims import FILE, Claims, Situation

from .edits import edited
from .kit import MONDAY, ROOT, read
from .resident import ADDRESSES, KINDS, MOBILES, SECRETS, Resident

EXAMPLES = int(os.environ.get("SHEBAO_EXAMPLES", "0"))
QUICK = settings(
    deadline=None,
    derandomize=not EXAMPLES,
    max_examples=EXAMPLES or 15,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FULL = settings(QUICK, max_examples=EXAMPLES or 130)
HEARD = (TextReceived, VoiceReceived, ImageReceived, LocationReceived, OtherReceived, MenuClicked)
MOVES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5000), st.text(max_size=12)), min_size=15, max_size=60
)


@pytest.fixture(scope="module")
def shipped() -> Content:
    return read(ROOT)


@cache
def claims() -> Claims:
    return Claims(read(ROOT), ROOT / FILE)


class Watch:
    """Plays moves and looks at everything after each."""

    def __init__(self, contents: tuple[Content, ...], language: str) -> None:
        self.contents = contents
        self.resident = Resident(contents[0], MONDAY)
        self.session = replace(new(contents[0], 99, MONDAY), language=language)
        self.agreed: set[int] = set()
        self.settled: set[str] = set()  # keys of changes with a definite end

    def play(self, kind: str, n: int, text: str) -> None:
        if kind == "publish":
            others = [c for c in self.contents if c is not self.resident.content]
            self.resident.content = others[0] if others else self.resident.content
        before, event = self.session, self.resident.event(self.session, kind, n, text)
        turned = step(self.resident.content, before, event)
        after, effects = turned.session, turned.effects
        self._decided(before, event, effects)
        self._session(before, after, event)
        self._calls(before, after, effects, event)
        self._words(before, event, effects)
        assert not list(claims().untrue(Situation(before, turned)))
        self._timer(after)
        self._counts(before, after, effects)
        offers = [o for e in effects if isinstance(e, Offer) for o in e.options]
        for at, option in enumerate(offers):
            if EXAMPLES or at == n % len(offers):
                self._tap_works(after, event.at, option.tap, option.label)
        self.session = after
        self.resident.offered = [(o.label, o.tap) for o in offers] or self.resident.offered
        self.resident.taps += [o.tap for o in offers]
        self.resident.calls += [(e.id, e.action) for e in effects if isinstance(e, Call)]

    def _decided(self, before: Session, event: Event, effects: tuple[Effect, ...]) -> None:
        """A change is agreed to by a typed or tapped message that came after the summary, never by voice."""
        counted = {e.name for e in effects if isinstance(e, Count)}
        for frame in before.frames:
            flow = self.resident.content.flows.get(frame.flow)
            steps = (
                {s.renamed: s for s in flow.steps.values() if s.renamed} | dict(flow.steps) if flow else {}
            )
            here = steps.get(frame.step)  # a published edit may have renamed it under the resident
            if here is not None and here.before_once and f"{frame.flow}.{here.id}.agreed" in counted:
                assert isinstance(event, TextReceived)
                assert frame == before.top
                assert frame.asked_at
                assert event.at > frame.asked_at
                assert not before.system_question
                assert event.text not in ("1", "0", "一", "①")
                self.agreed.add(frame.run)

    def _session(self, before: Session, after: Session, event: Event) -> None:
        assert json.decode(json.encode(after), type=Session) == after
        flows = [f.flow for f in after.frames]
        assert len(flows) == len(set(flows)), "a flow is on the stack twice"
        begun = sum(f.why == "start" for f in after.frames)
        changing = sum(c.once for c in after.calls.values())
        assert begun <= DEPTH + 2 + changing
        for frame in after.frames:
            assert not frame.call or frame.call in after.calls
            spec = self.resident.content.flows[frame.flow]
            assert set(dict(frame.answers)) <= set(spec.slots)
            assert frame.step in spec.steps
        top = after.top
        walked = top and not top.revised  # new content took its question away, and nobody has written since
        if top and walked and not top.call and not after.handoff_until and not after.system_question:
            kind = self.resident.content.flows[top.flow].steps[top.step].kind
            assert kind in ("collect", "confirm", "consent", "transfer"), (top.flow, top.step)

    def _calls(self, before: Session, after: Session, effects: tuple[Effect, ...], event: Event) -> None:
        calls = [e for e in effects if isinstance(e, Call)]
        assert len({c.id for c in calls}) == len(calls)
        ended = event if isinstance(event, ActionFinished) else None
        if ended and ended.outcome != "unavailable" and ended.call in before.calls:
            self.settled.add(ended.call)
        open_now = [(c.action, c.subject) for c in after.calls.values() if c.once]
        assert len(open_now) == len(set(open_now)), "one thing is being changed twice"
        for call in calls:
            assert call.id in after.calls
            needed = self.resident.content.flows[call.flow].steps[call.step].action
            assert needed
            assert all(name in call.arguments for name, must in needed.arguments.items() if must)
            assert all(call.arguments.values())
            assert call.id not in before.calls or call.id == getattr(event, "call", "")
            if call.once:
                assert call.run in self.agreed, "a change that nobody agreed to"
                assert call.key not in self.settled, "a change is made again under a key that has its end"

    def _words(self, before: Session, event: Event, effects: tuple[Effect, ...]) -> None:
        if isinstance(event, HEARD):
            assert any(isinstance(e, Say | HandOff | Call | Forget) for e in effects), f"silent at {event}"
        for effect in effects:
            if isinstance(effect, Say):
                assert effect.text.strip()
                assert not effect.id.endswith("!"), f"a hole in {effect.id}"
                assert effect.id != "common.broken"
                if effect.id == "reissue.check":  # phone and address are to be checked there
                    self._nothing_personal(effect.text, SECRETS - {*ADDRESSES, *MOBILES})
                elif effect.id != "common.check_name":  # the one place where a name stands whole
                    self._nothing_personal(effect.text)
            elif isinstance(effect, Offer):
                assert effect.options
                for option in effect.options:
                    assert option.label.strip()
                    assert option.tap
                    self._nothing_personal(option.label)
            elif isinstance(effect, Count):
                assert ".runaway" not in effect.name
                self._nothing_personal(effect.name)
        if any(isinstance(e, HandOff) for e in effects):
            assert isinstance(event, HEARD)
            assert not any(isinstance(e, Say | Offer | Call) for e in effects), (
                "a transfer is the whole reply"
            )

    def _counts(self, before: Session, after: Session, effects: tuple[Effect, ...]) -> None:
        """What was put to the resident was answered, left, or is open; so it is with runs."""
        questions, runs = Counter[str](), Counter[str]()
        for effect in effects:
            c = read_count(effect.name) if isinstance(effect, Count) else None
            if c is None:
                continue
            if c.kind == "run":
                runs[c.flow] += 1 if c.detail in ("begun", "resumed") else -1
            elif c.kind == "edge":
                runs[c.flow] -= c.to == "!down" or c.to.startswith("→ ")
            elif c.kind != "wrong":
                questions[f"{c.flow}.{c.step}"] += 1 if c.kind == "asked" else -1
        for session, sign in ((before, 1), (after, -1)):
            for frame in session.frames:
                questions[f"{frame.flow}.{frame.step}"] += sign * bool(frame.since)
                runs[frame.flow] += sign
        assert not any(questions.values()), {k: n for k, n in questions.items() if n}
        assert not any(runs.values()), {k: n for k, n in runs.items() if n}

    def _nothing_personal(self, text: str, secrets: frozenset[str] = SECRETS) -> None:
        bare = text.replace(" ", "")
        for secret in secrets:
            assert secret not in text, secret
            assert secret.replace(" ", "") not in bare, secret

    def _timer(self, after: Session) -> None:
        """A due timer does something: it is never due again at the same moment."""
        if not after.wake_at:
            held = {k for k, c in after.calls.items() if c.once}
            assert not after.handoff_until
            assert not after.frames or any(f.call in held for f in after.frames)
            return
        if after.handoff_until:
            assert after.wake_at <= after.handoff_until
        session = after
        for _ in range(12):
            later = step(self.resident.content, session, TimePassed(session.wake_at, 3)).session
            assert not later.wake_at or later.wake_at > session.wake_at
            if not later.wake_at:
                return
            session = later
        raise AssertionError("the timer never rests")

    def _tap_works(self, session: Session, at: int, tap: str, label: str) -> None:
        tapped = TextReceived(max(session.heard_at, at) + 1, 5, text=label, tap=tap)
        turned = step(self.resident.content, session, tapped)
        said = {e.id for e in turned.effects if isinstance(e, Say)}
        assert not said & {"common.stale", "common.unknown", "common.redo", "common.nudge"}, (
            tap,
            label,
            said,
        )


def plays(moves: list[tuple[str, int, str]], contents: tuple[Content, ...], language: str) -> None:
    """With two contents, one is published in place of the other now and then."""
    watch = Watch(contents, language)
    for i, move in enumerate(moves):
        watch.play(*move)
        if i % 9 == 8 and len(contents) > 1:
            watch.play("publish", 0, "好")


@given(moves=MOVES)
@QUICK
def test_whatever_happens_in_chinese(moves: list[tuple[str, int, str]], shipped: Content) -> None:
    plays(moves, (shipped,), "zh-CN")


@given(moves=MOVES)
@QUICK
def test_whatever_happens_in_english(moves: list[tuple[str, int, str]], shipped: Content) -> None:
    plays(moves, (shipped,), "en")


@given(moves=MOVES)
@QUICK
def test_whatever_happens_while_the_content_is_edited(
    moves: list[tuple[str, int, str]], shipped: Content
) -> None:
    plays(moves, (shipped, edited(shipped)), "zh-CN")


@pytest.mark.slow
@pytest.mark.parametrize(("language", "publishing"), [("zh-CN", False), ("en", False), ("zh-CN", True)])
@given(moves=MOVES)
@FULL
def test_whatever_happens_looked_at_for_longer(
    moves: list[tuple[str, int, str]], shipped: Content, language: str, publishing: bool
) -> None:
    plays(moves, (shipped, edited(shipped)) if publishing else (shipped,), language)
