"""`transfer`: hands the conversation over to a person."""

from __future__ import annotations

from typing import Literal

from bot.content.steps.kind import Kind
from bot.engine.steps import transfer


class Transfer(Kind):
    step = transfer.Transfer
    told = (True,)  # the engine says that the conversation is over
    fill = "#f4effa"

    transfer: Literal["", "person"] = ""
