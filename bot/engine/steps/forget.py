"""`forget`: deletes what flows have kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.engine import own_texts, stack
from bot.engine.flow import Step
from bot.engine.session import Frame
from bot.engine.suspend import stripped
from bot.engine.turn import Turn


@dataclass(frozen=True)
class Forget(Step):
    kind = "forget"

    forget: tuple[str, ...] = ()

    def reach(self, turn: Turn) -> bool:
        kept = {k: v for k, v in turn.session.kept.items() if k not in self.forget}
        self._leave(turn, turn.session.kept.keys() - kept.keys())
        turn.change(kept=kept, result=None, listed=None, pages_ended=turn.event.at)
        return super().reach(turn)

    def _leave(self, turn: Turn, gone: Collection[str]) -> None:
        """Leaves the runs below that are about somebody who is forgotten: they would go on about that person
        as if about the resident. What was suspended looks it up again."""
        base, flows, suspended = turn.base(), turn.content.flows, turn.session.suspended

        def about(group: tuple[Frame, ...]) -> bool:
            known = [f.flow for f in group if f.flow in flows]
            return any(name in self.forget or flows[name].rests_on(gone) for name in known)

        calls = turn.session.calls
        stay: tuple[Frame, ...] = ()
        for group in stack.groups(turn.session.frames[:base]):
            if about(group) and not any(c.once for f in group if (c := calls.get(f.call))):
                own_texts.say_unfinished(turn, *group)
            else:
                stay += group
        turn.change(frames=(*stay, *turn.session.frames[base:]))
        if suspended is not None and about(suspended.frames):
            turn.change(suspended=stripped(turn, suspended))
