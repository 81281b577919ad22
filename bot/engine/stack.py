"""The stack of runs: begun, brought up, left, over. A flow is never on it twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from bot.engine.effects import Count
from bot.engine.flow import Flow, Value
from bot.engine.plans import Plans
from bot.engine.session import Frame, Kept
from bot.engine.slots import still_fits


class Stack(Plans):
    def push(self, flow: str, why: str, given: Mapping[str, Value] | None = None) -> None:
        """A new run of a flow. `given` is checked like typed answers: what does not fit is asked instead."""
        spec = self.content.flows[flow]
        run = self.session.runs + 1
        frame = Frame(flow, run, spec.first, why, epoch=self.session.epoch)
        self.change(runs=run, frames=(*self.session.frames, frame), reminded=False)
        for slot, value in (given or {}).items():
            if slot in spec.takes and still_fits(spec.slots[slot], value, self.scope()):
                self.give(slot, value)
        self.begun[run] = flow
        self.effects.append(Count(f"{flow}.begun"))

    def done(self, flow: str) -> bool:
        kept = self.session.kept.get(flow)
        return kept is not None and kept.until > self.event.at

    def fingerprints(self, flow: Flow) -> dict[str, str]:
        """Whose data a flow works with: what its required flows keep now, whatever the slots are called."""
        return {f: fingerprint(self.session.kept[f]) for f in flow.requires if self.done(f)}

    def go_into(self, flow: str, why: str) -> None:
        """Never started twice: one that is open further down is brought up with its answers."""
        frames = self.session.frames
        open_at = next((i for i, f in enumerate(frames) if f.flow == flow), None)
        if open_at is None:
            self.push(flow, why)
            return
        end = next((i for i, f in enumerate(frames) if i > open_at and f.why == "start"), len(frames))
        moved = [replace(f, asked_at=0) for f in frames[open_at:end]]  # with what it requires itself
        moved[0] = replace(moved[0], why=why)
        self.change(frames=(*frames[:open_at], *frames[end:], *moved))

    def leave_for(self, flow: str, given: Mapping[str, Value]) -> None:
        """Leave the whole group for good. A flow that is open below is returned to, not started again."""
        self.change(frames=self.session.frames[: self.base()])
        open_at = next((i for i, f in enumerate(self.session.frames) if f.flow == flow), None)
        if open_at is None:
            self.push(flow, "start", given)
        else:
            self.change(frames=self.session.frames[: open_at + 1])
            self.change_frame(why="start", asked_at=0)

    def pop(self, reached: bool) -> Frame:
        """The top run is over: what lasts is kept."""
        frame, flow = self.frame, self.flow
        if reached and flow.lasts:
            lasting = {n: v for n, v in frame.slots.items() if flow.slots[n].keep}
            before = self.session.kept.get(flow.name)
            kept = {**self.session.kept, flow.name: Kept(lasting, self.event.at + flow.lasts)}
            if before is not None and before.slots != lasting:  # what rested on it was somebody else's
                kept = {n: k for n, k in kept.items() if flow.name not in self.content.flows[n].requires}
            self.change(kept=kept)
        if any(s.outcome == "done" for s in frame.settled.values()):
            self.change(after_receipt=flow.name)
        self.effects.append(Count(f"{flow.name}.{'end' if reached else 'stop'}"))
        self.over[frame.run] = flow.name
        self.change(frames=self.session.frames[:-1])
        if self.session.frames:
            self.change_frame(asked_at=0)
            if frame.settled and frame.why != "start":  # 返回 never goes past its change either
                self.change_frame(trail=(), held={})
        return frame


def fingerprint(kept: Kept) -> str:
    return hashlib.sha256(repr(sorted(map(repr, kept.slots.values()))).encode()).hexdigest()[:16]
