"""Whether WeChat has an answer is noted by a thread of its own, which a bug does not end."""

from __future__ import annotations

from typing import Any

from store.servers import until

from bot.engine.effects import Reply
from bot.store.records import ResidentKey
from bot.turn.acks import ReplyAcks


class Stumbles:
    """Raises what no store should, once."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pin_answer(self, _owner: ResidentKey, delivery: str, *_: object) -> None:
        self.asked.append(delivery)
        if len(self.asked) == 1:
            raise KeyError(delivery)


def test_after_a_bug_the_next_answer_is_pinned() -> None:
    store: Any = Stumbles()
    acks = ReplyAcks(store, pushes=False)
    for delivery in ("d1", "d2"):
        acks.pin_answer(ResidentKey("o", "tag", 1), delivery, Reply())
    assert until(lambda: store.asked == ["d1", "d2"])
