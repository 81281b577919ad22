"""`say`: sends a text, and may offer what comes next."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bot.content.read.models import TargetModel
from bot.content.read.source import Loc
from bot.content.steps.kind import FlowBuilder, FlowCheck, FlowTexts, Kind
from bot.engine import flow as f
from bot.engine.steps import say


class Say(Kind):
    step = say.Say
    told = (True,)

    say: str = ""
    offer: list[TargetModel] = Field([])

    def fields(self, builder: FlowBuilder, loc: Loc) -> dict[str, Any]:
        return {"text": self.say, "offer": tuple(map(builder.target, self.offer))}

    @classmethod
    def check(cls, check: FlowCheck, step: Any, loc: Loc) -> None:
        offered: set[f.Target] = set()
        for i, target in enumerate(step.offer):
            if target in offered:
                check.source.warn((*loc, "offer", i), "offer-twice", name=target.page or target.flow)
            offered.add(target)
            check.offer(target, (*loc, "offer", i))

    @classmethod
    def words(cls, texts: FlowTexts, step: Any) -> None:
        made = texts.said(step)
        if made is not None and (made.agreed or made.refused or made.words):
            texts.source.error(("texts", step.text), "answers-idle", key=True, name=step.text)
        if made is not None and made.version:
            texts.source.warn(("texts", step.text, "version"), "version-idle", key=True, name=step.text)
