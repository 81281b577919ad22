"""`consent`: like `confirm`, but remembered as long as the version of its text is current."""

from __future__ import annotations

from bot.content.steps.confirm import Deciding
from bot.engine.steps import consent


class Consent(Deciding):
    step = consent.Consent
    told = (None, False)
    versioned = True

    consent: str = ""
