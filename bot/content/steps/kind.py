"""The base of all kinds of step, for reading and checking content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from bot.content.check.facts import Facts
from bot.content.read.models import Model, NextModel
from bot.content.read.source import Loc
from bot.engine import flow as f

if TYPE_CHECKING:
    from bot.content.check.flow_check import FlowCheck
    from bot.content.check.path_analysis import Given
    from bot.content.check.texts import FlowTexts
    from bot.content.read.flows import FlowBuilder
else:  # they need the kinds of step themselves
    FlowBuilder = FlowCheck = FlowTexts = Given = Any

__all__ = ["FlowBuilder", "FlowCheck", "FlowTexts", "Given", "Kind"]


class Kind(Model):
    """A step's keys in YAML. This kind only leads on; subclasses override what differs.

    `step` below is the engine's step of this kind; `loc` its place in the file.
    """

    step: ClassVar[type[f.Step]] = f.Step
    by_time: ClassVar[bool] = True  # allowed in a scheduled flow, unless it waits for the resident
    into: ClassVar[str] = ""  # the engine's name for the value of its own key
    ends: ClassVar[tuple[str, ...]] = ()  # the outcomes that its `next` can distinguish
    told: ClassVar[tuple[bool | None, ...]] = (None,)
    """Whether the turn has said something after it, for each way it can go on. None: as before it."""
    box: ClassVar[tuple[str, str]] = ("[", "]")  # Mermaid's
    fill: ClassVar[str] = "#fff"

    next: NextModel | None = None
    renamed: str = ""

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        """Returns the fields of the engine's step besides id, next and names."""
        value = getattr(self, self.step.kind, None)
        return {self.into: tuple(value) if isinstance(value, list) else value} if self.into else {}

    def led(self, rule: f.Next) -> f.Next:
        """Returns its `next`, with the ways that its kind adds."""
        return rule

    def told_apart(self) -> tuple[str, ...]:
        """Returns the outcomes for which a `next` must say where each leads."""
        return self.ends

    @classmethod
    def placed(cls, step: Any, steps: Mapping[str, f.Step]) -> f.Step:
        """Returns the step with what follows from the steps around it."""
        made: f.Step = step
        return made

    # --- checks ---
    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        """Checks that the names it uses exist and fit."""

    @classmethod
    def outcomes(cls, flow: f.Flow, step: Any) -> tuple[tuple[str, ...], bool] | None:
        """Returns `ends`, and whether others are possible; None: nothing can be distinguished."""
        return (cls.ends, False) if cls.ends else None

    @classmethod
    def words(cls, texts: FlowTexts, step: Any) -> None:
        """Checks that its texts in one language exist and fit."""
        texts.said(step)

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Yields every outcome with the facts known then."""
        yield from ((end, facts) for end in cls.ends or ("",))

    @classmethod
    def stops(cls, flow: f.Flow, step: Any) -> bool:
        """Checks whether a run waits at it each time."""
        return cls.told == (False,) or (cls.step.waits and not cls.step.asks and not step.port)

    # --- drawing ---
    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        """Returns what a drawing shows if it has no text. `title`: of a flow, by its name."""
        return ""
