"""A kind of step, as the content room sees it."""

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


class Kind(Model):
    """A step's keys in YAML, and what follows. This one only leads on; others say where they differ.

    `step` in what follows is the engine's, of this kind; `loc` its place in the file.
    """

    step: ClassVar[type[f.Step]] = f.Step
    by_time: ClassVar[bool] = True  # may stand in a flow that time begins, unless it waits for the resident
    into: ClassVar[str] = ""  # the engine's name for what its own key holds
    ends: ClassVar[tuple[str, ...]] = ()  # what its `next` can tell apart
    told: ClassVar[tuple[bool | None, ...]] = (None,)
    """Whether something was said in the turn after it, for each way it can go on. None: as before it."""
    box: ClassVar[tuple[str, str]] = ("[", "]")  # Mermaid's
    fill: ClassVar[str] = "#fff"

    next: NextModel | None = None
    renamed: str = ""

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        """What the engine's step has beside id, next and names."""
        value = getattr(self, self.step.kind, None)
        return {self.into: tuple(value) if isinstance(value, list) else value} if self.into else {}

    def led(self, rule: f.Next) -> f.Next:
        """Its `next`, with what its kind adds to what is written."""
        return rule

    @classmethod
    def placed(cls, step: Any, steps: Mapping[str, f.Step]) -> f.Step:
        """With what follows from the steps around it."""
        made: f.Step = step
        return made

    # --- checks ---
    @classmethod
    def fills(cls, step: Any) -> tuple[str, ...]:
        """The slots that it gives a value."""
        return (step.slot, step.save)

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        """What it names is there and fits."""

    @classmethod
    def outcomes(cls, flow: f.Flow, step: Any) -> tuple[tuple[str, ...], bool] | None:
        """`ends`, and whether more than that can come; None: nothing can be told apart."""
        return (cls.ends, False) if cls.ends else None

    @classmethod
    def words(cls, texts: FlowTexts, step: Any) -> None:
        """Its words in one language are there and fit."""
        texts.said(step)

    @classmethod
    def known(cls, given: Given, step: Any, facts: Facts) -> Iterator[tuple[str, Facts]]:
        """Every outcome with what is known then."""
        yield from ((end, facts) for end in cls.ends or ("",))

    @classmethod
    def stops(cls, flow: f.Flow, step: Any) -> bool:
        """Whether a run waits at it each time it comes by."""
        return cls.told == (False,) or (cls.step.waits and not cls.step.asks and not step.port)

    # --- drawing ---
    @classmethod
    def drawn(cls, step: Any, title: Callable[[str], str]) -> str:
        """What a drawing shows where it has no words. `title`: of a flow, by its name."""
        return ""
