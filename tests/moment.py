"""When tests happen: at one moment, the same everywhere, which stands still until a test moves it.

`MOMENT="2026-10-01 09:00:00"` in the environment (China's time) has any test happen at another one. Nothing
here or in a test may ask what time it really is (test_moment.py); where something must, its line says why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
USUAL = "2026-11-23 10:00:00"
"""A Monday on which people work; that of replays."""


def epoch(moment: str) -> int:
    """Epoch seconds of China's time, written as ISO 8601 without a zone."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=CHINA).timestamp())


NOW = epoch(os.environ.get("MOMENT") or USUAL)


def china(at: int = NOW) -> datetime:
    """China's time at this second."""
    return datetime.fromtimestamp(at, CHINA)


def day(later: int = 0) -> str:
    """The date so many days later, ISO 8601."""
    return china(NOW + later * 86_400).date().isoformat()


@dataclass
class Clock:
    """Epoch seconds; what create_bot and its like take as `now`. It goes only where a test moves it."""

    at: int = NOW

    def __call__(self) -> int:
        return self.at

    def reach(self, at: int) -> None:
        """It is at least so late."""
        self.at = max(self.at, at)
