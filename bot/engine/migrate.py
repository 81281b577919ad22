"""Moves a live session to new content: a step that is the same goes on; a changed one is asked again; if it
is gone, the flow is walked again with the answers that still fit. The resident is told once."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bot.engine import asking, stack
from bot.engine.flow import Flow, Slot, Value
from bot.engine.scope import Scope
from bot.engine.session import Frame, Kept, Mark, Scheduled, Suspended
from bot.engine.slots import still_fits
from bot.engine.suspend import from_start
from bot.engine.timers import drop_calls, purge_kept
from bot.engine.turn import Turn


def migrate_session(turn: Turn) -> None:
    """Moves every frame to the current content; marks the turn if the top question is another one."""
    session = turn.session
    published = session.revision != turn.content.edition
    if not (published or session.unrevised or _overtaken(turn)):
        return
    turn.change(unrevised=any(call.once for call in session.calls.values()))
    if published:
        _migrate_kept(turn)
        purge_kept(turn)
        if session.language not in turn.content.languages:
            turn.change(language=turn.content.default_language)
    frames = _migrated(turn, turn.session.frames, published)
    if frames != turn.session.frames:
        turn.change(frames=frames)
        turn.tally.leave("edited")
        drop_calls(turn)
    migrate_suspended(turn, published)
    _migrate_background_runs(turn, published)
    if not all(map(turn.known, session.offered)):
        turn.change(offered=())
    about = session.pending_target
    if session.system_question in ("leave", "cancel") and (about is None or not turn.known(about)):
        turn.change(system_question="", pending_target=None)
    _look_at_question(turn, session.top, published)


def _other_day(turn: Turn) -> bool:
    """Checks whether a day has come since the last turn from which other values of the policy hold."""
    was, now = (name.partition("@")[2] for name in (turn.session.revision, turn.content.edition))
    return was != now


def _overtaken(turn: Turn) -> bool:
    """Checks whether an answer no longer fits though the content is the same: its day has passed, or
    its choice is no longer offered."""
    session = turn.session
    suspended = session.suspended.frames if session.suspended else ()
    return any(_outlived(turn, frame) for frame in (*session.frames, *suspended, *session.background_runs))


def _outlived(turn: Turn, frame: Frame) -> bool:
    flow = turn.content.flows.get(frame.flow)
    if flow is None:
        return True
    scope = Scope(turn.content, turn.session, frame, turn.event.at)
    for name, value in frame.answers:
        slot = flow.slots.get(name)
        if slot is None:
            return True
        if (slot.type == "date" or slot.only or slot.entries_of) and not still_fits(slot, value, scope):
            return True
    return False


def _look_at_question(turn: Turn, was: Frame | None, published: bool) -> None:
    """Checks whether the resident's message answered another question than the current one."""
    top = turn.session.top
    if published and top and top.mark and not top.call:
        if top.mark in (asking.question(turn), asking.question(turn, before=True)):
            turn.change_frame(mark=asking.question(turn))
        else:
            turn.put(replace(top.at(top.step), revised=True))
    top = turn.session.top
    if was and not was.call and (top is None or top.run != was.run or top.revised):
        turn.change(system_question="", pending_target=None)
        turn.revised = True
        if top is not None:
            turn.change_frame(revised=True, asked_at=0)


def _migrate_background_runs(turn: Turn, published: bool) -> None:
    """Restarts a background run that must be walked again when the timer comes."""
    before = turn.session.background_runs
    if not before:
        return
    frames = _migrated(turn, before, published)
    again = tuple(Scheduled(f.flow, turn.event.at, f.slots) for f in frames if not f.call)
    turn.change(
        background_runs=tuple(f for f in frames if f.call), scheduled=(*turn.session.scheduled, *again)
    )


def _migrated(turn: Turn, frames: tuple[Frame, ...], published: bool) -> tuple[Frame, ...]:
    """Drops the flows that are gone and what they required; the flows that required them begin again."""
    found: list[Frame] = []
    gone = False
    for frame in frames:
        flow = turn.content.flows.get(frame.flow)
        gone = flow is None or (gone and frame.why != "start")
        if flow is not None and not gone:
            found.append(_FrameMigration(turn, frame, flow, published).made())
    return tuple(found)


def migrate_suspended(turn: Turn, published: bool) -> None:
    """Also migrates what an outcome has just suspended: while at the bureau, it stayed unchanged."""
    before = turn.session.suspended
    if before and (suspended := _migrated_suspended(turn, before, published)) != before:
        turn.change(suspended=suspended)


def _migrated_suspended(turn: Turn, suspended: Suspended, published: bool) -> Suspended | None:
    frames = _migrated(turn, suspended.frames, published)
    until = suspended.until
    if published and until and frames:  # no longer than this content allows
        until = min(until, turn.event.at + max(turn.content.flows[f.flow].expire for f in frames))
    return replace(suspended, frames=frames, until=until) if frames else None


class _FrameMigration:
    """Migrates one frame. `published`: the content is another one than at the last turn."""

    def __init__(self, turn: Turn, frame: Frame, flow: Flow, published: bool) -> None:
        self.turn, self.frame, self.flow, self.published = turn, frame, flow, published
        self.slots = _by_name(flow)
        self.steps = {s.renamed: s.id for s in flow.steps.values() if s.renamed} | {s: s for s in flow.steps}
        self.call = turn.session.calls.get(frame.call)
        made = frame.completed_actions or (self.call is not None and self.call.once)
        terms = flow.terms(turn.content.languages.values()) if _other_day(turn) and not made else ()
        self.outdated = terms  # looked up when other values held
        self.answered: dict[str, Value] = {}
        self.lost = False  # a lost answer or look-up on which later answers depend

    def made(self) -> Frame:
        was = self.frame
        step = self.steps.get(was.step, "")
        frame = self._with_answers()
        if self.call is not None and self.call.once:
            return frame.renamed(step or self.flow.first)  # it ends where its outcome leads
        if self.call is not None and step and self.flow.steps[step].port != self.call.action:
            step = ""
        if not step or self.lost or not self._came_this_way(frame, step):
            return self._again(frame)
        here = self.flow.steps[step]
        if self._must_wait(frame, step):
            return replace(frame.at(step), revised=True)
        if frame.mark and frame.mark.partition(".")[0] not in (here.hash, here.was):
            top = was == self.turn.session.top
            return replace(frame.at(step), revised=top or frame.revised)
        return frame.renamed(step)

    def _with_answers(self) -> Frame:
        """Keeps the answers that still fit, under their current names."""
        frame = self.frame
        log: list[tuple[str, Value]] = []
        kept_at: list[int] = []
        for index, (name, value) in enumerate(frame.answers):
            slot = self.slots.get(name)
            if slot is not None and self._holds(slot, name, value, tuple(log)):
                log.append((slot.name, value))
                kept_at.append(index)
            else:
                self.lost |= slot is not None and frame.slots[name] == value
        kept = dict(log)
        for mark in frame.history:
            slot = self.slots.get(frame.answers[mark.before][0]) if mark.before < len(frame.answers) else None
            if slot is not None and slot.name in kept:
                self.answered[slot.name] = kept[slot.name]
        history = tuple(
            Mark(id_, sum(i < m.before for i in kept_at))
            for m in frame.history
            if (id_ := self.steps.get(m.step)) and self.flow.steps[id_].slot in kept
        )
        held = {
            s.name: v
            for n, v in frame.carried_answers.items()
            if (s := self.slots.get(n)) and not self._retyped(s, n, v)
        }
        types = {s.name: t for n, t in frame.types.items() if (s := self.slots.get(n))}
        counts = {self._count(key): n for key, n in frame.counts.items()}
        return replace(
            frame, answers=tuple(log), history=history, carried_answers=held, types=types, counts=counts
        )

    def _holds(self, slot: Slot, name: str, value: Value, log: tuple[tuple[str, Value], ...]) -> bool:
        if self._retyped(slot, name, value) or slot.name in self.outdated:
            return False
        if self.call is not None and self.call.once:  # submitted with it: its outcome is reported with it
            return isinstance(value, dict | list) == (
                slot.type in ("record", "place", "list") or bool(slot.entries_of)
            )
        frame = replace(self.frame, answers=log)
        return still_fits(slot, value, Scope(self.turn.content, self.turn.session, frame, self.turn.event.at))

    def _retyped(self, slot: Slot, name: str, value: Value) -> bool:
        """Keeps a personal answer only in a slot of its own type: another type is shown and kept
        differently."""
        given = self.frame.types.get(name, "")
        or_ = isinstance(value, str) and value in slot.or_
        return not or_ and (given != slot.type if given else slot.type == "image")

    def _count(self, key: str) -> str:
        step, _, outcome = key.partition(".")
        return f"{self.steps.get(step, step)}.{outcome}"

    def _came_this_way(self, frame: Frame, step: str) -> bool:
        """Checks that everything is given that the content requires at this step."""
        ways = self.flow.ways.get(step, ())
        if not self.published or not ways or step == self.flow.first:
            return True
        scope = Scope(self.turn.content, self.turn.session, frame, self.turn.event.at)
        return any(map(scope.knows, ways))

    def _must_wait(self, frame: Frame, step: str) -> bool:
        """Checks whether the first question was asked and another flow must come before it now."""
        first = self.published and bool(frame.mark) and not frame.call and step == self.flow.first
        return first and not all(stack.done(self.turn, flow) for flow in self.flow.requires)

    def _again(self, frame: Frame) -> Frame:
        """Walks it again: from its completed change if there is one, else from the beginning."""
        asked = bool(frame.mark or frame.history or frame.completed_actions or frame.revised)
        for step in self.flow.steps.values():
            if step.once and step.port in frame.completed_actions and self._came_this_way(frame, step.id):
                return replace(frame.at(step.id), call="", revised=asked)
        if frame.completed_actions:  # going back ended at the change, and its answers have no marks any more
            collected = {s.slot for s in self.flow.steps.values()}
            self.answered |= {n: v for n, v in frame.slots.items() if n in collected}
        begun = from_start(
            replace(frame, carried_answers={**frame.carried_answers, **self.answered}), self.flow
        )
        return replace(
            begun,
            revised=asked,
            types=frame.types,
            identity_fingerprint=frame.identity_fingerprint,
            linked=frame.linked,
        )


def _by_name(flow: Flow) -> Mapping[str, Slot]:
    """Returns a flow's slots by their current and their earlier names."""
    return {s.renamed: s for s in flow.slots.values() if s.renamed} | dict(flow.slots)


def _migrate_kept(turn: Turn) -> None:
    """Migrates lasting slots: current names only, without those no longer kept, no longer than kept now. A
    flow that would lack a slot that others rely on must be gone through again."""
    kept: dict[str, Kept] = {}
    for name, one in turn.session.kept.items():
        flow = turn.content.flows.get(name)
        if flow is None or not flow.lasts:
            continue
        slots = _by_name(flow)
        values: dict[str, Value] = {}
        for old, value in one.slots.items():
            slot = slots.get(old)
            frame = Frame(name, 0, flow.first, answers=tuple(values.items()))
            scope = Scope(turn.content, turn.session, frame, turn.event.at)
            if slot is not None and slot.keep and still_fits(slot, value, scope):
                values[slot.name] = value
        kept[name] = Kept(values, min(one.until, turn.event.at + flow.lasts))
    before = turn.session.kept
    turn.change(kept=kept)
    scope = Scope(turn.content, turn.session, None, turn.event.at)
    turn.change(kept={n: k for n, k in kept.items() if scope.knows(turn.content.flows[n].kept)})
    prints = {f"{n}={stack.fingerprint(before[n])}": f"{n}={stack.fingerprint(k)}" for n, k in kept.items()}
    turn.change(frames=tuple(_resting(f, prints) for f in turn.session.frames))


def _resting(frame: Frame, prints: Mapping[str, str]) -> Frame:
    """Updates its fingerprints: it still rests on the same person."""
    return replace(
        frame, identity_fingerprint=" ".join(prints.get(p, p) for p in frame.identity_fingerprint.split())
    )
