"""The messages that WeChat allows without a request: a number of them for a while after each contact.

The scripts get these rules and count for the residents of a store, `Window` for the store in memory;
tests/store/test_window.py compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.engine import events as e

ALLOWED = {"tap": (60, 3), "message": (172_800, 5)}
"""Seconds and messages; the shorter one is used up first. Source: WeChat's customer-service messages API."""


def opened_by(event: e.Event) -> str:
    """Returns the kind of contact: WeChat counts messages and taps apart. "" for what allows nothing, such as
    an act on the page, of which WeChat knows nothing."""
    if event.mark:
        return ""
    if isinstance(event, e.MenuClicked | e.Subscribed | e.Scanned):
        return "tap"
    return "" if isinstance(event, e.Unsubscribed | e.PersonLeft | e.ActionFinished) else "message"


@dataclass
class Window:
    """`ends`: epoch seconds by kind; `rest`: messages."""

    ends: dict[str, int] = field(default_factory=dict)
    rest: dict[str, int] = field(default_factory=dict)

    def open(self, kind: str, now: int) -> None:
        if kind:
            lasts, count = ALLOWED[kind]
            self.ends[kind], self.rest[kind] = now + lasts, count

    def left(self, now: int) -> int:
        return sum(self.rest[kind] for kind, end in self.ends.items() if end > now)

    def use(self, sent: int, now: int) -> None:
        for kind in ALLOWED:
            if self.ends.get(kind, 0) > now:
                used = min(sent, self.rest[kind])
                self.rest[kind] -= used
                sent -= used

    def shut(self) -> None:
        """Closes it: WeChat refused, or the resident is deleted."""
        self.ends.clear()
        self.rest.clear()
