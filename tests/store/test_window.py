"""What WeChat lets through is counted alike for the residents of a store and for the one of a replay."""

from __future__ import annotations

import random

import pytest
from conftest import SEAL_KEY, TAG_KEY

from bot.engine.effects import Reply
from bot.engine.session import Session
from bot.store.connect import connect
from bot.store.outbox import Outbox
from bot.store.records import CommitRequest
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from bot.store.window import ALLOWED, Window

STEPS = ("message", "tap", "send", "send", "send", 25, 100, 90_000)
"""Seconds far enough from where a window ends for a test that takes a few itself."""


@pytest.mark.parametrize("seed", range(4))
def test_a_store_and_a_replay_let_the_same_through(redis_url: str, seed: int) -> None:
    dice = random.Random(seed)
    store = RedisStore(connect(redis_url), Seal([SEAL_KEY], TAG_KEY))
    outbox, owner, window, now = Outbox(store), store.owner(f"resident-{seed}"), Window(), 1_000_000_000
    member, allowed = f"p:{owner.tag}", []
    for _ in range(40):
        step = dice.choice(STEPS)
        if isinstance(step, int):
            now += step
            store.jobs.close_sooner(step, [owner])
            continue
        begun = store.begin(owner, "")
        kind = step if step in ALLOWED else ""
        window.open(kind, now)
        plan = CommitRequest(
            begun.version, begun.session or Session("0" * 12, "zh-CN"), begun.now,
            outbox=Reply(text="好了。"), pushes=True, window=kind,
        )  # fmt: skip
        assert store.commit(owner, "", plan) == "done"
        store.jobs.put_off(owner.shard, member, 0)
        claimed = outbox.claim(owner.shard, member, 30)
        left = claimed.left if claimed else 0
        assert left == window.left(now)
        allowed.append(left)
        if claimed:
            sent = dice.randint(1, left)
            outbox.finish(claimed, len(claimed.items), sent, 1)
            window.use(sent, now)
    assert {0, max(allowed)} <= set(allowed)
    assert max(allowed) > 3


def test_the_rules_are_wechats() -> None:
    window = Window()
    window.open("message", 0)
    assert (window.left(172_799), window.left(172_800)) == (5, 0)
    window.open("tap", 172_800)
    assert (window.left(172_859), window.left(172_860)) == (3, 0)
    window.open("message", 172_800)
    window.use(4, 172_801)
    assert window.left(172_801) == 4, "the three of the tap went first, as they end first"
    window.shut()
    assert window.left(172_801) == 0
