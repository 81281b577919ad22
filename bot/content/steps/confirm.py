"""`confirm`: a text that the resident agrees to or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bot.content.steps.kind import FlowTexts, Kind
from bot.engine import flow as f
from bot.engine.steps import confirm


class Deciding(Kind):
    """The common part of `confirm` and `consent`."""

    into = "text"
    ends = ("agreed", "refused")
    box = ("{{", "}}")
    fill = "#fff6e5"
    versioned: ClassVar[bool] = False

    @classmethod
    def words(cls, texts: FlowTexts, step: Any) -> None:
        made, loc = texts.said(step), ("texts", step.text)
        if made is not None and not (made.agreed and made.refused):
            texts.source.error(loc, "answers", key=True, name=step.text)
        if made is not None and cls.versioned and not made.version:
            texts.source.error(loc, "version", key=True, name=step.text)
        elif made is not None and made.version and not cls.versioned:
            texts.source.warn((*loc, "version"), "version-idle", key=True, name=step.text)


class Confirm(Deciding):
    step = confirm.Confirm
    told = (False,)

    confirm: str = ""

    @classmethod
    def placed(cls, step: Any, steps: Mapping[str, f.Step]) -> f.Step:
        """Records whether `agreed` leads straight to a change."""
        rule = step.next.routes.get("agreed") if isinstance(step.next, f.Outcomes) else None
        seen = set[str]()
        while isinstance(rule, f.Go) and rule.step in steps and rule.step not in seen:
            seen.add(rule.step)
            there = steps[rule.step]
            if there.once:
                step = replace(step, before_once=True)
                break
            rule = there.next if there.quiet else None
        made: f.Step = step
        return made
